"""Cells of a person's own: importing their file where the person chose it, and checking it in a process of its own."""
