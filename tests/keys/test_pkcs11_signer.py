"""The hardware signer, on a real SoftHSM2 token made for each test."""

import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType, ObjectClass
from pkcs11.util.ec import encode_named_curve_parameters

from keys.errors import Code, KeysError
from keys.pkcs11_signer import Pkcs11Signer, Pkcs11Token
from keys.raw_signature import verifies
from specs.cose import Algorithm
from tests.hsm import PIN, Box, certificate_for, new_token
from tests.pki import make_pki

DIGEST = sha256(b"certificate").digest()


@pytest.fixture
def box(softhsm: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    with new_token(softhsm, tmp_path, monkeypatch) as made:
        yield made


def signer_on(token: Pkcs11Token, label: str = "one", algorithm: Algorithm = Algorithm.ES256) -> Pkcs11Signer:
    token.generate(label, algorithm)
    return Pkcs11Signer(token, label, certificate_for(token, label))


def code_of(call, *arguments) -> Code:
    with pytest.raises(KeysError) as error:
        call(*arguments)
    assert PIN.decode() not in str(error.value)
    return error.value.code


@pytest.mark.parametrize(("algorithm", "length"), [(Algorithm.ES256, 64), (Algorithm.PS256, 256)])
def test_token_signs_a_digest(box: Box, algorithm: Algorithm, length: int) -> None:
    signer = signer_on(box.open(), algorithm=algorithm)
    public = signer.certificate()
    signature = signer.sign(DIGEST)
    assert public.algorithm is algorithm
    assert len(signature) == length
    assert verifies(public.public_key, DIGEST, signature)


def test_private_key_cannot_be_read_out(box: Box) -> None:
    token = box.open()
    token.generate("one", Algorithm.ES256)
    key = token._login.get_key(object_class=ObjectClass.PRIVATE_KEY, label="one")
    assert key[Attribute.SENSITIVE]
    assert not key[Attribute.EXTRACTABLE]
    with pytest.raises(pkcs11.AttributeSensitive):
        key[Attribute.VALUE]


def test_attack_key_that_the_token_would_give_away(box: Box) -> None:
    token = box.open()
    curve = {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
    parameters = token._login.create_domain_parameters(KeyType.EC, curve, local=True)
    open_key = {Attribute.SENSITIVE: False, Attribute.EXTRACTABLE: True}
    parameters.generate_keypair(label="open", store=True, private_template=open_key)
    assert code_of(Pkcs11Signer, token, "open", certificate_for(token, "open")) is Code.HSM_KEY


def test_a_key_is_never_made_over_another(box: Box) -> None:
    token = box.open()
    token.generate("one", Algorithm.ES256)
    assert code_of(token.generate, "one", Algorithm.ES256) is Code.CEREMONY_EXISTS


def test_wrong_pin(box: Box) -> None:
    assert code_of(box.open, b"000000") is Code.HSM_PIN
    assert code_of(box.open, b"\xff\x00") is Code.HSM_PIN
    box.open()


def test_missing_token_module_and_key(box: Box, tmp_path: Path) -> None:
    assert code_of(Pkcs11Token, box.module, "another", PIN) is Code.HSM_UNAVAILABLE
    assert code_of(Pkcs11Token, tmp_path / "none.so", "dsc", PIN) is Code.HSM_UNAVAILABLE
    assert code_of(box.open().public_key, "none") is Code.HSM_KEY


def test_a_file_that_is_no_module(tmp_path: Path) -> None:
    file = tmp_path / "text.so"
    file.write_text("no library")
    assert code_of(Pkcs11Token, file, "dsc", PIN) is Code.HSM_UNAVAILABLE


def test_certificate_of_another_key(box: Box) -> None:
    token = box.open()
    token.generate("one", Algorithm.ES256)
    assert code_of(Pkcs11Signer, token, "one", make_pki().dsc.certificate) is Code.KEY_CERTIFICATE_MISMATCH


def test_attack_module_that_lies_about_the_key_is_caught_by_verifying(box: Box) -> None:
    """The token shows the public half of one pair and signs with the private half of another."""
    token = box.open()
    token.generate("liar", Algorithm.ES256)
    token.generate("honest", Algorithm.ES256)
    token._login.get_key(object_class=ObjectClass.PUBLIC_KEY, label="liar").destroy()
    token._login.get_key(object_class=ObjectClass.PUBLIC_KEY, label="honest")[Attribute.LABEL] = "liar"
    signer = Pkcs11Signer(token, "liar", certificate_for(token, "liar"))
    for number in range(20):
        assert code_of(signer.sign, sha256(bytes([number])).digest()) is Code.SIGNATURE_WRONG


def test_lost_session_is_a_typed_error(box: Box) -> None:
    token = box.open()
    signer = signer_on(token)
    signer.sign(DIGEST)
    token.close()
    assert code_of(signer.sign, DIGEST) is Code.HSM_SESSION


def test_token_taken_away_in_the_middle_of_a_batch(box: Box) -> None:
    signer = signer_on(box.open())
    signer.sign(DIGEST)
    pkcs11.lib(str(box.module)).finalize()
    assert code_of(signer.sign, DIGEST) in {Code.HSM_SESSION, Code.HSM_UNAVAILABLE}
    pkcs11.lib(str(box.module)).initialize()


def test_key_destroyed_under_the_signer(box: Box) -> None:
    token = box.open()
    signer = signer_on(token)
    signer.sign(DIGEST)
    token._login.get_key(object_class=ObjectClass.PRIVATE_KEY, label="one").destroy()
    assert code_of(signer.sign, DIGEST) is Code.HSM_SESSION


@pytest.mark.parametrize("length", [0, 31, 33])
def test_attack_something_that_is_no_sha_256_digest(box: Box, length: int) -> None:
    assert code_of(signer_on(box.open()).sign, bytes(length)) is Code.DIGEST_LENGTH


def test_threads_share_a_token_with_a_session_each(box: Box) -> None:
    signer = signer_on(box.open())
    digests = [sha256(bytes([number])).digest() for number in range(64)]
    with ThreadPoolExecutor(8) as pool:
        signatures = list(pool.map(signer.sign, digests))
    public = signer.certificate().public_key
    assert all(verifies(public, d, s) for d, s in zip(digests, signatures, strict=True))
    with ThreadPoolExecutor(8) as pool:  # sessions of threads that ended are gone, new threads get new ones
        assert len(list(pool.map(signer.sign, digests))) == 64


def _sign_in_child(module: str, certificate: bytes, answers) -> None:
    signer = Pkcs11Signer(Pkcs11Token(Path(module), "dsc", PIN), "one", certificate)
    answers.put(signer.sign(DIGEST))


def test_spawned_worker_opens_the_token_itself(box: Box) -> None:
    signer = signer_on(box.open())
    context = multiprocessing.get_context("spawn")
    answers = context.Queue()
    arguments = (str(box.module), signer.certificate().der, answers)
    child = context.Process(target=_sign_in_child, args=arguments)
    child.start()
    signature = answers.get(timeout=60)
    child.join()
    assert child.exitcode == 0
    assert verifies(signer.certificate().public_key, DIGEST, signature)


def test_attack_forked_worker_with_its_parents_session_is_refused(box: Box) -> None:
    signer = signer_on(box.open())
    child = os.fork()
    if child == 0:
        try:
            signer.sign(DIGEST)
        except KeysError as error:
            os._exit(42 if error.code is Code.HSM_SESSION else 1)
        os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 42
    signer.sign(DIGEST)
