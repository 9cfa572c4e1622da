"""A Signer over PKCS#11 hardware: the private key never leaves the token.

Hash first, then CKM_ECDSA or CKM_RSA_PKCS_PSS over the digest. Hardware signatures are random: whoever calls stores a
signature before releasing it. One session per thread; a process that was forked must open the token again itself,
so start workers with `spawn`.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, cast

import pkcs11
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pkcs11 import Attribute, KeyType, Mechanism, ObjectClass
from pkcs11.mechanisms import MGF
from pkcs11.util.ec import encode_ec_public_key, encode_named_curve_parameters

from keys.certificates import RawSign
from keys.errors import Code, KeysError
from keys.new_key import RSA_BITS
from keys.raw_signature import DIGEST_LENGTH, algorithm_of, verifies
from keys.signer import DocumentSigner
from specs.cose import Algorithm

PSS_PARAMETERS: Final = (Mechanism.SHA256, MGF.SHA256, DIGEST_LENGTH)
WRONG_PIN: Final = (
    pkcs11.exceptions.PinIncorrect,
    pkcs11.exceptions.PinInvalid,
    pkcs11.exceptions.PinLenRange,
    pkcs11.exceptions.PinLocked,
    pkcs11.exceptions.PinExpired,
    pkcs11.exceptions.UserPinNotInitialized,
)
NO_KEY: Final = (
    pkcs11.exceptions.NoSuchKey,
    pkcs11.exceptions.MultipleObjectsReturned,
)
LOST: Final = (
    pkcs11.exceptions.KeyHandleInvalid,  # a handle that was good: the token logged out, or somebody destroyed the key
    pkcs11.exceptions.ObjectHandleInvalid,
    pkcs11.exceptions.SessionClosed,
    pkcs11.exceptions.SessionHandleInvalid,
    pkcs11.exceptions.UserNotLoggedIn,
    pkcs11.exceptions.DeviceRemoved,
    pkcs11.exceptions.TokenNotPresent,
)

# python-pkcs11 calls C_Initialize(NULL), by which a module may assume one thread, and drops the GIL in each call;
# SoftHSM then crashes. More throughput comes from more processes.
ONE_AT_A_TIME: Final = threading.RLock()


@contextmanager
def _module_call(where: str) -> Iterator[None]:
    """One thread at a time in the module, and its errors as ours."""
    try:
        with ONE_AT_A_TIME:
            yield
    except pkcs11.PKCS11Error as error:
        code = (
            Code.HSM_PIN
            if isinstance(error, WRONG_PIN)
            else Code.HSM_KEY
            if isinstance(error, NO_KEY)
            else Code.HSM_SESSION
            if isinstance(error, LOST)
            else Code.HSM_UNAVAILABLE
        )
        raise KeysError(code, f"{where}: {type(error).__name__}") from error
    except RuntimeError as error:  # what python-pkcs11 raises for a module that is no module
        raise KeysError(Code.HSM_UNAVAILABLE, where) from error


@dataclass(slots=True)
class _ThreadSession:
    """One thread's session, and the handles of private keys already examined in it."""

    session: Any
    private_keys: dict[str, Any] = field(default_factory=dict)


