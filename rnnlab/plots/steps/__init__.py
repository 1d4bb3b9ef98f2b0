"""Drawings of one prediction, step by step: probabilities, hidden states and gates, the input and its forecast."""
