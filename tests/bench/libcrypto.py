"""Raw P-256 in the system's libcrypto: what no chain around a signature can beat, measured without any wrapper of ours.

EVP_PKEY_sign and EVP_PKEY_verify over ready SHA-256 digests, contexts made once.
"""

import ctypes
import ctypes.util
from collections.abc import Sequence

_DER_SIGNATURE = 72  # bytes, the longest that P-256 gives


class Libcrypto:
    """One P-256 key in libcrypto; `private` is PKCS#8 DER without a password."""

    def __init__(self, private: bytes) -> None:
        name = ctypes.util.find_library("crypto")
        if name is None:
            raise SystemExit("libcrypto is not installed: apt-get install libssl3")
        lib = ctypes.CDLL(name)
        pointer, size = ctypes.c_void_p, ctypes.c_size_t
        lib.OpenSSL_version.restype = ctypes.c_char_p
        lib.d2i_AutoPrivateKey.restype = lib.EVP_PKEY_CTX_new.restype = pointer
        lib.d2i_AutoPrivateKey.argtypes = [pointer, ctypes.POINTER(ctypes.c_char_p), ctypes.c_long]
        lib.EVP_PKEY_CTX_new.argtypes = [pointer, pointer]
        lib.EVP_PKEY_sign_init.argtypes = lib.EVP_PKEY_verify_init.argtypes = [pointer]
        lib.EVP_PKEY_sign.argtypes = [pointer, ctypes.c_char_p, ctypes.POINTER(size), ctypes.c_char_p, size]
        lib.EVP_PKEY_verify.argtypes = [pointer, ctypes.c_char_p, size, ctypes.c_char_p, size]
        key = lib.d2i_AutoPrivateKey(None, ctypes.byref(ctypes.c_char_p(private)), len(private))
        self._sign_context = lib.EVP_PKEY_CTX_new(key, None)
        self._verify_context = lib.EVP_PKEY_CTX_new(key, None)
        if not key or lib.EVP_PKEY_sign_init(self._sign_context) != 1:
            raise SystemExit("libcrypto refuses the key")
        if lib.EVP_PKEY_verify_init(self._verify_context) != 1:
            raise SystemExit("libcrypto refuses the key")
        self._lib = lib
        self.version: str = lib.OpenSSL_version(0).decode()

    def sign(self, digests: Sequence[bytes]) -> list[bytes]:
        """DER signatures."""
        sign, context = self._lib.EVP_PKEY_sign, self._sign_context
        buffer, length = ctypes.create_string_buffer(_DER_SIGNATURE), ctypes.c_size_t()
        by_reference, signatures = ctypes.byref(length), []
        for digest in digests:
            length.value = _DER_SIGNATURE
            if sign(context, buffer, by_reference, digest, 32) != 1:
                raise SystemExit("EVP_PKEY_sign failed")
            signatures.append(buffer.raw[: length.value])
        return signatures

    def verify(self, digests: Sequence[bytes], signatures: Sequence[bytes]) -> None:
        """Every signature must be right."""
        verify, context = self._lib.EVP_PKEY_verify, self._verify_context
        for digest, signature in zip(digests, signatures, strict=True):
            if verify(context, signature, len(signature), digest, 32) != 1:
                raise SystemExit("EVP_PKEY_verify failed")
