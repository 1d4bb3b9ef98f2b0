"""What every recurrent cell has in common: the contract, linear scans, PyTorch's own layers, truncated backpropagation."""
