"""Conclusions from a table of runs: intervals, differences, verdicts, in numbers and in words."""
