"""Sweeps: many runs from one specification, their statistics, and what can be concluded from them."""
