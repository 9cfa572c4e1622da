"""The subcommands of `python -m keys`, a module each: `add_parser` says what it takes, `run` does it."""
