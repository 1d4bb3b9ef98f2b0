"""What a report is made of: a person's Markdown with blocks, their options, and the elements they become."""
