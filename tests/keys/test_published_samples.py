"""Keys that anybody can look up are refused, our own examples' among them."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, derive_private_key

from keys.errors import KeysError
from keys.new_key import new_key
from keys.published_samples import require_unpublished
from keys.trust_list import Publication
from keys.trust_list_publish import Entry, publish
from specs.cose import Algorithm
from tests.make_examples import document_signer, example_key
from tests.pki import DAY, NOW, make_pki


@pytest.mark.parametrize("key", [example_key("CSCA 1"), example_key("DSC 1"), derive_private_key(1, SECP256R1())])
def test_published_key_is_refused(key: EllipticCurvePrivateKey) -> None:
    with pytest.raises(KeysError, match="KEY_PUBLISHED_SAMPLE"):
        require_unpublished(key.public_key())


def test_fresh_key_is_not() -> None:
    require_unpublished(new_key(Algorithm.ES256).public_key())


def test_attack_example_signer_in_a_trust_list() -> None:
    entry = Entry(document_signer().certificate().der, "VN")
    for pki, environment in ((make_pki(), "production"), (make_pki(test=True), "test")):
        with pytest.raises(KeysError, match="KEY_PUBLISHED_SAMPLE"):
            publish([entry], Publication(environment, 1, NOW, NOW + DAY), pki.anchor.signer)
