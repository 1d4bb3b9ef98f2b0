"""Figures in sentences: what a person who cannot see them, or has no time to, should know."""
