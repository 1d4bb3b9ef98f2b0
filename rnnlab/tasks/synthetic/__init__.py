"""Tasks whose sequences are generated from a seed, one module each."""
