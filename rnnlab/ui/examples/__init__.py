"""Examples behind a cell of the confusion matrix: their list, read by a process of its own, and one of them in full."""
