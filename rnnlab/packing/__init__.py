"""Packing a session into one file, and unpacking one safely."""
