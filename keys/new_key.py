"""Making private keys and their encrypted files."""

import os
from collections.abc import Callable

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from keys.file_signer import PrivateKey
from keys.pbes2 import IV_LENGTH, SALT_LENGTH, STANDARD_COST, ScryptCost, encrypt
from specs.cose import Algorithm

RSA_BITS = 2048  # the smaller of the two allowed sizes: each bit more makes every QR code larger


def new_key(algorithm: Algorithm) -> PrivateKey:
    """A fresh key: P-256 for ES256, RSA-2048 for PS256; from the operating system's randomness."""
    if algorithm is Algorithm.ES256:
        return generate_private_key(SECP256R1())
    return rsa.generate_private_key(public_exponent=65537, key_size=RSA_BITS)


def encrypted_pem(
    key: PrivateKey | X25519PrivateKey,
    password: bytes,
    *,
    cost: ScryptCost = STANDARD_COST,
    randomness: Callable[[int], bytes] = os.urandom,
) -> bytes:
    """The key as an encrypted PKCS#8 file (see `keys.pbes2.encrypt`)."""
    # plain only here, in memory, on its way into encrypt()
    plain = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return encrypt(plain, password, salt=randomness(SALT_LENGTH), iv=randomness(IV_LENGTH), cost=cost)
