"""Agent clients: one file each, its dialect in and its dialect out."""
