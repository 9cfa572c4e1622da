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
    except (OSError, ValueError) as error:
        raise IssuerError(Code.CONFIG_REFUSED, str(error), Where(str(path))) from error
    for name in raw:
        if name not in ("certificate", "attestation"):
            raise IssuerError(Code.CONFIG_REFUSED, f"no section {name}", Where(str(path)))
    policy = Policy(
        _section(CertificatePolicy, raw.get("certificate", {}), path),
        _section(AttestationPolicy, raw.get("attestation", {}), path),
    )
    if policy.certificate.era not in ERAS:
        raise IssuerError(Code.CONFIG_REFUSED, f"era is one of {', '.join(ERAS)}", Where(str(path)))
    if not 1 <= len(policy.certificate.issuer) <= 80:
        raise IssuerError(Code.CONFIG_REFUSED, "issuer has 1 to 80 characters", Where(str(path)))
    return policy


def _section(kind: type[T], raw: Any, path: Path) -> T:
    defaults = kind()
    known = {each.name: type(getattr(defaults, each.name)) for each in fields(kind)}  # type: ignore[arg-type]
    if not isinstance(raw, dict):
        raise IssuerError(Code.CONFIG_REFUSED, "a section is a table", Where(str(path)))
    for name, value in raw.items():
        if name not in known:
            raise IssuerError(Code.CONFIG_REFUSED, f"no key {name}", Where(str(path)))
        if type(value) is not known[name] or (isinstance(value, int) and value < 1):
            raise IssuerError(
                Code.CONFIG_REFUSED, f"{name} is a {known[name].__name__}, numbers from 1", Where(str(path))
            )
    return kind(**raw)
