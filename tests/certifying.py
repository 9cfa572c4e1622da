"""A national signer at work in tests: attested doses, a desk, and a child process that is killed where it is told.

python -m tests.certifying DATABASE AUTHORITY KEY CERTIFICATE STAGE
"""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from pathlib import Path

import sqlalchemy as sa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from issuer.attest.batch import attest, prepare
from issuer.certify.certify import BindingKey, Desk, certify
from issuer.config import AttestationPolicy, CertificatePolicy
from issuer.store import attestation_store
from issuer.store.certificate_tables import certificate
from issuer.store.engine import open_database, reading, writing
from keys.file_signer import FileSigner
from keys.signer import Signer
from specs import base45
from specs.compression import inflate
from specs.cose import decode_sign1
from specs.cwt import Claims, decode_claims
from specs.text import PREFIX
from tests.pki import Held, make_pki
from tests.small_register import NOW, Given, Somebody, fill, series

EPOCH_KEY = bytes(range(32))
POLICY = AttestationPolicy(max_batch=1_000_000, max_per_day=1_000_000)
FACILITY = "79001"
LATER = NOW + timedelta(hours=1)
"""When the signer runs: after the attestations."""


@lru_cache
def head() -> Held:
    return make_pki().head


def entitle(engine: sa.Engine, held: Held | None = None, code: str = FACILITY) -> None:
    """Register a head a day before NOW."""
    held = held or head()
    with writing(engine) as connection:
        number = attestation_store.facility_id(connection, code)
        assert number is not None
        kid = held.signer.certificate().kid
        attestation_store.add_head(
            connection, number, kid, held.certificate, int((NOW - timedelta(days=1)).timestamp())
        )


def attest_all(engine: sa.Engine, held: Held | None = None, code: str = FACILITY, now: datetime = NOW) -> int:
    """Attest whatever waits at the facility."""
    prepared = prepare(engine, code, POLICY)
    signer = (held or head()).signer
    return attest(engine, prepared, signer, now=now, actor="head", policy=POLICY, random=os.urandom).doses


def fill_attested(engine: sa.Engine, people: Sequence[Somebody], doses: Sequence[Given]) -> None:
    """Fill an empty register and attest the doses at FACILITY."""
    fill(engine, people, doses)
    entitle(engine)
    attest_all(engine)


def crowd(engine: sa.Engine, size: int) -> sa.Engine:
    """The empty register, filled: `size` people with two attested doses each."""
    people = [Somebody(number) for number in range(1, size + 1)]
    fill_attested(engine, people, [dose for who in people for dose in series(who.person_id)])
    return engine


def desk(
    signer: Signer | None = None,
    *,
    now: datetime = LATER,
    stage: Callable[[str], None] = lambda name: None,
    policy: CertificatePolicy | None = None,
    authorities: Sequence[bytes] | None = None,
) -> Desk:
    """A national signer with make-believe keys."""
    return Desk(
        signer=signer or make_pki().dsc.signer,
        binding=BindingKey(7, EPOCH_KEY),
        policy=policy or CertificatePolicy(),
        actor="signer",
        clock=lambda: now,
        random=os.urandom,
        authorities=[make_pki().facility_authority.certificate] if authorities is None else authorities,
        stage=stage,
    )


@dataclass(frozen=True)
class Row:
    """A certificate as stored."""

    certificate_id: int
    uvci: str
    kid: bytes
    status_index: int
    person_id: int
    dose_id: int
    attestation_id: int
    issued_at: int
    expires_at: int
    claims: bytes
    state: str
    text: str | None

    @property
    def read(self) -> Claims:
        """The claims in the text."""
        assert self.text is not None
        return decode_claims(decode_sign1(inflate(base45.decode(self.text.removeprefix(PREFIX)))).payload)


def rows(engine: sa.Engine) -> list[Row]:
    """Every certificate, whatever its state."""
    columns = (certificate.c[name] for name in Row.__dataclass_fields__)
    with reading(engine) as connection:
        return [Row(*row) for row in connection.execute(sa.select(*columns).order_by(certificate.c.certificate_id))]


def write_key(held: Held, folder: Path, name: str) -> list[str]:
    """Key and certificate for a child process, as its arguments."""
    key, certified = folder / f"{name}.key", folder / f"{name}.der"
    key.write_bytes(held.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    certified.write_bytes(held.certificate)
    return [str(key), str(certified)]


def _child(database: str, authority: str, key: str, certified: str, die_at: str) -> None:
    def stage(name: str) -> None:
        if name == die_at:
            os.kill(os.getpid(), signal.SIGKILL)

    private = load_pem_private_key(Path(key).read_bytes(), None)
    signer = FileSigner(private, Path(certified).read_bytes())  # type: ignore[arg-type]  # the tests' own key
    certify(open_database(database), desk(signer, stage=stage, authorities=[Path(authority).read_bytes()]))


if __name__ == "__main__":
    _child(*sys.argv[1:])
