"""What every kind of file has: findings, limits, labels, sequences with their targets."""
