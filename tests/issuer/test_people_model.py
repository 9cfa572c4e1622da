"""Days of changes drawn by chance, held against a register of a few lines in Python."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from issuer.errors import IssuerError
from issuer.people.delta import DELTA_COLUMNS, load_delta
from issuer.store.engine import open_database
from issuer.store.tables import person, person_identifier, source_file
from tests.dose_lists import NOW, table

HEAD = ",".join(DELTA_COLUMNS)
NUMBERS = [f"0011900000{at:02}" for at in range(12)]
FIRST_DAY = date(2022, 6, 1)


@dataclass(frozen=True)
class Somebody:
    name: str
    commune: str = "00001"
    died: str = ""
    old: frozenset[str] = frozenset()


@dataclass
class Model:
    """Current number -> person, the numbers cancelled, and since when each number is valid and until when."""

    people: dict[str, Somebody] = field(default_factory=dict)
    cancelled: dict[str, str] = field(default_factory=dict)
    since: dict[str, str] = field(default_factory=dict)

    def apply(self, operation: str, number: str, name: str, commune: str, before: str, day: str) -> str | None:
        """The delta's line, or None where the change does not fit; then nothing has changed."""
        known = self.people.get(before)
        if operation == "birth":
            if number in self.people or number in self.cancelled:
                return None
            self.people[number], self.since[number] = Somebody(name, commune), day
            return f"birth,{number},{name},1990-04-15,Nữ,,{commune},Việt Nam,,"
        if known is None:
            return None
        if operation == "reissue":
            if number == before or number in self.people or number in self.cancelled:
                return None
            del self.people[before]
            self.people[number] = known = replace(known, old=known.old | {before})
            self.cancelled[before], self.since[number] = day, day
        else:
            number = before
            changed = {"move": {"commune": commune}, "death": {"died": day}, "correct": {"name": name}}[operation]
            self.people[number] = known = replace(known, **changed)
        old = ";".join(sorted(known.old))
        return f"{operation},{number},{known.name},1990-04-15,Nữ,{old},{known.commune},Việt Nam,{known.died},{before}"


CHANGE = st.tuples(
    st.sampled_from(["birth", "birth", "reissue", "move", "death", "correct"]),
    st.sampled_from(NUMBERS),
    st.sampled_from(["Nguyễn Thị An", "Nguyễn Thị Bình"]),
    st.sampled_from(["00001", "00004"]),
    st.sampled_from(NUMBERS),
)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Callable[[], sa.Engine]:
    engine = open_database(f"sqlite:///{tmp_path_factory.mktemp('model') / 'register.sqlite'}")

    def emptied() -> sa.Engine:
        with engine.begin() as connection:
            for each in (person_identifier, person, source_file):
                connection.execute(each.delete())
        return engine

    return emptied


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(CHANGE, min_size=1, max_size=8), min_size=1, max_size=4))
def test_the_register_is_what_the_days_made_it(
    empty: Callable[[], sa.Engine], tmp_path: Path, days: list[list[tuple[str, str, str, str, str]]]
) -> None:
    register, model = empty(), Model()
    for at, changes in enumerate(days):
        day = FIRST_DAY + timedelta(days=at)
        lines = [line for change in changes if (line := model.apply(*change, day.isoformat())) is not None]
        path = tmp_path / f"{day}.csv"
        path.write_text("\n".join((HEAD, *lines)) + "\n", encoding="utf-8")
        if lines:
            load_delta(register, path, day=day, now=NOW, actor="test")
        for change in changes:  # what the model refuses, the register refuses; what was done it calls unchanged
            if change[4] in model.cancelled:
                continue
            trial = Model(dict(model.people), dict(model.cancelled), dict(model.since))
            if trial.apply(*change, day.isoformat()) is None and change[0] == "reissue" and change[1] != change[4]:
                line = f"reissue,{change[1]},{change[2]},1990-04-15,Nữ,,{change[3]},Việt Nam,,{change[4]}"
                path.write_text(f"{HEAD}\n{line}\n", encoding="utf-8")
                before = table(register, "person")
                with pytest.raises(IssuerError):
                    load_delta(register, path, day=day, now=NOW, actor="test")
                assert table(register, "person") == before
    stored = {one["national_id"]: one for one in table(register, "person")}
    assert {number: (one["full_name"], one["commune_code"], one["death_date"]) for number, one in stored.items()} == {
        number: (one.name, one.commune, one.died) for number, one in model.people.items()
    }
    holder = {one["person_id"]: number for number, one in stored.items()}
    assert {
        (one["value"], holder[one["person_id"]], one["status"], one["valid_from"], one["valid_to"])
        for one in table(register, "person_identifier")
    } == {(number, number, "current", model.since[number], "") for number in model.people} | {
        (old, number, "cancelled", model.since[old], model.cancelled[old])
        for number, one in model.people.items()
        for old in one.old
    }
