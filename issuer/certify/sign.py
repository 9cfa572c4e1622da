"""Sign claims: CBOR claims in, HC1 text out (`certificate.md` sections 1.2 to 1.6).

Many certificates pass through one stage after the other, in chunks: a stage that stays in the processor's caches
takes half the time of one that takes turns with the signature arithmetic. Nothing leaves before it has been read
back from its own text and found to carry exactly the claims that came in.
"""

import hashlib
from collections.abc import Sequence

from issuer.certify.base45_table import encode_chunk
from issuer.errors import Code, IssuerError
from keys.signer import Signer
from specs import base45
from specs.compression import deflate, inflate
from specs.cose import decode_sign1, encode_sign1, protected_header, to_be_signed
from specs.errors import WireError
from specs.text import PREFIX

CHUNK = 256
"""Certificates to a stage: enough to fill the caches, few enough to stay in them."""


def seal(claims: Sequence[bytes], signer: Signer, *, reread: bool = True) -> list[str]:
    """Return the HC1 text of each claims map (deterministic CBOR of `specs.cwt`), in order.

    The signer verifies each signature with its public key. With `reread`, every text is decoded again and must give
    the claims, the signature and the header that went in; without it the caller has to do so.

    Raises:
        IssuerError: SELF_CHECK_FAILED if a text does not read back as what was signed; no text is returned then.
        KeysError: whatever the signer refuses.
    """
    texts: list[str] = []
    for start in range(0, len(claims), CHUNK):
        texts += _seal_chunk(claims[start : start + CHUNK], signer, reread)
    return texts


def _seal_chunk(claims: Sequence[bytes], signer: Signer, reread: bool) -> list[str]:
    public = signer.certificate()
    protected = protected_header(public.algorithm, public.kid)
    digests = [hashlib.sha256(to_be_signed(protected, each)).digest() for each in claims]
    sign = signer.sign
    signatures = [sign(digest) for digest in digests]
    envelopes = [encode_sign1(protected, *parts) for parts in zip(claims, signatures, strict=True)]
    texts = [PREFIX + text for text in encode_chunk([deflate(envelope) for envelope in envelopes])]
    if reread:
        for text, *parts in zip(texts, claims, signatures, strict=True):
            _require_same(text, protected, *parts)
    return texts


def _require_same(text: str, protected: bytes, claims: bytes, signature: bytes) -> None:
    """Read `text` as a verifier would; the signer has verified `signature` over these very bytes."""
    try:
        read = decode_sign1(inflate(base45.decode(text.removeprefix(PREFIX))))
    except WireError as error:
        raise IssuerError(Code.SELF_CHECK_FAILED, error.detail) from error
    if (read.protected, read.payload, read.signature) != (protected, claims, signature):
        raise IssuerError(Code.SELF_CHECK_FAILED, "the text reads back as something else")
