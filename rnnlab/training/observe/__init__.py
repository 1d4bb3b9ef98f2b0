"""What is measured while a net trains: progress, gradients, warnings."""
