"""Promises that rnnlab makes, each a script that tries to break one and says what it found."""
