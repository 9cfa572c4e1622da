"""PKCS#8 key files (RFC 5958) under PBES2 (RFC 8018, scrypt as RFC 7914 section 7): read, checked, written.

`cryptography` writes PBES2 with 2,048 PBKDF2 rounds and offers no way to ask for more; at that cost a stolen file
falls to a word list. So what a file says of its own encryption is read and judged before a password touches it,
and our own files are written with scrypt. OpenSSL and cryptography both read them.
"""

import hashlib
from dataclasses import dataclass
from typing import Final

from asn1crypto import algos, core, keys, pem
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import CBC
from cryptography.hazmat.primitives.padding import PKCS7

from keys.errors import Code, KeysError

PBES2: Final = "1.2.840.113549.1.5.13"
PBKDF2: Final = "1.2.840.113549.1.5.12"
SCRYPT: Final = "1.3.6.1.4.1.11591.4.11"
STRONG_PRF: Final = {"1.2.840.113549.2.9", "1.2.840.113549.2.10", "1.2.840.113549.2.11"}  # HMAC-SHA-256, -384, -512
STRONG_CIPHER: Final = {"2.16.840.1.101.3.4.1.2", "2.16.840.1.101.3.4.1.22", "2.16.840.1.101.3.4.1.42"}  # AES-CBC
MIN_ROUNDS: Final = 600_000
MIN_SCRYPT_N: Final = 16_384
MIN_SCRYPT_R: Final = 8
MIN_SALT: Final = 8
MAX_KEY_FILE: Final = 64 * 1024  # bytes; RSA-3072 under PBES2 has 2.6 kB
SALT_LENGTH: Final = 16
IV_LENGTH: Final = 16


@dataclass(frozen=True, slots=True)
class ScryptCost:
    """scrypt's n, r and p. The default is OWASP's for 16 MiB; a larger n passes OpenSSL's memory limit of 32 MiB."""

    n: int = 16_384
    r: int = 8
    p: int = 5


STANDARD_COST: Final = ScryptCost()


class _ScryptParams(core.Sequence):  # type: ignore[misc]  # asn1crypto is untyped
    _fields = [  # noqa: RUF012  # asn1crypto's declaration
        ("salt", core.OctetString),
        ("cost", core.Integer),
        ("block_size", core.Integer),
        ("parallelism", core.Integer),
        ("key_length", core.Integer, {"optional": True}),
    ]


class _AlgorithmIdentifier(core.Sequence):  # type: ignore[misc]
    _fields = [  # noqa: RUF012
        ("algorithm", core.ObjectIdentifier),
        ("parameters", core.Any, {"optional": True}),
    ]


class _Pbes2Params(core.Sequence):  # type: ignore[misc]
    _fields = [  # noqa: RUF012
        ("key_derivation", _AlgorithmIdentifier),
        ("encryption", _AlgorithmIdentifier),
    ]


class _EncryptedPrivateKeyInfo(core.Sequence):  # type: ignore[misc]
    _fields = [  # noqa: RUF012
        ("algorithm", _AlgorithmIdentifier),
        ("encrypted_data", core.OctetString),
    ]


def require_strong(data: bytes) -> bytes:
    """Judge the encryption of a key file (PEM or DER) without a password; returns its DER.

    Raises KeysError: KEY_FILE_UNREADABLE, KEY_FILE_NOT_ENCRYPTED or KEY_FILE_WEAK.
    """
    der = _der_of(data)
    try:
        info = _EncryptedPrivateKeyInfo.load(der, strict=True)
        _require_pbes2(info["algorithm"])
    except (ValueError, TypeError, KeyError) as error:
        if _is_plain(der):
            raise KeysError(Code.KEY_FILE_NOT_ENCRYPTED) from error
        raise KeysError(Code.KEY_FILE_UNREADABLE) from error
    return der


