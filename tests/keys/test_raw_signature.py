"""Raw signatures against Project Wycheproof: each valid one accepted, every other one refused, none a crash."""

import json
from hashlib import sha256
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key

from keys.raw_signature import algorithm_of, verifies
from specs.cose import Algorithm
from tests.pki import make_pki

FILES = {
    "ecdsa_secp256r1_sha256_p1363_test": (Algorithm.ES256, 262, 173),
    "rsa_pss_2048_sha256_mgf1_32_test": (Algorithm.PS256, 108, 63),
    "rsa_pss_3072_sha256_mgf1_32_test": (Algorithm.PS256, 108, 63),
}


@pytest.mark.parametrize("name", FILES)
def test_wycheproof(vectors: Path, name: str) -> None:
    algorithm, cases, valid = FILES[name]
    wrong, seen, accepted = [], 0, 0
    for group in json.loads((vectors / "wycheproof" / f"{name}.json").read_text())["testGroups"]:
        key = load_der_public_key(bytes.fromhex(group["publicKeyDer"]))
        assert algorithm_of(key) is algorithm
        for case in group["tests"]:
            digest = sha256(bytes.fromhex(case["msg"])).digest()
            result = verifies(key, digest, bytes.fromhex(case["sig"]))
            seen, accepted = seen + 1, accepted + result
            if result is not (case["result"] == "valid"):
                wrong.append((case["tcId"], case["flags"]))
    assert (wrong, seen, accepted) == ([], cases, valid)


@pytest.mark.parametrize(
    "key",
    [
        ec.generate_private_key(ec.SECP384R1()),
        ec.generate_private_key(ec.SECP256K1()),
        rsa.generate_private_key(65537, 1024),
        ed25519.Ed25519PrivateKey.generate(),
    ],
    ids=["P-384", "secp256k1", "RSA-1024", "Ed25519"],
)
def test_key_of_another_kind_verifies_nothing(key: ec.EllipticCurvePrivateKey) -> None:
    public = key.public_key()
    assert algorithm_of(public) is None
    for length in (64, 96, 128):
        assert not verifies(public, bytes(32), bytes(length))


def test_malleated_signature_verifies_so_nothing_may_be_keyed_on_signature_bytes() -> None:
    """(r, n - s) is as good as (r, s): revocation and duplicate detection go by the signed identifier."""
    order = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
    signer = make_pki().dsc.signer
    digest = sha256(b"certificate").digest()
    raw = signer.sign(digest)
    twin = raw[:32] + (order - int.from_bytes(raw[32:])).to_bytes(32)
    assert twin != raw
    assert verifies(signer.certificate().public_key, digest, twin)
