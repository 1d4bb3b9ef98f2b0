"""Searching the tasks, the architectures and the settings of Setup."""
