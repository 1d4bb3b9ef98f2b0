"""What a run leaves on disk while it trains: log, checkpoints, the state to resume from."""
