"""Measurements of Setup's draft: a learning-rate range test, the speed of batch sizes and threads."""
