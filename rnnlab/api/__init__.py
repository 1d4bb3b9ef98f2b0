"""Python interface: train, load runs and sessions, curves, predictions and models, cells of one's own."""
