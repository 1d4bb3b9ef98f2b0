"""The course of a run as text: its events, and its evaluations."""
