"""The lists of tasks and architectures, and the description of the chosen one."""
