"""A SoftHSM2 token of a test's own, and certificates for the keys in it."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pkcs11
import pytest

from keys.certificates import Role, issue
from keys.pkcs11_signer import Pkcs11Token
from tests.pki import make_pki, profile

PIN = b"648219"


@dataclass(frozen=True)
class Box:
    """A token with its module; `open` logs in."""

    module: Path
    label: str

    def open(self, pin: bytes = PIN) -> Pkcs11Token:
        return Pkcs11Token(self.module, self.label, pin)


@contextmanager
def new_token(softhsm: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    """An empty token in `folder`, for as long as the block lasts."""
    tokens = folder / "tokens"
    tokens.mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
    monkeypatch.setenv("SOFTHSM2_CONF", str(config))
    command = ["softhsm2-util", "--init-token", "--free", "--label", "dsc", "--so-pin", "12345678", "--pin", PIN]
    subprocess.run(command, check=True, capture_output=True)
    pkcs11.lib(str(softhsm)).reinitialize()  # the module reads its configuration once per initialisation
    yield Box(softhsm, "dsc")
    pkcs11.lib(str(softhsm)).finalize()


def certificate_for(token: Pkcs11Token, label: str) -> bytes:
    """A document signer's certificate for a key in the token, issued by the make-believe country."""

    class Public:
        def public_key(self):
            return token.public_key(label)

    what = profile(Role.DOCUMENT_SIGNER, Public(), label, days=730, use_days=180)  # type: ignore[arg-type]
    return issue(what, make_pki().csca.issuer)
