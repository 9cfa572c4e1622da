"""Mask keys: opened by the device they were wrapped for and nobody else, from a bundle the anchor signed."""

from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import example, given
from hypothesis import strategies as st

from keys.epoch_keys import (
    MEDIA_TYPE,
    EpochKeys,
    Wrapped,
    bundle_payload,
    device_id,
    load_device_key,
    read_bundle,
    unwrap,
    wrap,
)
from keys.errors import Code, KeysError
from keys.new_key import encrypted_pem
from keys.pbes2 import ScryptCost
from keys.secret_files import write_new
from keys.signed_json import sign_json
from tests.pki import make_pki

DEVICE, OTHER = X25519PrivateKey.generate(), X25519PrivateKey.generate()
KEY = bytes(range(32))
PASSWORD = b"correct horse battery staple"


def bundle(*wrapped: Wrapped) -> bytes:
    return sign_json(bundle_payload(wrapped), MEDIA_TYPE, make_pki().anchor.signer)


def opened(data: bytes, key: X25519PrivateKey = DEVICE) -> EpochKeys:
    return EpochKeys.open(data, make_pki().anchor.certificate, key)


def code_of(call, *arguments) -> Code:
    with pytest.raises(KeysError) as error:
        call(*arguments)
    return error.value.code


def test_device_opens_its_epochs_and_no_others() -> None:
    whole = bundle(
        wrap(0, KEY, DEVICE.public_key()),
        wrap(255, KEY[::-1], DEVICE.public_key()),
        wrap(0, KEY, OTHER.public_key()),
        wrap(1, KEY, OTHER.public_key()),
    )
    keys = opened(whole)
    assert (keys.key(0), keys.key(255)) == (KEY, KEY[::-1])
    assert code_of(keys.key, 1) is Code.EPOCH_UNKNOWN
    assert opened(whole, OTHER).key(1) == KEY
    assert opened(whole, X25519PrivateKey.generate()).keys == {}


def test_wrapped_key_has_80_bytes_and_is_never_the_same_twice() -> None:
    one, two = (wrap(1, KEY, DEVICE.public_key()) for _ in range(2))
    assert len(one.key) == len(two.key) == 80
    assert one.key != two.key


def test_no_key_in_a_repr() -> None:
    wrapped = wrap(1, KEY, DEVICE.public_key())
    assert wrapped.key.hex() not in repr(wrapped)
    assert str(KEY)[2:-1] not in repr(opened(bundle(wrapped)))


def test_attack_wrapped_key_of_another_device_under_my_name() -> None:
    stolen = replace(wrap(1, KEY, OTHER.public_key()), device=device_id(DEVICE.public_key()))
    assert code_of(opened, bundle(stolen)) is Code.EPOCH_KEY_WRONG


def test_attack_wrapped_key_moved_to_another_epoch() -> None:
    assert code_of(unwrap, replace(wrap(1, KEY, DEVICE.public_key()), epoch=2), DEVICE) is Code.EPOCH_KEY_WRONG


@given(st.integers(0, 79), st.integers(0, 7))
@example(31, 7)  # the bit that X25519 itself ignores (RFC 7748 section 5)
def test_attack_every_bit_of_a_wrapped_key_is_guarded(position: int, bit: int) -> None:
    wrapped = wrap(1, KEY, DEVICE.public_key())
    altered = bytearray(wrapped.key)
    altered[position] ^= 1 << bit
    assert code_of(unwrap, replace(wrapped, key=bytes(altered)), DEVICE) is Code.EPOCH_KEY_WRONG


@pytest.mark.parametrize("length", [0, 31, 32, 79, 81])
def test_wrapped_key_of_another_length(length: int) -> None:
    wrapped = wrap(1, KEY, DEVICE.public_key())
    assert code_of(unwrap, replace(wrapped, key=(wrapped.key * 2)[:length]), DEVICE) is Code.EPOCH_KEY_WRONG


def test_attack_own_mask_key_in_an_unsigned_or_foreign_bundle() -> None:
    """With a mask key of his own choice, 4,096 tries make any wrong card match."""
    own = wrap(1, bytes(32), DEVICE.public_key())
    foreign = sign_json(bundle_payload([own]), MEDIA_TYPE, make_pki("FR").anchor.signer)
    assert code_of(opened, foreign) is Code.TRUST_LIST_SIGNATURE
    by_signer = sign_json(bundle_payload([own]), MEDIA_TYPE, make_pki().dsc.signer)
    assert code_of(opened, by_signer) is Code.TRUST_LIST_SIGNATURE


def test_attack_trust_list_passed_off_as_bundle_and_the_other_way_round() -> None:
    pki = make_pki()
    assert code_of(read_bundle, pki.signed_list(), pki.anchor.certificate) is Code.TRUST_LIST_SIGNATURE


@pytest.mark.parametrize(
    "payload",
    [
        {"version": 2, "wrapped": []},
        {"version": 1},
        {"version": 1, "wrapped": 1},
        {"version": 1, "wrapped": [1]},
        {"version": 1, "wrapped": [{"epoch": 256, "device": "00" * 8, "key": ""}]},
        {"version": 1, "wrapped": [{"epoch": True, "device": "00" * 8, "key": ""}]},
        {"version": 1, "wrapped": [{"epoch": 1, "device": "x", "key": ""}]},
        {"version": 1, "wrapped": [{"epoch": 1, "device": "00" * 8, "key": "!"}]},
        {"version": 1, "wrapped": [{"epoch": 1, "device": "00" * 8, "key": ""}] * 2},
    ],
)
def test_signed_but_malformed_bundle(payload: dict) -> None:
    signed = sign_json(payload, MEDIA_TYPE, make_pki().anchor.signer)
    assert code_of(read_bundle, signed, make_pki().anchor.certificate) is Code.TRUST_LIST_FORMAT


@pytest.mark.parametrize(("epoch", "key"), [(256, KEY), (-1, KEY), (1, KEY[:31]), (1, KEY + b"\0")])
def test_nothing_out_of_shape_is_wrapped(epoch: int, key: bytes) -> None:
    assert code_of(wrap, epoch, key, DEVICE.public_key()) is Code.EPOCH_UNKNOWN


def test_device_key_file(tmp_path: Path) -> None:
    path = tmp_path / "device.pem"
    write_new(path, encrypted_pem(DEVICE, PASSWORD, cost=ScryptCost(p=1)), secret=True)
    assert load_device_key(path, PASSWORD).private_bytes_raw() == DEVICE.private_bytes_raw()
    assert code_of(load_device_key, path, b"another password") is Code.KEY_FILE_PASSWORD
    path.chmod(0o644)
    assert code_of(load_device_key, path, PASSWORD) is Code.KEY_FILE_EXPOSED
    signing = tmp_path / "dsc.pem"
    write_new(signing, encrypted_pem(make_pki().dsc.key, PASSWORD, cost=ScryptCost(p=1)), secret=True)
    assert code_of(load_device_key, signing, PASSWORD) is Code.KEY_UNSUPPORTED
