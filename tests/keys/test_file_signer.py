"""The file signer and its key files: what is signed, what is refused, and that other tools read what we write."""

import pickle
import subprocess
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

import pytest
from asn1crypto import pem
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import Code, KeysError
from keys.file_signer import FileSigner, load_private_key, raw_signing
from keys.new_key import encrypted_pem, new_key
from keys.pbes2 import ScryptCost, encrypt, require_strong
from keys.raw_signature import der_from_raw, raw_from_der, verifies
from keys.secret_files import read_password, write_new
from specs.cose import Algorithm
from tests.pki import make_pki

PASSWORD = b"correct horse battery staple"
CHEAP = ScryptCost(p=1)
DIGEST = sha256(b"certificate").digest()


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    path = tmp_path / "dsc.pem"
    write_new(path, encrypted_pem(make_pki().dsc.key, PASSWORD, cost=CHEAP), secret=True)
    return path


def refusal(path: Path, password: bytes = PASSWORD) -> Code:
    with pytest.raises(KeysError) as error:
        load_private_key(path, password)
    assert PASSWORD.decode() not in str(error.value)
    return error.value.code


def secret(path: Path, data: bytes) -> Path:
    write_new(path, data, secret=True)
    return path


@pytest.mark.parametrize("name", ["dsc", "dsc_rsa"])
def test_signature_is_raw_and_verifies(name: str) -> None:
    signer = getattr(make_pki(), name).signer
    public = signer.certificate()
    signature = signer.sign(DIGEST)
    assert len(signature) == {Algorithm.ES256: 64, Algorithm.PS256: 256}[public.algorithm]
    assert verifies(public.public_key, DIGEST, signature)
    assert not verifies(public.public_key, sha256(b"another").digest(), signature)


def test_es256_is_deterministic_so_a_signer_that_died_gives_the_same_bytes_again() -> None:
    assert make_pki().dsc.signer.sign(DIGEST) == make_pki().dsc.signer.sign(DIGEST)


def test_rfc_6979_vector_a_2_5_sample_sha_256() -> None:
    key = ec.derive_private_key(0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721, ec.SECP256R1())
    assert raw_signing(key)(sha256(b"sample").digest()).hex().upper() == (
        "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716"
        "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8"
    )


@given(st.integers(1, 2**256 - 1), st.integers(1, 2**256 - 1))
def test_der_and_raw_are_the_same_numbers_at_every_length(r: int, s: int) -> None:
    raw = r.to_bytes(32) + s.to_bytes(32)
    assert raw_from_der(der_from_raw(raw)) == raw


@pytest.mark.parametrize(("r", "s"), [(1, 1), (2**255, 2**247), (127, 2**256 - 1), (128, 255)])
def test_der_and_raw_at_the_edges_of_a_byte(r: int, s: int) -> None:
    raw = r.to_bytes(32) + s.to_bytes(32)
    assert raw_from_der(der_from_raw(raw)) == raw


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_attack_something_that_is_no_sha_256_digest(length: int) -> None:
    with pytest.raises(KeysError, match="DIGEST_LENGTH"):
        make_pki().dsc.signer.sign(bytes(length))


@pytest.mark.parametrize("length", [0, 1, 63, 65, 70, 72, 96, 128])
def test_attack_signature_of_another_length(length: int) -> None:
    assert not verifies(make_pki().dsc.signer.certificate().public_key, DIGEST, bytes(length))


def test_attack_null_signature() -> None:
    assert not verifies(make_pki().dsc.signer.certificate().public_key, DIGEST, bytes(64))


def test_verify_after_sign_catches_a_flipped_bit_in_the_key_store() -> None:
    other = make_pki("FR").dsc.signer
    faulty = FileSigner(make_pki().dsc.key, make_pki().dsc.certificate)
    faulty._sign = other._sign  # the planted fault: signs with another key
    with pytest.raises(KeysError, match="SIGNATURE_WRONG"):
        faulty.sign(DIGEST)


