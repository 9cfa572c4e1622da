"""The signed hand-over list: what the police confirmed, as one file under one signature, instead of paper (CV 2262).

The police make the list in the console, which freezes it byte for byte; its key signs the statement outside the console
(`python -m issuer handover sign`), since the console's process holds no key. Years later `check` tells whether every
list is still what was signed. A signature is over SHA-256 of the statement: purpose, commune, time made, number of rows
and the SHA-256 of the list.
"""

import csv
import hashlib
import io
from collections.abc import Sequence
from dataclasses import astuple
from datetime import datetime

import sqlalchemy as sa

from issuer.audit import append, timestamp
from issuer.errors import Code, IssuerError
from issuer.formulas import harmless
from issuer.store import handover_store
from issuer.store.engine import reading, writing
from issuer.store.handover_store import Handover
from issuer.store.worklist_store import Scope
from issuer.worklist.roles import Officer, Right, require
from keys.certificates import facility_of
from keys.errors import KeysError
from keys.raw_signature import verifies
from keys.signer import DocumentSigner, Signer

__all__ = ["COLUMNS", "MAX_ROWS", "check", "make", "police_code", "read", "sign", "statement"]

MAX_ROWS = 2_000
"""Corrections on one list; more go on the next."""

COLUMNS = (
    "stt",
    "ma_ho_so",
    "tep",
    "dong",
    "loai",
    "ly_do",
    "ho_ten",
    "ngay_sinh",
    "gioi_tinh",
    "so_giay_to",
    "nguoi_de_nghi",
    "de_nghi_luc",
    "nguoi_xac_nhan",
    "xac_nhan_luc",
    "ket_qua",
)


def police_code(commune_code: str) -> str:
    """What the certificate of a commune's police names as its organisation."""
    return f"CA-{commune_code}"


def make(engine: sa.Engine, officer: Officer, *, now: datetime) -> str:
    """Freeze what the officer's commune confirmed since the last list; returns its token. Raises IssuerError."""
    require(officer, Right.DECIDE)
    with writing(engine) as connection:
        rows = handover_store.confirmed(connection, officer.area_code, MAX_ROWS)
        if not rows:
            raise IssuerError(Code.HANDOVER_NOTHING)
        stream = io.StringIO()
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for at, row in enumerate(rows, 1):
            writer.writerow([at, *(harmless(str(value)) for value in astuple(row)[1:])])
        content = stream.getvalue().encode("utf-8-sig")
        digest = hashlib.sha256(content).hexdigest()
        numbers = [row.correction_id for row in rows]
        token = handover_store.add_handover(
            connection, officer.area_code, officer.account_id, officer.role, timestamp(now), content, digest, numbers
        )
        append(
            connection,
            now=now,
            actor=officer.actor,
            action="handover.make",
            object=f"handover sha256 {digest}",
            reason=f"corrections {','.join(map(str, numbers))}",
        )
    return token


def read(engine: sa.Engine, officer: Officer, token: str, *, now: datetime) -> Handover:
    """A list whole, with its line in the audit log first. Raises IssuerError."""
    require(officer, Right.READ)
    with writing(engine) as connection:
        found = handover_store.handover_of(connection, Scope(officer.area_code), token)
        if found is None:
            raise IssuerError(Code.WORK_NOT_FOUND)
        append(
            connection,
            now=now,
            actor=officer.actor,
            action="handover.read",
            object=f"handover sha256 {found.sha256}",
            reason=f"{found.row_count} rows",
        )
    return found


def statement(found: Handover) -> bytes:
    """The bytes whose SHA-256 is signed."""
    lines = ("hochieu handover 1", found.commune_code, found.made_at, str(found.row_count), found.sha256)
    return "\n".join(lines).encode()


def sign(engine: sa.Engine, token: str, signer: Signer, *, now: datetime, actor: str) -> Handover:
    """Sign a list with the key of its commune's police. Raises IssuerError, KeysError."""
    public = signer.certificate()
    with writing(engine) as connection:
        found = handover_store.handover_of(connection, Scope(""), token)
        if found is None:
            raise IssuerError(Code.WORK_NOT_FOUND)
        if facility_of(public.der) != police_code(found.commune_code):
            raise IssuerError(
                Code.WORK_NOT_ALLOWED, f"the certificate is not that of {police_code(found.commune_code)}"
            )
        if hashlib.sha256(found.content).hexdigest() != found.sha256:
            raise IssuerError(Code.HANDOVER_BROKEN, f"handover {found.handover_id}: content")
        public.require_use(now, now)
        signature = signer.sign(hashlib.sha256(statement(found)).digest())
        if not handover_store.set_signature(connection, found.handover_id, signature, public.der, timestamp(now)):
            raise IssuerError(Code.WORK_STATE, "signed already")
        append(
            connection,
            now=now,
            actor=actor,
            action="handover.sign",
            object=f"handover sha256 {found.sha256}",
            reason=f"kid {public.kid.hex()}, {found.row_count} rows",
        )
        signed = handover_store.handover_of(connection, Scope(""), token)
    assert signed is not None, "it was there a moment ago"  # noqa: S101
    return signed


def check(engine: sa.Engine) -> Sequence[tuple[Handover, str]]:
    """Every list with what is wrong with it: empty if it holds, `unsigned` if nobody signed it yet."""
    with reading(engine) as connection:
        return [
            (found, _fault(found, handover_store.corrections_of(connection, found.handover_id)))
            for found in handover_store.handovers(connection, Scope(""))
        ]


def _fault(found: Handover, cited: int) -> str:
    if hashlib.sha256(found.content).hexdigest() != found.sha256:
        return "the list is not the one whose hash was kept"
    if cited != found.row_count:
        return f"{cited} corrections cite it, it has {found.row_count} rows"
    if found.signature is None or found.certificate is None:
        return "unsigned"
    try:
        public = DocumentSigner.of_certificate(found.certificate)
        named = facility_of(found.certificate)
    except KeysError:
        return "the certificate cannot be read"
    if named != police_code(found.commune_code):
        return "the certificate is not that of the commune's police"
    if not verifies(public.public_key, hashlib.sha256(statement(found)).digest(), found.signature):
        return "the signature does not hold"
    return ""
