"""The key id: the first 8 bytes of the SHA-256 of a document signer's certificate (HCERT 1.0.8, section 3.3.2).

Eight bytes can collide, by chance or by design: a key id finds candidates, it never proves anything.
"""

from hashlib import sha256

KEY_ID_LENGTH = 8


def key_id(der: bytes) -> bytes:
    """The 8-byte key id of a certificate, given as DER."""
    return sha256(der).digest()[:KEY_ID_LENGTH]
