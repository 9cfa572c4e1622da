"""Doses and people given as facts, linked by an engine, and the same decided pair by pair in plain Python."""

import csv
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from issuer.link.compare import compare
from issuer.link.decide import Found, decide
from issuer.link.engine import Engine, compare_all, results
from issuer.link.model import Basis, DoseFacts, Life, LinkResult, Name, Number, PersonFacts, Proposal
from issuer.link.statements import statements
from issuer.link.weights import Weights
from specs.names import fold, lossless_key

TEXT, NUMBER = "VARCHAR", "BIGINT"
PEOPLE = "person_id national_id full_name name_key name_fold birth_date sex death_date".split()
DOSES = (
    "dose_id full_name name_key name_fold birth_date birth_date_other sex id_kind id_number is_foreign vaccinated_on"
    " product"
).split()


def person(
    person_id: int,
    name: str,
    born: str = "1985-04-15",
    sex: str = "M",
    number: str = "",
    old: tuple[str, ...] = (),
    died: str = "",
) -> PersonFacts:
    """Somebody; a number is made up where none is given."""
    number = number or f"079085{person_id:06}"
    return PersonFacts(person_id, number, old, lossless_key(name), fold(name), born, sex, died)


def dose(
    dose_id: int,
    name: str,
    born: str = "1985-04-15",
    sex: str = "M",
    number: str = "",
    kind: str = "",
    other_born: str = "",
    others: tuple[str, ...] = (),
    start: str = "",
    foreign: bool = False,
    on: str = "2021-08-15",
) -> DoseFacts:
    """A dose as cleaned."""
    kind = kind or {0: "none", 9: "cmnd9", 12: "cccd"}.get(len(number), "malformed")
    return DoseFacts(
        dose_id, lossless_key(name), fold(name), born, other_born, sex, kind, number, others, start, foreign, on
    )


def linked_by(
    engine: Engine, folder: Path, doses: Sequence[DoseFacts], people: Sequence[PersonFacts], weights: Weights
) -> list[LinkResult]:
    """The results of an engine that was given exactly these. Full names are the lossless keys."""
    for table in ("doses", *(name for name, _ in statements(weights))):
        engine.drop(table)
    readings = [(one.dose_id, "main", one.id_number) for one in doses if one.id_number and one.id_kind != "none"]
    readings += [(one.dose_id, "other", other) for one in doses for other in one.other_readings]
    readings += [(one.dose_id, "start", one.number_start) for one in doses if one.number_start]
    dose_rows = [
        (
            *(one.dose_id, one.name_key, one.name_key, one.name_fold, one.birth_date, one.birth_date_other, one.sex),
            *(one.id_kind, one.id_number, int(one.is_foreign), one.vaccinated_on, "EU/1/20/1528"),
        )
        for one in doses
    ]
    people_rows = [
        (
            *(one.person_id, one.national_id, one.name_key, one.name_key, one.name_fold),
            *(one.birth_date, one.sex, one.death_date),
        )
        for one in people
    ]
    tables: dict[str, tuple[list[tuple[str, str]], Sequence[Sequence[Any]]]] = {
        "people": ([(name, NUMBER if name == "person_id" else TEXT) for name in PEOPLE], people_rows),
        "all_doses": ([(name, NUMBER if name in ("dose_id", "is_foreign") else TEXT) for name in DOSES], dose_rows),
        "old_numbers": (
            [("value", TEXT), ("person_id", NUMBER)],
            [(value, one.person_id) for one in people for value in one.old_numbers],
        ),
        "readings": ([("dose_id", NUMBER), ("kind", TEXT), ("value", TEXT)], readings),
        "links": ([("dose_id", NUMBER), ("person_id", NUMBER), ("link_class", TEXT)], []),
    }
    for table, (columns, rows) in tables.items():
        path = folder / f"{table}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows(rows)
        engine.drop(table)
        engine.load(table, columns, path)
    engine.make("doses", "SELECT * FROM all_doses")
    compare_all(engine, weights)
    return list(results(engine, weights))


def decided_by_hand(one: DoseFacts, people: Sequence[PersonFacts], weights: Weights) -> LinkResult:
    """The same for one dose by comparing it with everybody, without blocks: the rule as the specification says it."""
    pairs = [(each, compare(one, each)) for each in people]
    whole = [
        (each, found)
        for each, found in pairs
        if found.name is Name.EQUAL
        and one.birth_date
        and one.birth_date == each.birth_date
        and one.sex == each.sex != ""
        and one.id_number in (each.national_id, *each.old_numbers)
        and one.id_kind not in ("none", "malformed")
    ]
    holders = [each for each in people if one.id_number in (each.national_id, *each.old_numbers)]
    linked = None
    if len(whole) == 1 and whole[0][1].life is Life.ALIVE:
        each, found = whole[0]
        if found.number is Number.CURRENT:
            linked = (each.person_id, Basis.FOUR_FIELDS, found)
        elif len(holders) == 1:
            linked = (each.person_id, Basis.OLD_NUMBER, found)
    candidates = sorted(
        (Proposal(each.person_id, weights.total(found), found) for each, found in pairs),
        key=lambda proposal: (-proposal.weight, proposal.person_id),
    )
    known = bool(holders) and one.id_kind != "none"
    return decide(Found(one.dose_id, one.is_foreign, one.id_kind, known, linked, False, candidates[:6]), weights)
