"""SQL of the remote oracle: which doses may be asked about, the batches, and what the oracle answered."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import sqlalchemy as sa

from issuer.link.model import LinkClass
from issuer.store.bulk import alone, insert_rows
from issuer.store.oracle_tables import oracle_batch, oracle_question
from issuer.store.tables import dose, link, person

__all__ = [
    "Asked",
    "Batch",
    "Candidate",
    "asked_before",
    "candidates",
    "close_batch",
    "doses_asked",
    "note_attempt",
    "note_failure",
    "numbers_asked",
    "numbers_known",
    "open_batches",
    "questions_of",
    "store_batch",
]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A dose without a link whose four facts are whole and whose number our register does not know."""

    dose_id: int
    id_number: str = field(repr=False)
    full_name: str = field(repr=False)
    name_key: str = field(repr=False)
    name_fold: str = field(repr=False)
    birth_date: str = field(repr=False)
    sex: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch that was not answered yet."""

    batch_id: str
    sha256: str
    row_count: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Asked:
    """One row of a batch, as it is sent."""

    row: int
    dose_id: int
    id_number: str = field(repr=False)
    full_name: str = field(repr=False)
    birth_date: str = field(repr=False)
    sex: str = field(repr=False)
    digest: bytes = field(repr=False)
    reason: str


T = TypeVar("T")
_ASKED = ("row", "dose_id", "id_number", "full_name", "birth_date", "sex", "digest", "reason")


def candidates(connection: sa.Connection, after: int, limit: int) -> list[Candidate]:
    """The next doses, in order, that linking found no person for, whose number nobody has here, and that ask anew."""
    alone(connection, "oracle")
    asks_the_same = (
        sa.exists()
        .where(
            oracle_question.c.dose_id == dose.c.dose_id,
            *(oracle_question.c[name] == dose.c[name] for name in ("id_number", "full_name", "birth_date", "sex")),
            oracle_question.c.batch_id == oracle_batch.c.batch_id,
            oracle_batch.c.state != "refused",
        )
        .correlate(dose)
    )
    columns = ("dose_id", "id_number", "full_name", "name_key", "name_fold", "birth_date", "sex")
    rows = connection.execute(
        sa.select(*(dose.c[name] for name in columns))
        .join(link, link.c.dose_id == dose.c.dose_id)
        .where(
            dose.c.dose_id > after,
            link.c.link_class == LinkClass.UNKNOWN_ID.value,
            link.c.person_id.is_(None),
            dose.c.is_foreign == 0,
            sa.func.length(dose.c.id_number) == 12,
            dose.c.id_kind.in_(("cccd", "cmnd12")),
            *(dose.c[name] != "" for name in ("full_name", "birth_date", "sex")),
            ~asks_the_same,
        )
        .order_by(dose.c.dose_id)
        .limit(limit)
    )
    return [Candidate(*row) for row in rows]


def asked_before(connection: sa.Connection, digests: Collection[bytes]) -> set[bytes]:
    """Which of these questions have an answer or wait for one."""
    rows = connection.scalars(
        sa.select(oracle_question.c.digest)
        .join(oracle_batch, oracle_batch.c.batch_id == oracle_question.c.batch_id)
        .where(oracle_question.c.digest.in_(list(digests)), oracle_batch.c.state != "refused")
    )
    return {bytes(digest) for digest in rows}


def doses_asked(connection: sa.Connection, dose_ids: Collection[int]) -> dict[int, int]:
    """How many questions each of these doses has put, those refused unread left out."""
    return {row[0]: row[1] for row in connection.execute(_counted(oracle_question.c.dose_id, dose_ids))}


def numbers_asked(connection: sa.Connection, numbers: Collection[str]) -> dict[str, int]:
    """How many questions were put about each of these numbers."""
    return {row[0]: row[1] for row in connection.execute(_counted(oracle_question.c.id_number, numbers))}


def _counted(column: sa.Column[T], values: Collection[T]) -> sa.Select[T, int]:
    return (
        sa.select(column, sa.func.count())
        .join(oracle_batch, oracle_batch.c.batch_id == oracle_question.c.batch_id)
        .where(column.in_(list(values)), oracle_batch.c.state != "refused")
        .group_by(column)
    )


def store_batch(
    connection: sa.Connection, batch_id: str, sha256: str, questions: Sequence[Asked], *, actor: str, now: str
) -> None:
    """Keep a batch before it is sent for the first time."""
    connection.execute(
        oracle_batch.insert().values(
            batch_id=batch_id,
            state="open",
            sha256=sha256,
            row_count=len(questions),
            attempts=0,
            made_by=actor,
            made_at=now,
            error="",
        )
    )
    rows = [(batch_id, *(getattr(one, name) for name in _ASKED)) for one in questions]
    insert_rows(connection, oracle_question, ("batch_id", *_ASKED), rows)


def open_batches(connection: sa.Connection) -> list[Batch]:
    """What waits for an answer, oldest first."""
    columns = (oracle_batch.c[name] for name in ("batch_id", "sha256", "row_count", "attempts"))
    rows = connection.execute(
        sa.select(*columns)
        .where(oracle_batch.c.state == "open")
        .order_by(oracle_batch.c.made_at, oracle_batch.c.batch_id)
    )
    return [Batch(*row) for row in rows]


def questions_of(connection: sa.Connection, batch_id: str) -> list[Asked]:
    """The rows of a batch, in order."""
    rows = connection.execute(
        sa.select(*(oracle_question.c[name] for name in _ASKED))
        .where(oracle_question.c.batch_id == batch_id)
        .order_by(oracle_question.c.row)
    )
    return [Asked(*row) for row in rows]


def note_attempt(connection: sa.Connection, batch_id: str) -> None:
    """Count a sending, before it happens."""
    connection.execute(
        oracle_batch.update().where(oracle_batch.c.batch_id == batch_id).values(attempts=oracle_batch.c.attempts + 1)
    )


def note_failure(connection: sa.Connection, batch_id: str, error: str, *, refused_at: str | None) -> None:
    """Keep why a batch has no answer; with `refused_at` it will not be sent again."""
    ended = {"state": "refused", "ended_at": refused_at} if refused_at is not None else {}
    connection.execute(
        oracle_batch.update()
        .where(oracle_batch.c.batch_id == batch_id, oracle_batch.c.state == "open")
        .values(error=error, **ended)
    )


def close_batch(connection: sa.Connection, batch_id: str, answers: Sequence[bool], now: str) -> bool:
    """Store the answers to a batch; False if they were stored before."""
    alone(connection, "oracle")
    closed = connection.execute(
        oracle_batch.update()
        .where(oracle_batch.c.batch_id == batch_id, oracle_batch.c.state == "open")
        .values(state="answered", ended_at=now, error="")
    )
    if closed.rowcount == 0:
        return False
    connection.execute(
        oracle_question.update()
        .where(oracle_question.c.batch_id == batch_id, oracle_question.c.row == sa.bindparam("at_row"))
        .values(answer=sa.bindparam("says"), answered_at=now),
        [{"at_row": row, "says": int(says)} for row, says in enumerate(answers, 1)],
    )
    return True


def numbers_known(connection: sa.Connection, numbers: Collection[str]) -> set[str]:
    """Which of these numbers somebody in our register has."""
    return set(connection.scalars(sa.select(person.c.national_id).where(person.c.national_id.in_(list(numbers)))))
