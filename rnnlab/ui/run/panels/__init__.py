"""The panels of the Run screen: widgets that draw a followed run as lines."""
