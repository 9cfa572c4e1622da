"""SQL of signed hand-over lists: what goes on the next one, lists as archived, their signatures."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from issuer.store.queue_store import random_token
from issuer.store.tables import ROWS_PER_FILE, dose, person, source_file, source_row
from issuer.store.worklist_store import Scope, in_scope
from issuer.store.worklist_tables import account, correction, handover, work_item

__all__ = [
    "Confirmed",
    "Handover",
    "add_handover",
    "confirmed",
    "corrections_of",
    "handover_of",
    "handovers",
    "set_signature",
    "waiting",
]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A correction that police confirmed, with the facts that it settles."""

    correction_id: int
    token: str
    file_name: str
    row_no: int
    kind: str
    reason: str
    full_name: str = field(repr=False)
    birth_date: str = field(repr=False)
    sex: str = field(repr=False)
    number: str = field(repr=False)
    proposer: str
    proposed_at: str
    decider: str
    decided_at: str
    link_class: str


@dataclass(frozen=True, slots=True)
class Handover:
    """A list as archived; `signature` and `certificate` None until it is signed."""

    handover_id: int
    token: str
    commune_code: str
    made_by: str
    made_at: str
    row_count: int
    content: bytes = field(repr=False)
    sha256: str
    signature: bytes | None = field(repr=False)
    certificate: bytes | None = field(repr=False)
    signed_at: str | None


_proposer, _decider = account.alias("proposer"), account.alias("decider")


def _unlisted(commune_code: str) -> list[sa.ColumnElement[bool]]:
    return [
        work_item.c.commune_code == commune_code,
        correction.c.state == "applied",
        correction.c.handover_id.is_(None),
    ]


def waiting(connection: sa.Connection, commune_code: str) -> int:
    """How many confirmed corrections of a commune stand on no list."""
    query = (
        sa.select(sa.func.count()).select_from(correction).join(work_item, work_item.c.dose_id == correction.c.dose_id)
    )
    return connection.scalar(query.where(*_unlisted(commune_code))) or 0


def confirmed(connection: sa.Connection, commune_code: str, limit: int) -> list[Confirmed]:
    """The confirmed corrections of a commune that stand on no list, the oldest first."""
    rows = connection.execute(
        sa.select(
            correction.c.correction_id,
            work_item.c.token,
            source_file.c.name,
            source_row.c.row_no,
            correction.c.kind,
            correction.c.reason,
            *(sa.func.coalesce(person.c[name], dose.c[name]) for name in ("full_name", "birth_date", "sex")),
            sa.func.coalesce(person.c.national_id, dose.c.id_number),
            _proposer.c.login,
            correction.c.proposed_at,
            _decider.c.login,
            correction.c.decided_at,
            correction.c.link_class,
        )
        .select_from(correction)
        .join(work_item, work_item.c.dose_id == correction.c.dose_id)
        .join(dose, dose.c.dose_id == correction.c.dose_id)
        .join(source_row, source_row.c.row_id == correction.c.dose_id)
        .join(source_file, source_file.c.file_id == correction.c.dose_id // ROWS_PER_FILE)
        .join(_proposer, _proposer.c.account_id == correction.c.proposed_by)
        .join(_decider, _decider.c.account_id == correction.c.decided_by)
        .outerjoin(person, person.c.person_id == correction.c.person_id)
        .where(*_unlisted(commune_code))
        .order_by(correction.c.correction_id)
        .limit(limit)
        .with_for_update(of=correction)
    )
    return [Confirmed(*tuple(row)) for row in rows]


def add_handover(
    connection: sa.Connection,
    commune_code: str,
    account_id: int,
    role: str,
    now: str,
    content: bytes,
    sha256: str,
    correction_ids: Sequence[int],
) -> str:
    """Archive a list of these corrections and return its token."""
    token = connection.scalar(sa.select(random_token(connection)))
    key = connection.execute(
        handover.insert().values(
            token=token,
            commune_code=commune_code,
            made_by=account_id,
            made_role=role,
            made_at=now,
            row_count=len(correction_ids),
            content=content,
            sha256=sha256,
        )
    ).inserted_primary_key
    assert key is not None, "an insert of one row tells its key"  # noqa: S101
    connection.execute(
        correction.update().where(correction.c.correction_id == sa.bindparam("key")).values(handover_id=key[0]),
        [{"key": correction_id} for correction_id in correction_ids],
    )
    return str(token)


_HANDOVER = sa.select(
    *(handover.c[name] for name in ("handover_id", "token", "commune_code")),
    account.c.login,
    *(handover.c[name] for name in ("made_at", "row_count", "content", "sha256")),
    *(handover.c[name] for name in ("signature", "certificate", "signed_at")),
).join(account, account.c.account_id == handover.c.made_by)


def handover_of(connection: sa.Connection, scope: Scope, token: str) -> Handover | None:
    """The list of a token, if it lies in the scope."""
    query = _HANDOVER.where(handover.c.token == token, in_scope(scope, handover.c.commune_code))
    row = connection.execute(query).one_or_none()
    return None if row is None else Handover(*tuple(row))


def handovers(connection: sa.Connection, scope: Scope, limit: int | None = None) -> list[Handover]:
    """The lists of an area, the newest first."""
    query = _HANDOVER.where(in_scope(scope, handover.c.commune_code)).order_by(handover.c.handover_id.desc())
    return [Handover(*tuple(row)) for row in connection.execute(query.limit(limit))]


def corrections_of(connection: sa.Connection, handover_id: int) -> int:
    """How many corrections cite the list."""
    query = sa.select(sa.func.count()).where(correction.c.handover_id == handover_id)
    return connection.scalar(query) or 0


def set_signature(connection: sa.Connection, handover_id: int, signature: bytes, certificate: bytes, now: str) -> bool:
    """Keep the signature; False if the list had one already."""
    return (
        connection.execute(
            handover.update()
            .where(handover.c.handover_id == handover_id, handover.c.signature.is_(None))
            .values(signature=signature, certificate=certificate, signed_at=now)
        ).rowcount
        == 1
    )
