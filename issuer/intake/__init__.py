"""Taking in a facility's file: what it is, what its sheets and columns mean, every row kept as it came."""
