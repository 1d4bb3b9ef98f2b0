"""What carries out a session's queue: the runner process, its slots and its trainers."""
