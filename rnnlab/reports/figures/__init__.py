"""Figures as pictures: each with its numbers, a description in words, its text plot, and a drawing by matplotlib."""