class Pkcs11Token:
    """One token, logged in to, for the threads of the process that opened it; their sessions end with it."""

    def __init__(self, module: Path, token_label: str, pin: bytes) -> None:
        """Open and log in. Raises KeysError: HSM_UNAVAILABLE, HSM_PIN."""
        self._where = f"token {token_label!r}"
        self._process = os.getpid()
        self._threads = threading.local()
        self._sessions: list[Any] = []
        with _module_call(self._where):
            self._token = pkcs11.lib(str(module)).get_token(token_label=token_label)
            # login counts for every session of the process, so this one lives as long as the token is in use
            self._login = self._token.open(rw=True, user_pin=pin.decode("utf-8", "replace"))

    def __repr__(self) -> str:
        return f"Pkcs11Token({self._where})"

    def __reduce__(self) -> str:
        raise TypeError("a token cannot be pickled; open it in each process")

    def close(self) -> None:
        """Log out; signers on this token end in HSM_SESSION."""
        with _module_call(self._where):
            for session in (*self._sessions, self._login):
                session.close()
            self._sessions.clear()

    def generate(self, label: str, algorithm: Algorithm) -> None:
        """Make a key pair in the token, SENSITIVE and not EXTRACTABLE. Raises KeysError(CEREMONY_EXISTS)."""
        with _module_call(self._where):
            if next(iter(self._login.get_objects({Attribute.LABEL: label})), None) is not None:
                raise KeysError(Code.CEREMONY_EXISTS, f"{self._where}, key {label!r}")
            private = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
            if algorithm is Algorithm.ES256:
                curve = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
                parameters = self._login.create_domain_parameters(KeyType.EC, curve, local=True)
                parameters.generate_keypair(label=label, store=True, private_template=private)
            else:
                self._login.generate_keypair(KeyType.RSA, RSA_BITS, label=label, store=True, private_template=private)

    def public_key(self, label: str) -> EllipticCurvePublicKey | RSAPublicKey:
        """The public half as the token shows it. Raises KeysError: HSM_KEY, KEY_UNSUPPORTED."""
        with _module_call(f"{self._where}, key {label!r}"):
            found = self._session().session.get_key(object_class=ObjectClass.PUBLIC_KEY, label=label)
            if found.key_type is KeyType.EC:
                key = load_der_public_key(encode_ec_public_key(found))
            elif found.key_type is KeyType.RSA:
                exponent, modulus = found[Attribute.PUBLIC_EXPONENT], found[Attribute.MODULUS]
                key = RSAPublicNumbers(int.from_bytes(exponent), int.from_bytes(modulus)).public_key()
            else:
                raise KeysError(Code.KEY_UNSUPPORTED, f"{self._where}, key {label!r}")
        if algorithm_of(key) is None or not isinstance(key, EllipticCurvePublicKey | RSAPublicKey):
            raise KeysError(Code.KEY_UNSUPPORTED, f"{self._where}, key {label!r}")
        return key

    def raw_signing(self, label: str) -> RawSign:
        """digest -> raw signature, unchecked; refuses a key that the token would give away (HSM_KEY)."""
        algorithm = algorithm_of(self.public_key(label))
        self._private(label)

        def sign(digest: bytes) -> bytes:
            with _module_call(f"{self._where}, key {label!r}"):
                key = self._private(label)
                if algorithm is Algorithm.ES256:
                    return cast(bytes, key.sign(digest, mechanism=Mechanism.ECDSA))
                return cast(bytes, key.sign(digest, mechanism=Mechanism.RSA_PKCS_PSS, mechanism_param=PSS_PARAMETERS))

        return sign

    def _session(self) -> _ThreadSession:
        if os.getpid() != self._process:
            raise KeysError(Code.HSM_SESSION, f"{self._where} was opened by the process that forked this one")
        try:
            return cast(_ThreadSession, self._threads.mine)
        except AttributeError:
            with _module_call(self._where):
                session = self._token.open()
                self._sessions.append(session)
            self._threads.mine = _ThreadSession(session)
            return cast(_ThreadSession, self._threads.mine)

    def _private(self, label: str) -> Any:
        mine = self._session()
        key = mine.private_keys.get(label)
        if key is None:
            with _module_call(f"{self._where}, key {label!r}"):
                key = mine.session.get_key(object_class=ObjectClass.PRIVATE_KEY, label=label)
                if not key[Attribute.SENSITIVE] or key[Attribute.EXTRACTABLE]:
                    raise KeysError(Code.HSM_KEY, f"{self._where}, key {label!r} can be read out")
            mine.private_keys[label] = key
        return key


class Pkcs11Signer:
    """One key of a token and its certificate."""

    def __init__(self, token: Pkcs11Token, label: str, certificate: bytes) -> None:
        """`certificate` is PEM or DER. Raises KeysError: KEY_CERTIFICATE_MISMATCH, HSM_KEY, KEY_UNSUPPORTED."""
        self._public = DocumentSigner.of_certificate(certificate)
        if token.public_key(label) != self._public.public_key:
            raise KeysError(Code.KEY_CERTIFICATE_MISMATCH, f"kid {self._public.kid.hex()}, key {label!r}")
        self._sign = token.raw_signing(label)

    def __repr__(self) -> str:
        return f"Pkcs11Signer(kid={self._public.kid.hex()})"

    def certificate(self) -> DocumentSigner:
        """The public half."""
        return self._public

    def sign(self, digest: bytes) -> bytes:
        """See `keys.signer.Signer.sign`; a token that lies is caught here."""
        if len(digest) != DIGEST_LENGTH:
            raise KeysError(Code.DIGEST_LENGTH, f"{len(digest)} bytes")
        signature = self._sign(digest)
        if not verifies(self._public.public_key, digest, signature):
            raise KeysError(Code.SIGNATURE_WRONG, f"kid {self._public.kid.hex()}")
        return signature
