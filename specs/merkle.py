"""Merkle tree hashing of RFC 9162 section 2.1, over which a facility head signs a batch (`attestation.md`)."""

import hashlib
from collections.abc import Sequence

HASH_BYTES = 32


def leaf_hash(leaf: bytes) -> bytes:
    """Return the hash of one leaf; its prefix keeps a leaf from passing for a node."""
    return hashlib.sha256(b"\x00" + leaf).digest()


def _node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def _levels(leaf_hashes: Sequence[bytes]) -> list[Sequence[bytes]]:
    """Every level from the leaves to the root; a last node without a partner moves up as it is.

    Pairing level by level gives the tree that RFC 9162 defines by splitting at the largest power of two.
    """
    levels = [leaf_hashes]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [_node_hash(below[i], below[i + 1]) for i in range(0, len(below) - 1, 2)]
        if len(below) & 1:
            above.append(below[-1])
        levels.append(above)
    return levels


def root(leaf_hashes: Sequence[bytes]) -> bytes:
    """Return the tree head of `leaf_hashes` (32 bytes); of none, the hash of nothing (RFC 9162 section 2.1.1)."""
    return _levels(leaf_hashes)[-1][0] if leaf_hashes else hashlib.sha256().digest()


def inclusion_proofs(leaf_hashes: Sequence[bytes]) -> list[list[bytes]]:
    """Return the audit path of every leaf, from its sibling to the root (RFC 9162 section 2.1.3.1)."""
    levels = _levels(leaf_hashes)[:-1]
    proofs = []
    for leaf in range(len(leaf_hashes)):
        index, proof = leaf, []
        for level in levels:
            sibling = index ^ 1
            if sibling < len(level):
                proof.append(level[sibling])
            index >>= 1
        proofs.append(proof)
    return proofs


def is_included(leaf: bytes, index: int, size: int, proof: Sequence[bytes], tree_root: bytes) -> bool:
    """Say whether the hash `leaf` stands at `index` in the tree of `size` leaves (RFC 9162 section 2.1.3.2)."""
    if not 0 <= index < size:
        return False
    node, last, current = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            return False
        if node & 1 or node == last:
            current = _node_hash(sibling, current)
            while not node & 1 and node:
                node >>= 1
                last >>= 1
        else:
            current = _node_hash(current, sibling)
        node >>= 1
        last >>= 1
    return last == 0 and current == tree_root
