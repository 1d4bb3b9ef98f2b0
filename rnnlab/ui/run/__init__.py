"""The Run screen: one run's curves, confusion matrix, gradients and samples."""
