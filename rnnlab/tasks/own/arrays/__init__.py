"""Arrays: .npz and .npy files."""
