"""Cards of the architectures: equations, sources, parameter counts."""