def test_certificate_of_another_key_is_refused() -> None:
    with pytest.raises(KeysError, match="KEY_CERTIFICATE_MISMATCH"):
        FileSigner(make_pki().dsc.key, make_pki("FR").dsc.certificate)


def test_signer_shows_no_secret_and_cannot_be_pickled() -> None:
    signer = make_pki().dsc.signer
    assert repr(signer) == f"FileSigner(kid={signer.certificate().kid.hex()})"
    with pytest.raises(TypeError):
        pickle.dumps(signer)


def test_key_file_is_loaded(key_file: Path) -> None:
    signer = FileSigner.load(key_file, PASSWORD, make_pki().dsc.certificate)
    assert signer.sign(DIGEST) == make_pki().dsc.signer.sign(DIGEST)
    assert key_file.stat().st_mode & 0o777 == 0o600


def test_our_key_file_is_read_by_cryptography(key_file: Path) -> None:
    key = load_pem_private_key(key_file.read_bytes(), PASSWORD)
    assert key.public_key() == make_pki().dsc.key.public_key()


def test_our_key_file_is_read_by_openssl(key_file: Path, openssl: str, tmp_path: Path) -> None:
    password = secret(tmp_path / "password", PASSWORD + b"\n")
    command = [openssl, "pkey", "-in", key_file, "-passin", f"file:{password}"]
    plain = subprocess.run(command, check=True, capture_output=True).stdout
    assert load_pem_private_key(plain, None).public_key() == make_pki().dsc.key.public_key()


@pytest.mark.parametrize("options", [["-scrypt"], ["-v2prf", "hmacWithSHA256", "-iter", "600000"]])
def test_key_file_made_with_openssl_is_read(openssl: str, tmp_path: Path, options: list[str]) -> None:
    plain = tmp_path / "plain.pem"
    plain.write_bytes(make_pki().dsc.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    password = secret(tmp_path / "password", PASSWORD + b"\n")
    command = [openssl, "pkcs8", "-topk8", "-in", plain, "-passout", f"file:{password}", *options]
    made = subprocess.run(command, check=True, capture_output=True).stdout
    path = secret(tmp_path / "made.pem", made)
    assert load_private_key(path, PASSWORD).public_key() == make_pki().dsc.key.public_key()


@pytest.mark.parametrize(
    ("why", "options"),
    [
        ("one round short of the floor", ["-v2prf", "hmacWithSHA256", "-iter", "599999"]),
        ("openssl's default of 2,048 rounds", []),
        ("SHA-1 as PRF", ["-v2prf", "hmacWithSHA1", "-iter", "600000"]),
        ("scrypt with N = 8192", ["-scrypt", "-scrypt_N", "8192", "-scrypt_r", "8", "-scrypt_p", "1"]),
        ("scrypt with r = 4", ["-scrypt", "-scrypt_N", "16384", "-scrypt_r", "4", "-scrypt_p", "1"]),
        ("triple DES", ["-v2", "des3", "-v2prf", "hmacWithSHA256", "-iter", "600000"]),
        ("PKCS#12 encryption of 1999", ["-v1", "PBE-SHA1-3DES", "-iter", "600000"]),
    ],
)
def test_weakly_encrypted_key_is_refused(openssl: str, tmp_path: Path, why: str, options: list[str]) -> None:
    plain = tmp_path / "plain.pem"
    plain.write_bytes(make_pki().dsc.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    password = secret(tmp_path / "password", PASSWORD + b"\n")
    command = [openssl, "pkcs8", "-topk8", "-in", plain, "-passout", f"file:{password}", *options]
    made = subprocess.run(command, check=True, capture_output=True).stdout
    assert refusal(secret(tmp_path / "made.pem", made)) is Code.KEY_FILE_WEAK, why


def test_cryptographys_best_available_encryption_is_too_weak(tmp_path: Path) -> None:
    data = make_pki().dsc.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(PASSWORD))
    assert refusal(secret(tmp_path / "weak.pem", data)) is Code.KEY_FILE_WEAK


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_unencrypted_key_is_refused(tmp_path: Path, encoding: Encoding, form: PrivateFormat) -> None:
    data = make_pki().dsc.key.private_bytes(encoding, form, NoEncryption())
    expected = {Code.KEY_FILE_NOT_ENCRYPTED}
    if (encoding, form) == (Encoding.DER, PrivateFormat.TraditionalOpenSSL):
        expected = {Code.KEY_FILE_UNREADABLE}  # no PKCS#8 at all
    assert refusal(secret(tmp_path / "plain", data)) in expected


def test_old_openssl_pem_encryption_is_refused(tmp_path: Path) -> None:
    key = make_pki().dsc.key
    data = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(PASSWORD))
    assert refusal(secret(tmp_path / "old.pem", data)) is Code.KEY_FILE_WEAK


