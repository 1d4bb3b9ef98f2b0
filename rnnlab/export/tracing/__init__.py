"""A cell as a graph of operations, from which other formats are written."""
