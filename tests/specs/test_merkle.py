"""The Merkle tree against its definition in RFC 9162, and proofs that prove only what they should."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from specs import merkle


def defined_root(hashes: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word for word: split at the largest power of two below n."""
    if not hashes:
        return hashlib.sha256().digest()
    if len(hashes) == 1:
        return hashes[0]
    split = 1 << (len(hashes) - 1).bit_length() - 1
    return hashlib.sha256(b"\x01" + defined_root(hashes[:split]) + defined_root(hashes[split:])).digest()


def leaves(size: int) -> list[bytes]:
    return [merkle.leaf_hash(index.to_bytes(4, "big")) for index in range(size)]


@pytest.mark.parametrize("size", range(40))
def test_the_root_is_the_one_defined(size: int) -> None:
    assert merkle.root(leaves(size)) == defined_root(leaves(size))


@pytest.mark.parametrize("size", range(1, 40))
def test_every_leaf_is_included_at_its_place_and_nowhere_else(size: int) -> None:
    hashes = leaves(size)
    root = merkle.root(hashes)
    for index, proof in enumerate(merkle.inclusion_proofs(hashes)):
        assert merkle.is_included(hashes[index], index, size, proof, root)
        for elsewhere in range(size):
            assert elsewhere == index or not merkle.is_included(hashes[index], elsewhere, size, proof, root)


def test_a_node_does_not_pass_for_a_leaf() -> None:
    """Without the two prefixes, the pair of leaf hashes itself would be a leaf of a smaller tree."""
    hashes = leaves(4)
    assert merkle.leaf_hash(hashes[0] + hashes[1]) != merkle.root(hashes[:2])


@pytest.mark.parametrize(
    ("index", "size", "cut", "why"),
    [
        (-1, 5, 0, "a negative index"),
        (5, 5, 0, "an index beyond the tree"),
        (0, 0, 0, "an empty tree"),
        (2, 5, 1, "a proof cut short"),
        (2, 9, 0, "another size"),
    ],
)
def test_proofs_that_prove_nothing(index: int, size: int, cut: int, why: str) -> None:
    hashes = leaves(5)
    proof = merkle.inclusion_proofs(hashes)[2]
    assert not merkle.is_included(hashes[2], index, size, proof[: len(proof) - cut], merkle.root(hashes)), why


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=30), st.data())
def test_an_altered_leaf_is_not_included(data: list[bytes], draw: st.DataObject) -> None:
    hashes = [merkle.leaf_hash(leaf) for leaf in data]
    index = draw.draw(st.integers(0, len(hashes) - 1))
    proof = merkle.inclusion_proofs(hashes)[index]
    other = merkle.leaf_hash(data[index] + b"!")
    assert not merkle.is_included(other, index, len(hashes), proof, merkle.root(hashes))
