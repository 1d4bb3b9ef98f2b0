"""The confusion matrix of a run as one moves in it: its epochs, its cursor, its order."""
