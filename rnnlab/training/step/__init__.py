"""One update: loss, gradients, clipping, optimiser, learning-rate schedule."""
