"""One module a task; NumPy only. `load` is imported where it is needed: this package's import costs nothing."""
