"""What helps a person along: the tour of the first start, and what `rnnlab doctor` finds."""
