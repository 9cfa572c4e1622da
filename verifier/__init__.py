"""The second path: from a scan to a verdict."""
