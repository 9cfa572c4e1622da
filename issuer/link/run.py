"""The step `link`: every dose that was not linked yet, or that a change in the register of people touches.

Doses and people are copied from the database into DuckDB in this process, linked there, and the results stored in
transactions of some thousand doses. A run that was killed goes on where it stopped: what is stored is right as of the
people it saw, and `link_progress` moves on only when all of it is. What people decided (the worklist) is never changed.
"""

import itertools
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from issuer.audit import append, timestamp
from issuer.link.choose import choose
from issuer.link.copy_register import copy_register
from issuer.link.duckdb_engine import DuckDbEngine
from issuer.link.engine import compare_all, results
from issuer.link.estimate import Estimate, estimate
from issuer.link.model import LinkClass
from issuer.link.scratch import scratch_folder
from issuer.link.statements import CLASSES_TO_CHANGE
from issuer.link.weights import Weights, shipped_weights
from issuer.store import link_store
from issuer.store.bulk import chunked
from issuer.store.engine import reading, writing

__all__ = ["Linked", "estimate_weights", "link_doses", "recheck_changed", "recheck_people"]

_CHUNK = 20_000


@dataclass(frozen=True, slots=True)
class Linked:
    """Doses looked at, how many results were new or different, and the classes of those looked at.

    `seconds`: how long reading the register, comparing, and storing what was decided took.
    """

    looked_at: int
    stored: int
    classes: dict[LinkClass, int]
    seconds: tuple[float, float, float] = (0.0, 0.0, 0.0)


def link_doses(
    engine: sa.Engine,
    *,
    now: datetime,
    actor: str,
    weights: Weights | None = None,
    threads: int = 2,
    memory: str = "2GB",
    progress: Callable[[int], None] = lambda amount: None,
) -> Linked:
    """Link what waits and re-check what changed people touch. Running it again changes nothing."""
    with reading(engine) as connection:
        revision = link_store.highest_revision(connection)
        seen = link_store.seen_revision(connection)
        changed = [] if seen is None else link_store.changed_people(connection, seen)
        waiting = link_store.unlinked(connection)
    if seen is None:  # nothing is linked yet, so whatever is stored from here on has seen these people
        with writing(engine) as connection:
            link_store.set_seen_revision(connection, revision)
    if not (changed or waiting):
        return Linked(0, 0, {})
    linked = _link(engine, changed, True, now, weights or shipped_weights(), threads, memory, progress)
    with writing(engine) as connection:
        link_store.analyze_links(connection)
        link_store.set_seen_revision(connection, revision)
        _audit(connection, linked, f"{len(changed)} changed people", now, actor)
    return linked


def recheck_changed(
    engine: sa.Engine,
    *,
    now: datetime,
    actor: str,
    weights: Weights | None = None,
    threads: int = 2,
    memory: str = "2GB",
    progress: Callable[[int], None] = lambda amount: None,
) -> Linked:
    """Link exactly the doses that people changed since the last linking touch; what else waits goes on waiting.

    A run that was killed starts over from the same people.
    """
    with reading(engine) as connection:
        revision = link_store.highest_revision(connection)
        seen = link_store.seen_revision(connection)
        changed = [] if seen is None else link_store.changed_people(connection, seen)
    if not changed:
        return Linked(0, 0, {})
    linked = _link(engine, changed, False, now, weights or shipped_weights(), threads, memory, progress)
    with writing(engine) as connection:
        link_store.set_seen_revision(connection, revision)
        _audit(connection, linked, f"{len(changed)} changed people", now, actor)
    return linked


def recheck_people(
    engine: sa.Engine,
    person_ids: Sequence[int],
    *,
    now: datetime,
    actor: str,
    weights: Weights | None = None,
    threads: int = 2,
    memory: str = "2GB",
    progress: Callable[[int], None] = lambda amount: None,
) -> Linked:
    """Link again exactly the doses that these people touch: linked or proposed to them, or in reach of them now."""
    if not person_ids:
        return Linked(0, 0, {})
    linked = _link(engine, person_ids, False, now, weights or shipped_weights(), threads, memory, progress)
    with writing(engine) as connection:
        _audit(connection, linked, f"{len(person_ids)} people named", now, actor)
    return linked


def estimate_weights(
    engine: sa.Engine, *, start: Weights | None = None, threads: int = 2, memory: str = "2GB"
) -> Estimate:
    """The weights that the doses and people of this register give; nothing is linked or stored."""
    with _loaded(engine, (), threads, memory) as duck:
        duck.make("doses", "SELECT * FROM all_doses")
        return estimate(duck, start or shipped_weights())


def _link(
    engine: sa.Engine,
    people: Sequence[int],
    waiting: bool,
    now: datetime,
    weights: Weights,
    threads: int,
    memory: str,
    progress: Callable[[int], None],
) -> Linked:
    counts: Counter[LinkClass] = Counter()
    stored = 0
    moments = [time.perf_counter()]
    with _loaded(engine, people, threads, memory) as duck:
        moments.append(time.perf_counter())
        choose(duck, weights, touched=bool(people), waiting=waiting)
        compare_all(duck, weights)
        moments.append(time.perf_counter())
        with writing(engine) as connection:  # before what waits is stored: a run killed in between finds it waiting
            for rows in duck.rows(CLASSES_TO_CHANGE):
                link_store.set_classes(connection, [(dose_id, LinkClass(became)) for dose_id, became in rows])
        for chunk in chunked(results(duck, weights), _CHUNK):
            with writing(engine) as connection:
                stored += link_store.store_links(connection, chunk, timestamp(now))
            counts.update(one.link_class for one in chunk)
            progress(len(chunk))
    moments.append(time.perf_counter())
    reading_took, comparing_took, storing_took = (later - one for one, later in itertools.pairwise(moments))
    classes = {one: counts[one] for one in LinkClass if counts[one]}
    return Linked(counts.total(), stored, classes, (reading_took, comparing_took, storing_took))


@contextmanager
def _loaded(engine: sa.Engine, people: Sequence[int], threads: int, memory: str) -> Iterator[DuckDbEngine]:
    with (
        scratch_folder() as folder,
        DuckDbEngine(folder, threads=threads, memory=memory) as duck,
    ):
        copy_register(engine, duck, folder, people)
        yield duck


def _audit(connection: sa.Connection, linked: Linked, why: str, now: datetime, actor: str) -> None:
    if linked.looked_at:
        append(
            connection,
            now=now,
            actor=actor,
            action="link",
            object=f"{linked.looked_at} doses",
            reason=f"{why}; {linked.stored} stored",
        )
