"""Ways through a net that are quick on a CPU: single sequences, shared prefixes, matrix products."""
