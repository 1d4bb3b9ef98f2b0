"""What a net reads while it trains: batches, their order and their augmentation."""
