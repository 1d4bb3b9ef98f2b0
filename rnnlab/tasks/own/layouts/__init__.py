"""Layouts in which people have many sequences: a step a row, a sequence a row, a file a recording."""
