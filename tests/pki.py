"""A make-believe country's keys, made afresh in memory: authorities, document signers, a facility head, an anchor.

Everything is valid around `NOW`; tests bend a copy of a profile with `dataclasses.replace`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

from keys.certificates import Issuer, Profile, Role, Subject, issue, self_sign
from keys.file_signer import FileSigner, PrivateKey, raw_signing
from keys.new_key import new_key
from keys.trust_list import PRODUCTION, TEST, Publication, TrustList
from keys.trust_list_publish import Entry, publish
from specs.cose import Algorithm

NOW = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Held:
    """A private key with its certificate (DER)."""

    key: PrivateKey
    certificate: bytes

    @property
    def signer(self) -> FileSigner:
        return FileSigner(self.key, self.certificate)

    @property
    def issuer(self) -> Issuer:
        return Issuer(self.certificate, raw_signing(self.key))


@dataclass(frozen=True)
class Pki:
    """One country: `dsc` signs with ES256, `dsc_rsa` with PS256; `head` speaks for facility 79001."""

    csca: Held
    dsc: Held
    dsc_rsa: Held
    facility_authority: Held
    head: Held
    anchor: Held

    def trust_list(self) -> TrustList:
        """Both document signers, as read back from a signed list."""
        return TrustList.read(self.signed_list(), self.anchor.certificate)

    def signed_list(self, publication: Publication | None = None) -> bytes:
        country = self.dsc.signer.certificate().country
        entries = [Entry(held.certificate, country) for held in (self.dsc, self.dsc_rsa)]
        environment = TEST if b"TEST, not for production" in self.anchor.certificate else PRODUCTION
        return publish(entries, publication or Publication(environment, 1, NOW, NOW + 30 * DAY), self.anchor.signer)


def profile(
    role: Role,
    key: PrivateKey,
    name: str,
    *,
    days: int,
    use_days: int,
    country: str = "VN",
    test: bool = False,
    facility: str | None = None,
    kinds: Sequence[str] = (),
) -> Profile:
    """A profile that began ten days before `NOW`."""
    return Profile(
        role=role,
        subject=Subject(country, "Bộ Y tế", name, test, facility),
        public_key=key.public_key(),
        serial=int.from_bytes(name.encode()) % 2**120 + 1,
        not_before=NOW - 10 * DAY,
        not_after=NOW - 10 * DAY + days * DAY,
        key_use_ends=NOW - 10 * DAY + use_days * DAY,
        kinds=kinds,
    )


@lru_cache
def make_pki(country: str = "VN", *, test: bool = False) -> Pki:
    """A whole country; made once per process and arguments."""

    def root(role: Role, name: str) -> Held:
        key = new_key(Algorithm.ES256)
        what = profile(role, key, name, days=1461, use_days=365, country=country, test=test)
        return Held(key, self_sign(what, raw_signing(key)))

    def leaf(role: Role, name: str, parent: Held, algorithm: Algorithm, facility: str | None = None) -> Held:
        key = new_key(algorithm)
        kinds = ("v",) if role is Role.DOCUMENT_SIGNER else ()
        what = profile(
            role, key, name, days=730, use_days=180, country=country, test=test, facility=facility, kinds=kinds
        )
        return Held(key, issue(what, parent.issuer))

    csca = root(Role.CSCA, "CSCA 1")
    facility_authority = root(Role.FACILITY_AUTHORITY, "Facility authority 1")
    return Pki(
        csca=csca,
        dsc=leaf(Role.DOCUMENT_SIGNER, "DSC 1", csca, Algorithm.ES256),
        dsc_rsa=leaf(Role.DOCUMENT_SIGNER, "DSC 2", csca, Algorithm.PS256),
        facility_authority=facility_authority,
        head=leaf(Role.FACILITY_HEAD, "Head 79001", facility_authority, Algorithm.ES256, "79001"),
        anchor=root(Role.ANCHOR, "Trust list 1"),
    )
