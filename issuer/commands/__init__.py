"""One module for every word of `python -m issuer`: `add_parser` describes it, `run` does it."""
