"""The life of a key: which steps there are, and that no line can be changed unseen."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.certificate_facts import read_certificate
from keys.certificates import Role
from keys.errors import Code, KeysError
from keys.inventory import Inventory, State, Step, first_step
from tests.pki import DAY, NOW, make_pki


def made(name: str = "DSC 1") -> Step:
    facts = read_certificate(make_pki().dsc.certificate)
    return first_step(name, Role.DOCUMENT_SIGNER, facts, at=NOW, by="custodian 3", reason="ceremony")


def life(*states: State, begin: Step | None = None) -> Inventory:
    begin = begin or made()
    steps = [replace(begin, state=state, at=NOW + n * DAY) for n, state in enumerate(states)]
    return Inventory(steps)


def code_of(call, *arguments) -> Code:
    with pytest.raises(KeysError) as error:
        call(*arguments)
    return error.value.code


WHOLE = (State.MADE, State.ACTIVE, State.RETIRED, State.DESTROYED)


def test_whole_life() -> None:
    inventory = life(*WHOLE)
    assert inventory.last("DSC 1").state is State.DESTROYED
    assert Inventory.read(inventory.to_bytes()).steps == inventory.steps


@pytest.mark.parametrize(
    "states",
    [
        (State.ACTIVE,),
        (State.MADE, State.MADE),
        (State.MADE, State.ACTIVE, State.ACTIVE),
        (State.MADE, State.ACTIVE, State.DESTROYED),
        (State.MADE, State.RETIRED, State.ACTIVE),
        (State.MADE, State.DESTROYED, State.ACTIVE),
        (*WHOLE, State.MADE),
    ],
)
def test_step_that_a_key_cannot_take(states: tuple[State, ...]) -> None:
    assert code_of(life, *states) is Code.INVENTORY_STATE


def test_spare_key_may_be_retired_or_destroyed_unused() -> None:
    life(State.MADE, State.RETIRED, State.DESTROYED)
    life(State.MADE, State.DESTROYED)


@pytest.mark.parametrize("change", [{"by": ""}, {"reason": ""}, {"kid": bytes(8)}, {"at": NOW - DAY}])
def test_step_without_who_why_or_with_another_key_or_an_earlier_time(change: dict) -> None:
    inventory = life(State.MADE)
    step = replace(made(), state=State.ACTIVE, at=NOW)
    inventory.record(step)
    assert code_of(inventory.record, replace(step, **change)) is Code.INVENTORY_STATE


def test_key_is_not_activated_after_its_period_of_use() -> None:
    late = replace(made(), state=State.ACTIVE, at=NOW + 171 * DAY)
    assert code_of(life(State.MADE).record, late) is Code.KEY_USE_ENDED


def test_only_an_active_key_within_its_period_of_use_may_sign() -> None:
    kid = made().kid
    life(State.MADE, State.ACTIVE).require_active(kid, NOW + DAY)
    assert code_of(life(State.MADE).require_active, kid, NOW) is Code.INVENTORY_STATE
    assert code_of(life(*WHOLE[:3]).require_active, kid, NOW) is Code.INVENTORY_STATE
    assert code_of(life(*WHOLE[:2]).require_active, kid, NOW + timedelta(days=171)) is Code.KEY_USE_ENDED
    assert code_of(life(*WHOLE[:2]).require_active, bytes(8), NOW) is Code.KEY_UNKNOWN
    assert code_of(life(*WHOLE).last, "DSC 2") is Code.KEY_UNKNOWN


TWO = Inventory([*life(*WHOLE).steps, *(replace(s, name="DSC 2", at=NOW + 9 * DAY) for s in life(*WHOLE).steps)])


def test_attack_a_line_deleted_moved_doubled_or_the_reason_changed() -> None:
    lines = TWO.to_bytes().splitlines(keepends=True)
    for number in range(len(lines) - 1):
        assert code_of(Inventory.read, b"".join(lines[:number] + lines[number + 1 :])) is Code.INVENTORY_BROKEN
        swapped = [*lines[:number], lines[number + 1], lines[number], *lines[number + 2 :]]
        assert code_of(Inventory.read, b"".join(swapped)) is Code.INVENTORY_BROKEN
        assert code_of(Inventory.read, b"".join([*lines[:number], lines[number], *lines[number:]])) is (
            Code.INVENTORY_BROKEN
        )
        changed = [*lines[:number], lines[number].replace(b"ceremony", b"CEREMONY"), *lines[number + 1 :]]
        assert code_of(Inventory.read, b"".join(changed)) is Code.INVENTORY_BROKEN


@given(st.binary(max_size=100))
def test_any_bytes_give_the_one_declared_error(data: bytes) -> None:
    if data:
        assert code_of(Inventory.read, data) is Code.INVENTORY_BROKEN


@given(st.integers(0, len(TWO.to_bytes()) - 1), st.integers(0, 7))
def test_every_bit_before_the_last_line_is_covered(position: int, bit: int) -> None:
    data = bytearray(TWO.to_bytes())
    last_line = data[:-1].rindex(b"\n")
    data[position % last_line] ^= 1 << bit
    assert code_of(Inventory.read, bytes(data)) is Code.INVENTORY_BROKEN
