"""A certificate as an A4 page: what stands on it, how it is set, and many of them at once."""
