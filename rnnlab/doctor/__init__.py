"""Findings on this machine and terminal: what works here, what does not, and what to do about it."""
