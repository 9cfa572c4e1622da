"""The issuer's policy: one TOML file, every key of it optional, none unknown.

[certificate]
issuer = "MOH"            # `is`: short, since it stands in every QR code
validity_months = 12      # QĐ 5772: the code dies 12 months after it was made
era = "2021-22"           # vp codes of the campaign's certificates; "current" for those of the newest value sets

[attestation]
max_batch = 10000         # doses under one signature
max_per_day = 20000       # doses a facility may attest in one day of Vietnam's calendar
many_on_one_day = 2000    # doses of one day that the head is asked to look at twice
"""

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, TypeVar

from issuer.errors import Code, IssuerError, Where

__all__ = ["AttestationPolicy", "CertificatePolicy", "Policy", "load_policy"]

ERAS = ("2021-22", "current")
MOST_ISSUER = 80  # characters, by the schema of the DCC
MOST = {
    "validity_months": 60,  # beyond five years no document signer's certificate would last
    "max_batch": 1_000_000,  # a tree is rebuilt in memory
    "max_per_day": 10_000_000,
    "many_on_one_day": 10_000_000,
}
"""The largest value of each number; what is larger is a slip of the finger."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CertificatePolicy:
    """What a certificate says beside the record's facts."""

    issuer: str = "MOH"
    validity_months: int = 12
    era: str = "2021-22"


@dataclass(frozen=True, slots=True)
class AttestationPolicy:
    """How much one facility may attest."""

    max_batch: int = 10_000
    max_per_day: int = 20_000
    many_on_one_day: int = 2_000


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole configuration; as it stands here without a file."""

    certificate: CertificatePolicy = CertificatePolicy()
    attestation: AttestationPolicy = AttestationPolicy()


def load_policy(path: Path | None) -> Policy:
    """The policy of a file, or the one above. Raises IssuerError (FILE_MISSING, CONFIG_REFUSED) naming the key."""
    if path is None:
        return Policy()
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise IssuerError(Code.FILE_MISSING, where=Where(str(path))) from error
    except OSError as error:
        raise IssuerError(Code.FILE_UNREADABLE, error.strerror or "", Where(str(path))) from error
    except UnicodeDecodeError as error:
        row = error.object.count(b"\n", 0, error.start) + 1
        raise IssuerError(Code.CONFIG_REFUSED, "not UTF-8", Where(str(path), row=row)) from error
    except tomllib.TOMLDecodeError as error:
        raise IssuerError(Code.CONFIG_REFUSED, str(error), Where(str(path))) from error
    except RecursionError as error:
        raise IssuerError(Code.CONFIG_REFUSED, "nested too deep", Where(str(path))) from error
    for name in raw:
        if name not in ("certificate", "attestation"):
            raise IssuerError(Code.CONFIG_REFUSED, f"no section {name}", Where(str(path)))
    policy = Policy(
        _section(CertificatePolicy, raw.get("certificate", {}), path),
        _section(AttestationPolicy, raw.get("attestation", {}), path),
    )
    if policy.certificate.era not in ERAS:
        raise IssuerError(Code.CONFIG_REFUSED, f"era is one of {', '.join(ERAS)}", Where(str(path)))
    issuer = policy.certificate.issuer
    if not 1 <= len(issuer.strip()) <= len(issuer) <= MOST_ISSUER or not issuer.isprintable():
        raise IssuerError(Code.CONFIG_REFUSED, f"issuer has 1 to {MOST_ISSUER} printable characters", Where(str(path)))
    return policy


def _section(kind: type[T], raw: Any, path: Path) -> T:
    defaults = kind()
    known = {each.name: type(getattr(defaults, each.name)) for each in fields(kind)}  # type: ignore[arg-type]
    if not isinstance(raw, dict):
        raise IssuerError(Code.CONFIG_REFUSED, "a section is a table", Where(str(path)))
    for name, value in raw.items():
        if name not in known:
            raise IssuerError(Code.CONFIG_REFUSED, f"no key {name}", Where(str(path)))
        if type(value) is not known[name]:
            wanted = "a text" if known[name] is str else "a whole number"
            raise IssuerError(Code.CONFIG_REFUSED, f"{name} is {wanted}", Where(str(path)))
        if isinstance(value, int) and not 1 <= value <= MOST[name]:
            raise IssuerError(Code.CONFIG_REFUSED, f"{name} is 1 to {MOST[name]}", Where(str(path)))
    return kind(**raw)
