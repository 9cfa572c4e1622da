"""The step `oracle`: every dose whose number our register does not know is asked about, and what is đúng is kept.

A batch is stored before it is sent, so a run that was killed sends the same batch again, by the same number, and no
question is put twice. Only what stands in a record is asked, never a reading or a correction that we thought of, and a
record and a number have few questions in all: the oracle cannot be used to guess (`specs/oracle.md`, 5). Who is
confirmed becomes a person of our register with the four facts; linking then finds them by its own rule.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from issuer.audit import append, timestamp
from issuer.errors import Code, IssuerError
from issuer.oracle.client import Pace, Patience, ask
from issuer.oracle.contract import MAX_ROWS, Failure, Question, UnansweredError, encode_batch
from issuer.oracle.transport import Transport
from issuer.people.row import PersonRow
from issuer.store import oracle_store, people_store
from issuer.store.engine import reading, writing
from issuer.store.oracle_store import Asked, Batch, Candidate
from specs.names import fold, lossless_key

__all__ = ["Limits", "OracleCounts", "World", "ask_oracle"]

_NATIONALITY = "Việt Nam"  # foreigners are not matched with the population register (CV 8938)


@dataclass(frozen=True, slots=True)
class Limits:
    """Rows of a batch, and how many different questions one record and one number may have in all."""

    batch_rows: int = 500
    per_record: int = 3
    per_number: int = 3

    def __post_init__(self) -> None:
        if not 0 < self.batch_rows <= MAX_ROWS:
            raise ValueError(f"a batch has 1 to {MAX_ROWS} rows")


@dataclass(frozen=True, slots=True)
class World:
    """What the step needs from outside: the oracle, clocks, chance."""

    transport: Transport
    pace: Pace
    now: Callable[[], datetime]
    chance: Callable[[], float]
    new_batch_id: Callable[[], str]
    patience: Patience = field(default_factory=Patience)


@dataclass(slots=True)
class OracleCounts:
    """Questions answered, and doses not asked about: another record asked the same, or too much was asked."""

    right: int = 0
    wrong: int = 0
    same_question: int = 0
    limited: int = 0
    batches: int = 0
    new_people: int = 0


def ask_oracle(
    engine: sa.Engine,
    world: World,
    *,
    actor: str,
    limits: Limits,
    most: int | None = None,
    progress: Callable[[int], None] = lambda rows: None,
) -> OracleCounts:
    """Ask what may be asked, at most `most` questions beside the open ones. Raises IssuerError; run again to go on."""
    counts = OracleCounts()
    with reading(engine) as connection:
        waiting = oracle_store.open_batches(connection)
    for batch in waiting:
        _carry_out(engine, world, batch, actor, counts)
        progress(batch.row_count)
    after, left = 0, most
    while left is None or left > 0:
        rows = limits.batch_rows if left is None else min(left, limits.batch_rows)
        made, after, is_last = _make_batch(engine, world, after, rows, limits, actor, counts)
        if made is not None:
            _carry_out(engine, world, made, actor, counts)
            progress(made.row_count)
            left = None if left is None else left - made.row_count
        if is_last:
            break
    return counts


def _make_batch(
    engine: sa.Engine, world: World, after: int, rows: int, limits: Limits, actor: str, counts: OracleCounts
) -> tuple[Batch | None, int, bool]:
    """A stored batch from the candidates after a dose, the last dose looked at, and whether there are no more."""
    now = world.now()
    with writing(engine) as connection:
        found = oracle_store.candidates(connection, after, rows)
        if not found:
            return None, after, True
        questions = _questions(connection, found, limits, counts)
        if not questions:
            return None, found[-1].dose_id, False
        batch_id = world.new_batch_id()
        digest = hashlib.sha256(_body(batch_id, questions)).hexdigest()
        oracle_store.store_batch(connection, batch_id, digest, questions, actor=actor, now=timestamp(now))
        append(
            connection,
            now=now,
            actor=actor,
            action="oracle.ask",
            object=f"oracle batch {batch_id}",
            reason=f"{len(questions)} rows, sha256 {digest}",
        )
    return Batch(batch_id, digest, len(questions), 0), found[-1].dose_id, False


def _questions(connection: sa.Connection, found: list[Candidate], limits: Limits, counts: OracleCounts) -> list[Asked]:
    digests = {one.dose_id: _digest(one) for one in found}
    before = oracle_store.asked_before(connection, set(digests.values()))
    of_dose = oracle_store.doses_asked(connection, [one.dose_id for one in found])
    of_number = oracle_store.numbers_asked(connection, {one.id_number for one in found})
    questions: list[Asked] = []
    for one in found:
        digest, asked = digests[one.dose_id], of_dose.get(one.dose_id, 0)
        if digest in before:
            counts.same_question += 1
        elif asked >= limits.per_record or of_number.get(one.id_number, 0) >= limits.per_number:
            counts.limited += 1
        else:
            before.add(digest)
            of_number[one.id_number] = of_number.get(one.id_number, 0) + 1
            facts = (one.id_number, one.full_name, one.birth_date, one.sex)
            reason = "corrected" if asked else "first"
            questions.append(Asked(len(questions) + 1, one.dose_id, *facts, digest, reason))
    return questions


def _digest(one: Candidate) -> bytes:
    facts = "\n".join((one.id_number, one.name_key, one.birth_date, one.sex))
    return hashlib.sha256(facts.encode()).digest()


def _body(batch_id: str, questions: list[Asked]) -> bytes:
    asked = [Question(one.id_number, one.full_name, one.birth_date, one.sex) for one in questions]
    return encode_batch(batch_id, asked)


def _carry_out(engine: sa.Engine, world: World, batch: Batch, actor: str, counts: OracleCounts) -> None:
    with reading(engine) as connection:
        questions = oracle_store.questions_of(connection, batch.batch_id)
    body = _body(batch.batch_id, questions)
    if hashlib.sha256(body).hexdigest() != batch.sha256:
        raise IssuerError(Code.ORACLE_REFUSED, f"batch {batch.batch_id} is not as it was stored")

    def sending() -> None:
        with writing(engine) as connection:
            oracle_store.note_attempt(connection, batch.batch_id)

    try:
        answers = ask(
            world.transport,
            batch.batch_id,
            body,
            batch.row_count,
            pace=world.pace,
            patience=world.patience,
            chance=world.chance,
            sending=sending,
        )
    except UnansweredError as error:
        raise _failed(engine, world, batch, error, actor) from error
    _keep(engine, world.now(), batch, questions, answers, actor, counts)


def _failed(engine: sa.Engine, world: World, batch: Batch, error: UnansweredError, actor: str) -> IssuerError:
    now = world.now()
    refused = error.failure in (Failure.REFUSED, Failure.OTHER_CONTENT)
    with writing(engine) as connection:
        oracle_store.note_failure(
            connection, batch.batch_id, error.failure.value, refused_at=timestamp(now) if refused else None
        )
        append(
            connection,
            now=now,
            actor=actor,
            action="oracle.fail",
            object=f"oracle batch {batch.batch_id}",
            reason=f"{error.failure}, {'given up' if refused else 'stays open'}",
        )
    code = Code.ORACLE_REFUSED
    if error.failure.is_passing:
        code = Code.ORACLE_UNREACHABLE
    elif error.failure is Failure.DENIED:
        code = Code.ORACLE_DENIED
    seen = f"{error.failure}{f' ({error.detail})' if error.detail else ''}, batch {batch.batch_id}"
    return IssuerError(code, seen)


def _keep(
    engine: sa.Engine,
    now: datetime,
    batch: Batch,
    questions: list[Asked],
    answers: tuple[bool, ...],
    actor: str,
    counts: OracleCounts,
) -> None:
    """Answers, confirmed people and the audit line in one transaction; a second delivery of them changes nothing."""
    at = timestamp(now)
    right = sum(answers)
    with writing(engine) as connection:
        if not oracle_store.close_batch(connection, batch.batch_id, answers, at):
            return
        confirmed = {one.id_number: one for one, says in zip(questions, answers, strict=True) if says}
        known = oracle_store.numbers_known(connection, confirmed)
        people = [_person(one) for number, one in confirmed.items() if number not in known]
        if people:
            people_store.store_people(connection, people, source=f"oracle {batch.batch_id}", now=at)
        append(
            connection,
            now=now,
            actor=actor,
            action="oracle.answer",
            object=f"oracle batch {batch.batch_id}",
            reason=f"{len(answers)} rows: {right} right, {len(answers) - right} wrong",
        )
    counts.batches += 1
    counts.right += right
    counts.wrong += len(answers) - right
    counts.new_people += len(people)


def _person(one: Asked) -> PersonRow:
    name = one.full_name
    return PersonRow(
        one.row, one.id_number, name, one.birth_date, one.sex, (), "", _NATIONALITY, "", lossless_key(name), fold(name)
    )
