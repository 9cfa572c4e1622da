"""Base45 by table is Base45: the same bytes for every chunk, and None for every chunk with anything wrong in it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specs import base45
from specs.errors import WireError
from tests.faults import ALPHABET
from verifier import base45_table as table


@given(st.lists(st.binary(max_size=60), min_size=1, max_size=12))
def test_round_trip(chunk: list[bytes]) -> None:
    assert table.decode_chunk([base45.encode(data) for data in chunk]) == chunk


@given(st.lists(st.text(st.sampled_from(ALPHABET + "a\n\0\x7fĐ\ud800"), max_size=7), min_size=1, max_size=4))
def test_any_texts_are_read_as_one_by_one_or_left_to_it(texts: list[str]) -> None:
    try:
        wanted = [base45.decode(text) for text in texts]
    except WireError:
        wanted = None
    assert table.decode_chunk(texts) == wanted


@pytest.mark.parametrize("text", ["GGW", ":::", "V5", "BB8\n", "A", "BB8B", "bb8", "BBĐ"])
def test_a_wrong_text_is_left_to_the_one_that_says_why(text: str) -> None:
    assert table.decode_chunk(["BB8", text]) is None


def test_an_empty_chunk_is_left_too() -> None:
    assert table.decode_chunk([]) is None
    assert table.decode_chunk([""]) == [b""]