@pytest.mark.parametrize("mode", [0o644, 0o604, 0o602, 0o620, 0o777])
def test_attack_key_file_that_others_may_read_or_change(key_file: Path, mode: int) -> None:
    key_file.chmod(mode)
    assert refusal(key_file) is Code.KEY_FILE_EXPOSED


def test_wrong_password(key_file: Path) -> None:
    assert refusal(key_file, b"wrong horse battery staple") is Code.KEY_FILE_PASSWORD


def test_missing_key_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none.pem") is Code.FILE_UNREADABLE


@pytest.mark.parametrize("key", [ec.generate_private_key(ec.SECP384R1()), rsa.generate_private_key(65537, 1024)])
def test_key_that_hcert_does_not_know_is_refused(tmp_path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    path = secret(tmp_path / "key.pem", encrypted_pem(key, PASSWORD, cost=CHEAP))
    assert refusal(path) is Code.KEY_UNSUPPORTED


def test_attack_key_out_of_an_rfc(tmp_path: Path) -> None:
    key = ec.derive_private_key(0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721, ec.SECP256R1())
    path = secret(tmp_path / "rfc6979.pem", encrypted_pem(key, PASSWORD, cost=CHEAP))
    assert refusal(path) is Code.KEY_PUBLISHED_SAMPLE


@pytest.mark.parametrize("cost", [ScryptCost(n=8192), ScryptCost(r=4), ScryptCost(p=0)])
def test_weak_key_file_is_never_written(cost: ScryptCost) -> None:
    with pytest.raises(KeysError, match="KEY_FILE_WEAK"):
        encrypt(b"key", PASSWORD, salt=bytes(16), iv=bytes(16), cost=cost)


@given(st.binary(max_size=200))
def test_any_bytes_as_key_file_give_one_declared_error(data: bytes) -> None:
    with pytest.raises(KeysError):
        require_strong(data)
    with pytest.raises(KeysError):
        require_strong(b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n" + data)


@given(st.integers(0, 200), st.integers(0, 255))
def test_a_damaged_key_file_gives_one_declared_error(position: int, value: int) -> None:
    damaged = bytearray(pem.unarmor(damaged_key())[2])
    damaged[position % len(damaged)] = value
    with suppress(KeysError):
        require_strong(bytes(damaged))


_made: list[bytes] = []


def damaged_key() -> bytes:
    if not _made:
        _made.append(encrypted_pem(new_key(Algorithm.ES256), PASSWORD, cost=CHEAP))
    return _made[0]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "0 characters, at least 12"),
        (b"short\n", "5 characters, at least 12"),
        (b"elevenchars\n", "11 characters, at least 12"),
        (b"two lines of\npassword text\n", "more than one line"),
    ],
)
def test_unusable_password_file(tmp_path: Path, text: bytes, words: str) -> None:
    with pytest.raises(KeysError, match=f"PASSWORD_FILE.*{words}"):
        read_password(secret(tmp_path / "password", text))


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_password_is_the_line_without_its_end(tmp_path: Path, end: bytes) -> None:
    assert read_password(secret(tmp_path / "password", PASSWORD + end)) == PASSWORD


def test_a_file_is_never_overwritten(tmp_path: Path) -> None:
    path = secret(tmp_path / "file", b"first")
    with pytest.raises(KeysError, match="CEREMONY_EXISTS"):
        write_new(path, b"second", secret=True)
    assert path.read_bytes() == b"first"
