"""What a report is about: runs, compared; which of them a block shows; their confusion counts."""
