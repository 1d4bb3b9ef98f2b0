"""Cost of a sweep before it is begun: this machine's speed, minutes, bytes."""
