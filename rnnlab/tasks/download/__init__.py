"""From an address to a checked folder: transfer, archives, checksums, the manifest."""
