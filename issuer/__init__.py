"""The first path: from a facility's dose list to a signed certificate on paper."""
