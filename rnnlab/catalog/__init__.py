"""Cards of tasks and architectures: what there is, as data alone, without torch and NumPy."""
