"""Processes that decide what a sweep does next: the controller on one machine, the pilots of a cluster."""
