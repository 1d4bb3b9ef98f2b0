"""Version of the package, on a floor of its own: what stands low may name it."""

__version__ = "0.1.0"
