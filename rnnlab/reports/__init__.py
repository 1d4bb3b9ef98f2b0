"""Reports: Markdown with blocks, rendered as Markdown or as one HTML file, and their figures."""
