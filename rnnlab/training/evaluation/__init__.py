"""Loss, metrics, predictions and forecasts of a subset, and the choice of the best epoch."""
