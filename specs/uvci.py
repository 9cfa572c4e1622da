"""The unique vaccination certificate identifier: opaque, random, never reused (`certificate.md` section 2.4)."""

import re

RANDOM_BYTES = 16
_PREFIX = "URN:UVCI:01:VN:"
_OURS = re.compile(r"URN:UVCI:01:VN:[0-9A-F]{32}")


def uvci(random: bytes) -> str:
    """Return the identifier made of 16 random bytes, option 3 of the EU guideline: opaque, no checksum."""
    if len(random) != RANDOM_BYTES:
        raise ValueError(f"a UVCI is made of {RANDOM_BYTES} random bytes")
    return _PREFIX + random.hex().upper()


def is_ours(identifier: str) -> bool:
    """Say whether `identifier` has the form that this issuer gives."""
    return _OURS.fullmatch(identifier) is not None
