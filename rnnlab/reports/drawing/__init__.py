"""Drawing with matplotlib: colours, axes, lines, heat maps, and what a figure shows in words."""
