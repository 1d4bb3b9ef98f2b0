"""Tables in text files: dialect, header, rows in blocks."""