def encrypt(pkcs8: bytes, password: bytes, *, salt: bytes, iv: bytes, cost: ScryptCost = STANDARD_COST) -> bytes:
    """A PKCS#8 private key (DER) encrypted with scrypt and AES-256-CBC, as PEM; `salt` and `iv` are 16 random bytes.

    Raises KeysError(KEY_FILE_WEAK) if the cost is below what `require_strong` would accept.
    """
    _require_scrypt(salt, cost.n, cost.r, cost.p)
    if len(iv) != IV_LENGTH:
        raise KeysError(Code.KEY_FILE_WEAK, f"initialisation vector of {len(iv)} bytes")
    key = hashlib.scrypt(password, salt=salt, n=cost.n, r=cost.r, p=cost.p, maxmem=64 * 1024 * 1024, dklen=32)
    padder = PKCS7(128).padder()
    padded = padder.update(pkcs8) + padder.finalize()
    encryptor = Cipher(AES256(key), CBC(iv)).encryptor()
    scrypt = _ScryptParams({"salt": salt, "cost": cost.n, "block_size": cost.r, "parallelism": cost.p})
    parameters = _Pbes2Params(
        {
            "key_derivation": {"algorithm": SCRYPT, "parameters": scrypt},
            "encryption": {"algorithm": "2.16.840.1.101.3.4.1.42", "parameters": core.OctetString(iv)},
        }
    )
    info = _EncryptedPrivateKeyInfo(
        {
            "algorithm": {"algorithm": PBES2, "parameters": parameters},
            "encrypted_data": encryptor.update(padded) + encryptor.finalize(),
        }
    )
    return bytes(pem.armor("ENCRYPTED PRIVATE KEY", info.dump()))


def _der_of(data: bytes) -> bytes:
    if len(data) > MAX_KEY_FILE:
        raise KeysError(Code.KEY_FILE_UNREADABLE, f"{len(data)} bytes")
    if b"-----BEGIN" not in data:
        return data
    if data.count(b"-----BEGIN") != 1:
        raise KeysError(Code.KEY_FILE_UNREADABLE, "more than one PEM block")
    try:
        kind, headers, der = pem.unarmor(data)
    except ValueError as error:
        raise KeysError(Code.KEY_FILE_UNREADABLE, "broken PEM") from error
    if headers:
        raise KeysError(Code.KEY_FILE_WEAK, "the old OpenSSL PEM encryption (one round of MD5)")
    if kind != "ENCRYPTED PRIVATE KEY":
        code = Code.KEY_FILE_NOT_ENCRYPTED if kind.endswith("PRIVATE KEY") else Code.KEY_FILE_UNREADABLE
        raise KeysError(code)
    return bytes(der)


def _is_plain(der: bytes) -> bool:
    try:
        keys.PrivateKeyInfo.load(der, strict=True).native  # noqa: B018  # .native parses the whole structure
    except (ValueError, TypeError, KeyError):
        return False
    return True


def _require_pbes2(algorithm: _AlgorithmIdentifier) -> None:
    if algorithm["algorithm"].dotted != PBES2:
        raise KeysError(Code.KEY_FILE_WEAK, f"encryption {algorithm['algorithm'].dotted} is not PBES2")
    parameters = algorithm["parameters"].parse(_Pbes2Params)
    cipher = parameters["encryption"]["algorithm"].dotted
    if cipher not in STRONG_CIPHER:
        raise KeysError(Code.KEY_FILE_WEAK, f"cipher {cipher}")
    derivation = parameters["key_derivation"]
    match derivation["algorithm"].dotted:
        case kdf if kdf == SCRYPT:
            scrypt = derivation["parameters"].parse(_ScryptParams)
            cost, block, parallel = (scrypt[name].native for name in ("cost", "block_size", "parallelism"))
            _require_scrypt(scrypt["salt"].native, cost, block, parallel)
        case kdf if kdf == PBKDF2:
            pbkdf2 = derivation["parameters"].parse(algos.Pbkdf2Params)
            rounds, prf = pbkdf2["iteration_count"].native, pbkdf2["prf"]["algorithm"].dotted
            if rounds < MIN_ROUNDS or prf not in STRONG_PRF or len(pbkdf2["salt"].native) < MIN_SALT:
                raise KeysError(Code.KEY_FILE_WEAK, f"PBKDF2 with {rounds} rounds, PRF {prf}")
        case kdf:
            raise KeysError(Code.KEY_FILE_WEAK, f"key derivation {kdf}")


def _require_scrypt(salt: bytes, n: int, r: int, p: int) -> None:
    if n < MIN_SCRYPT_N or r < MIN_SCRYPT_R or p < 1 or len(salt) < MIN_SALT:
        raise KeysError(Code.KEY_FILE_WEAK, f"scrypt with N={n}, r={r}, p={p}, {len(salt)} bytes of salt")
