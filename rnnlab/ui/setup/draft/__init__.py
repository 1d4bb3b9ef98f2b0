"""A configuration while it is written: its texts, its command, what it costs, and whether it was trained before."""
