"""zlib around the signed certificate (RFC 1950; `certificate.md` section 1.4), bounded on the way back."""

import zlib

from specs.errors import WireError
from specs.verdicts import Reason

MAX_INFLATED = 16 * 1024
"""Bytes. The largest real certificate inflates to 870; zlib alone would let a QR code grow to 2.95 MB."""

STORED = 0
"""One dose does not compress: level 9 saves two characters for the time of a signature (decision 0003)."""

_STORED_LIMIT = 0xFFFF  # a stored block's length field (RFC 1951 section 3.2.4)


def deflate(data: bytes, level: int = STORED) -> bytes:
    """Return the zlib stream of `data`; `level` 0 (stored) to 9, as in RFC 1950."""
    if level == STORED and len(data) <= _STORED_LIMIT:
        size = len(data).to_bytes(2, "little")
        inverse = (len(data) ^ _STORED_LIMIT).to_bytes(2, "little")
        return b"\x78\x01\x01" + size + inverse + data + zlib.adler32(data).to_bytes(4, "big")
    return zlib.compress(data, level)


def inflate(stream: bytes) -> bytes:
    """Return what `stream` holds: one whole zlib stream, at most MAX_INFLATED bytes inside, nothing after it.

    Raises:
        WireError: ZLIB_MALFORMED, ZLIB_TOO_LARGE or ZLIB_TRAILING_BYTES.
    """
    inflater = zlib.decompressobj()
    try:
        data = inflater.decompress(stream, MAX_INFLATED + 1)
    except zlib.error as error:
        raise WireError(Reason.ZLIB_MALFORMED, "not a zlib stream") from error
    if len(data) > MAX_INFLATED:
        raise WireError(Reason.ZLIB_TOO_LARGE, f"more than {MAX_INFLATED} bytes inside")
    if not inflater.eof:
        raise WireError(Reason.ZLIB_MALFORMED, "the stream is cut off")
    if inflater.unused_data:
        raise WireError(Reason.ZLIB_TRAILING_BYTES, f"{len(inflater.unused_data)} bytes after the stream")
    return data
