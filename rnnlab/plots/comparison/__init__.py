"""The runs of a session as a table: which columns, which rows, which cells."""
