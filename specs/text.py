"""The text in the QR code: the prefix, and how long a text may be (`certificate.md` section 1.6)."""

PREFIX = "HC1:"
"""Exactly this. Later versions of HCERT take HC2: to HC9: and HCA: to HCZ:."""

MAX_CHARACTERS = 4296
"""What the largest QR code (version 40, level L) holds in alphanumeric mode (ISO/IEC 18004 table 7)."""
