"""What charts are drawn with: canvas, axes, curves, bars, legends."""
