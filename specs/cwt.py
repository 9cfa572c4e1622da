"""The CWT claims (RFC 8392) around a DCC: issuer, issued-at, expiry and hcert (`certificate.md` section 2).

The encoder is strict and deterministic (RFC 8949 section 4.2.1: sorted keys, shortest heads, definite lengths). The
decoder takes the tolerances that real certificates need: whole numbers as floats, and tag 1 around them.
"""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from specs import cbor, national_claim
from specs.errors import WireError
from specs.national_claim import CLAIM_BYTES, NationalClaim
from specs.verdicts import Reason

HOME_COUNTRY = "VN"

_ISS, _EXP, _IAT, _HCERT = 1, 4, 6, -260
_DCC = 1
_TIME_LIMIT = 1 << 33  # seconds; year 2242, so that every accepted time fits a datetime

_DCC_CBOR = cbor.head(cbor.NEGATIVE, -1 - _HCERT) + b"\xa2\x01"
_NATIONAL_CBOR = cbor.head(cbor.NEGATIVE, -1 - national_claim.HCERT_KEY) + cbor.head(cbor.BYTES, CLAIM_BYTES)


class Claims(NamedTuple):
    """The claims of one certificate. Times are seconds since 1970 (NumericDate), None where the claim is missing,
    not a whole number, or outside 1970 to 2242: the step that checks times refuses those.

    `issuing_country` is the `iss` text as it stands, which some foreign issuers fill with a sentence; `dcc` is the
    EU DCC map; `national_bytes` is set for our own certificates only. `is_own_form` says that
    `specs.own_form` has read them, which leaves the schema nothing to check. A tuple, since one is made for every scan.
    """

    issuing_country: str | None
    issued_at: int | None
    expires_at: int | None
    dcc: Mapping[str, Any]
    national_bytes: bytes | None
    is_own_form: bool = False

    @property
    def national(self) -> NationalClaim | None:
        """Our own facts beside the DCC."""
        return None if self.national_bytes is None else NationalClaim.from_claim(self.national_bytes)

    def __repr__(self) -> str:
        return f"Claims({self.issuing_country!r}, {self.issued_at}, {self.expires_at})"


def encode_claims(issuing_country: str, issued_at: int, expires_at: int, dcc: bytes, national: NationalClaim) -> bytes:
    """Return the claims map as deterministic CBOR; `dcc` is the DCC map, already CBOR."""
    return _before_dcc(issuing_country, issued_at, expires_at) + dcc + _NATIONAL_CBOR + national.to_bytes()


@lru_cache(maxsize=64)  # one batch shares issuer and times
def _before_dcc(issuing_country: str, issued_at: int, expires_at: int) -> bytes:
    unsigned = cbor.UNSIGNED
    return b"\xa4\x01%b\x04%b\x06%b%b" % (
        cbor.text(issuing_country),
        cbor.head(unsigned, expires_at),
        cbor.head(unsigned, issued_at),
        _DCC_CBOR,
    )


def _numeric_date(value: Any) -> int | None:
    if type(value) is not int:
        if type(value) is not float or not value.is_integer():
            return None
        value = int(value)
    return value if 0 <= value < _TIME_LIMIT else None


def decode_claims(payload: bytes) -> Claims:
    """Read the claims in a COSE payload.

    Raises:
        WireError: CBOR_* as `cbor.decode`; CLAIMS_MALFORMED for a claim missing or of the wrong type;
            NOT_SUPPORTED for an hcert that holds no EU DCC (`certificate.md` section 2.2).
    """
    claims = cbor.decode(payload, tags=cbor.DATE_TAGS)
    if type(claims) is not dict:
        raise WireError(Reason.CLAIMS_MALFORMED, "the payload is no map")
    issuing_country = claims.get(_ISS)
    if issuing_country is not None and type(issuing_country) is not str:
        raise WireError(Reason.CLAIMS_MALFORMED, f"claim {_ISS} is no text")
    hcert = claims.get(_HCERT)
    if type(hcert) is not dict or not hcert:
        raise WireError(Reason.CLAIMS_MALFORMED, f"claim {_HCERT} is no map with something in it")
    if _DCC not in hcert:
        raise WireError(Reason.NOT_SUPPORTED, "no EU DCC in the health certificate claim")
    dcc = hcert[_DCC]
    if type(dcc) is not dict:
        raise WireError(Reason.CLAIMS_MALFORMED, "the DCC is no map")
    national = None
    if issuing_country == HOME_COUNTRY and national_claim.HCERT_KEY in hcert:
        national = hcert[national_claim.HCERT_KEY]
        if type(national) is not bytes or len(national) != CLAIM_BYTES:
            raise WireError(Reason.CLAIMS_MALFORMED, f"the national claim is not {CLAIM_BYTES} bytes")
    return Claims(issuing_country, _numeric_date(claims.get(_IAT)), _numeric_date(claims.get(_EXP)), dcc, national)
