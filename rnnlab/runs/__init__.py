"""A run on disk: events, log, reducer, commands, session folders, and comparisons of them."""
