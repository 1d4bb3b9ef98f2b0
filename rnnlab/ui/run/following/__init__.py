"""A run as it grows, read on from its log for whoever shows it."""
