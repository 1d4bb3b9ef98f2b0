"""A net before it is built: its layers, parameter counts and estimated cost, without torch."""
