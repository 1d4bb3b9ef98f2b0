"""A specification filled in, and written as Markdown or as one page."""
