"""The audit log: what is altered, taken out, moved or cut off is found."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa

from issuer.__main__ import main
from issuer.audit import Head, append, check, timestamp
from issuer.errors import Code, IssuerError
from issuer.store.engine import reading, writing

NOW = datetime(2022, 6, 1, 8, 0, tzinfo=UTC)


def _fill(register: sa.Engine, count: int = 5) -> list[Head]:
    heads = []
    for at in range(count):
        with writing(register) as connection:
            heads.append(
                append(
                    connection, now=NOW + timedelta(seconds=at), actor="a", action="x", object=f"row {at}", reason="r"
                )
            )
    return heads


def _checked(register: sa.Engine, expected: Head | None = None) -> Head:
    with reading(register) as connection:
        return check(connection, expected)


def test_an_untouched_log_is_whole(register: sa.Engine) -> None:
    assert _checked(register) == Head(0, "0" * 64)
    heads = _fill(register)
    assert _checked(register) == heads[-1]
    assert _checked(register, heads[2]) == heads[-1]


TAMPERING = {
    "a reason is altered": ["UPDATE audit_entry SET reason = 'other' WHERE seq = 3"],
    "a time is altered": ["UPDATE audit_entry SET at = '2022-06-01T08:00:09.000000Z' WHERE seq = 3"],
    "an entry is taken out": ["DELETE FROM audit_entry WHERE seq = 3"],
    "an entry is taken out and the gap closed": [
        "DELETE FROM audit_entry WHERE seq = 3",
        "UPDATE audit_entry SET seq = 3 WHERE seq = 4",
        "UPDATE audit_entry SET seq = 4 WHERE seq = 5",
        "UPDATE audit_head SET seq = 4",
    ],
    "two entries change places": [
        "UPDATE audit_entry SET seq = 99 WHERE seq = 2",
        "UPDATE audit_entry SET seq = 2 WHERE seq = 3",
        "UPDATE audit_entry SET seq = 3 WHERE seq = 99",
    ],
    "the end is cut off": ["DELETE FROM audit_entry WHERE seq > 3"],
    "the whole log is emptied": ["DELETE FROM audit_entry"],
    "an entry is put in": [
        "INSERT INTO audit_entry SELECT 6, at, actor, action, object, reason, hash, hash FROM audit_entry WHERE seq = 5"
    ],
    "letters move between fields": ["UPDATE audit_entry SET actor = 'ax', action = '' WHERE seq = 2"],
}


@pytest.mark.parametrize("why", TAMPERING)
def test_tampering_is_found(register: sa.Engine, why: str) -> None:
    _fill(register)
    with writing(register) as connection:
        for statement in TAMPERING[why]:
            connection.execute(sa.text(statement))
    with pytest.raises(IssuerError) as caught:
        _checked(register)
    assert caught.value.code is Code.AUDIT_BROKEN


def test_a_log_rebuilt_by_a_thief_is_found_by_a_head_written_down(register: sa.Engine) -> None:
    heads = _fill(register)
    with writing(register) as connection:
        connection.execute(sa.text("DELETE FROM audit_entry"))
        connection.execute(sa.text("DELETE FROM audit_head"))
        append(connection, now=NOW, actor="a", action="x", object="row 0", reason="nothing happened")
    _checked(register)
    with pytest.raises(IssuerError, match="AUDIT_BROKEN"):
        _checked(register, heads[-1])


def test_an_entry_without_its_change_is_not_stored(register: sa.Engine) -> None:
    with pytest.raises(ZeroDivisionError), writing(register) as connection:
        append(connection, now=NOW, actor="a", action="x", object="o", reason="r")
        raise ZeroDivisionError
    assert _checked(register).seq == 0


def test_times_are_utc_and_know_their_zone() -> None:
    hanoi = timezone(timedelta(hours=7))
    assert timestamp(datetime(2022, 6, 1, 15, 0, tzinfo=hanoi)) == "2022-06-01T08:00:00.000000Z"
    with pytest.raises(ValueError, match="zone"):
        timestamp(datetime(2022, 6, 1))  # noqa: DTZ001 - the naive time is the case


def test_the_command_prints_the_head_and_refuses_another(sqlite_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--database", sqlite_url, "audit", "check"]) == 0
    assert "audit log whole: 0 entries" in capsys.readouterr().out
    assert main(["audit", "check", "--database", sqlite_url, "--head", "3:" + "a" * 64]) == 1
    assert capsys.readouterr().err.startswith("AUDIT_BROKEN: ")
