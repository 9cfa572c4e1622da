"""The masked bucket: fixed answers, and how little it says (`id-binding.md`)."""

import hashlib
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specs.id_binding import EPOCH_KEY_BYTES, NOT_BOUND, Binding, bind, matches

KEY = bytes(range(EPOCH_KEY_BYTES))
NUMBER, UVCI = "001190000017", "URN:UVCI:01:VN:000102030405060708090A0B0C0D0E0F"
numbers = st.text("0123456789", min_size=12, max_size=12)


def uvcis(count: int, seed: int) -> list[str]:
    source = random.Random(seed)
    return [f"URN:UVCI:01:VN:{source.randbytes(16).hex().upper()}" for _ in range(count)]


def test_known_answer() -> None:
    """Computed by hand from the two lines of the definition; a change here breaks every certificate issued."""
    bucket = int(hashlib.sha256(b"idb1001190000017").hexdigest()[:3], 16)
    assert bucket == 0x485
    assert bind(NUMBER, 7, KEY, UVCI) == Binding(1, 7, 0x485 ^ 0x2F8)


@given(numbers, st.integers(0, 255), st.sampled_from(uvcis(20, 1)))
def test_the_right_number_matches(number: str, epoch: int, uvci: str) -> None:
    assert matches(bind(number, epoch, KEY, uvci), number, KEY, uvci)


def test_a_wrong_number_passes_once_in_4096() -> None:
    source = random.Random(2)
    binding = bind(NUMBER, 1, KEY, UVCI)
    tries = 200_000
    passed = sum(matches(binding, f"{source.randrange(10**12):012}", KEY, UVCI) for _ in range(tries))
    assert 0.6 < passed / (tries / 4096) < 1.4


def test_without_the_key_two_certificates_of_one_person_cannot_be_linked() -> None:
    """Equal tags at rate 1 in 4,096, as between strangers."""
    tags = [bind(NUMBER, 1, KEY, uvci).tag for uvci in uvcis(20_000, 3)]
    equal = sum(a == b for a, b in zip(tags[::2], tags[1::2], strict=True))
    assert equal < 12  # 2.4 expected; 12 has a chance below one in 30,000


def test_tags_are_uniform_whatever_the_numbers() -> None:
    """Chi-square over 256 classes of the tags of consecutive numbers, which share almost every digit."""
    counts = [0] * 256
    for index, uvci in enumerate(uvcis(50_000, 4)):
        counts[bind(f"{1_190_000_000 + index:012}", 1, KEY, uvci).tag >> 4] += 1
    expected = 50_000 / 256
    chi_square = sum((count - expected) ** 2 / expected for count in counts)
    assert chi_square < 340  # 255 degrees of freedom: one in 4,000 by chance, and the seed is fixed


def test_with_the_key_only_the_bucket_comes_out() -> None:
    """Unmasking every certificate of one person gives one 12-bit value, the same for ever."""
    buckets = {bind(NUMBER, 1, KEY, uvci).tag ^ bind("0" * 12, 1, KEY, uvci).tag for uvci in uvcis(500, 5)}
    assert len(buckets) == 1


def test_another_epoch_key_does_not_match() -> None:
    binding = bind(NUMBER, 1, KEY, UVCI)
    others = [bytes([i]) * EPOCH_KEY_BYTES for i in range(200)]
    assert sum(matches(binding, NUMBER, other, UVCI) for other in others) <= 1


def test_a_tag_moved_to_another_certificate_does_not_match() -> None:
    binding = bind(NUMBER, 1, KEY, UVCI)
    assert sum(matches(binding, NUMBER, KEY, uvci) for uvci in uvcis(400, 6)) <= 1


@pytest.mark.parametrize("number", ["", "00119000001", "0011900000170", "00119000001a", "٠٠١١٩٠٠٠٠٠١٧", " 01190000017"])
def test_what_is_no_number_is_refused_without_being_repeated(number: str) -> None:
    with pytest.raises(ValueError, match="12 ASCII digits") as refusal:
        bind(number, 1, KEY, UVCI)
    assert not number or number not in str(refusal.value)


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        bind(NUMBER, 1, KEY[:16], UVCI)


def test_an_unknown_version_survives_for_the_card_step_to_report() -> None:
    assert Binding.from_bytes(b"\x20\x00\x00").version == 2
    assert Binding.from_bytes(NOT_BOUND.to_bytes()) == NOT_BOUND
