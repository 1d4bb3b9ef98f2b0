"""Blocks of a report: what each kind of fence is filled with."""
