"""The one declarative file of a ceremony (TOML; specs/ceremony.md, section 2), read strictly.

In: the file's bytes. Out: a frozen `Ceremony`. Refused: any entry that is unknown, missing, of another type or out of
its limits, named by its place in the file. Paths stay as written; the edge resolves them beside the file.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from keys.certificates import Role
from keys.epoch_keys import EPOCHS
from keys.errors import Code, KeysError
from keys.trust_list import COUNTRY, PRODUCTION, TEST
from specs.cose import Algorithm

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._-]{0,59}")  # becomes a file name
MAX_DAYS: Final = 3660
MAX_HEADS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Store:
    """Where a private key lives: in a file under a password, or in the token under a label."""

    password_file: Path | None
    hsm_label: str | None


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key to be made. `days` of certificate, of which the first `use_days` the key may sign."""

    role: Role
    name: str
    algorithm: Algorithm
    days: int
    use_days: int
    store: Store
    kinds: tuple[str, ...] = ()
    crl: str | None = None
    facility: str | None = None
    active: bool = True

    @property
    def slug(self) -> str:
        """The file name of its key and certificate."""
        return self.name.lower().replace(" ", "-")


@dataclass(frozen=True, slots=True)
class ExistingKey:
    """A key of an earlier ceremony, at work in this one; `key_file` goes with a password file."""

    role: Role
    certificate: Path
    key_file: Path | None
    store: Store


@dataclass(frozen=True, slots=True)
class Hsm:
    """A PKCS#11 token."""

    module: Path
    token: str
    pin_file: Path


@dataclass(frozen=True, slots=True)
class Device:
    """Who gets the epoch's mask key: a device whose public key is on file, or one whose key is made here."""

    name: str
    public_key: Path | None
    password_file: Path | None

    @property
    def slug(self) -> str:
        """The file name of its keys."""
        return self.name.lower().replace(" ", "-")


@dataclass(frozen=True, slots=True)
class Previous:
    """What a rotation goes on from: the folder with the last list and inventory; whom it retires and withdraws."""

    folder: Path
    retire: tuple[str, ...]
    withdraw: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Ceremony:
    """Everything a ceremony does.

    `document_days` is the longest life of a document, `list_days` that of the trust list. `epoch` names a new mask
    key (see `keys.epoch_keys`), wrapped for every one of `devices`.
    """

    environment: str
    country: str
    organisation: str
    starts: datetime
    by: str
    witnesses: tuple[str, ...]
    reason: str
    output: Path
    document_days: int
    list_days: int
    csca: NewKey | ExistingKey | None
    facility_authority: NewKey | ExistingKey | None
    anchor: NewKey | ExistingKey | None
    document_signers: tuple[NewKey, ...]
    heads: tuple[NewKey, ...]
    epoch: int | None
    devices: tuple[Device, ...]
    hsm: Hsm | None
    previous: Previous | None

    @property
    def new_keys(self) -> tuple[NewKey, ...]:
        """In the order of making: an authority before whom it certifies."""
        authorities = (self.csca, self.facility_authority, self.anchor)
        return (*(key for key in authorities if isinstance(key, NewKey)), *self.document_signers, *self.heads)


class _Table:
    """One TOML table, of which every entry must be taken exactly once."""

    def __init__(self, entries: object, place: str) -> None:
        if not isinstance(entries, dict):
            raise KeysError(Code.CEREMONY_CONFIG, f"{place or 'the file'}: must be a table")
        self.entries: dict[str, Any] = dict(entries)
        self.place = place

    def refuse(self, entry: str, why: str) -> KeysError:
        return KeysError(Code.CEREMONY_CONFIG, f"{self.place}{'.' if self.place else ''}{entry}: {why}")

    def take(self, entry: str, kind: type, default: Any = None) -> Any:
        value = self.entries.pop(entry, default)
        if value is None:
            raise self.refuse(entry, "missing")
        if type(value) is not kind:
            raise self.refuse(entry, f"must be {_WORDS[kind]}")
        if value == "":
            raise self.refuse(entry, "is empty")
        return value

    def optional(self, entry: str, kind: type) -> Any:
        return self.take(entry, kind) if entry in self.entries else None

    def path(self, entry: str) -> Path:
        return Path(self.take(entry, str))

    def texts(self, entry: str) -> tuple[str, ...]:
        values = self.take(entry, list, [])
        if not all(isinstance(value, str) and value for value in values):
            raise self.refuse(entry, "must be a list of texts")
        return tuple(values)

    def days(self, entry: str, default: int | None = None) -> int:
        value = int(self.take(entry, int, default))
        if not 1 <= value <= MAX_DAYS:
            raise self.refuse(entry, f"must be 1 to {MAX_DAYS} days")
        return value

    def end(self) -> None:
        if self.entries:
            raise self.refuse(sorted(self.entries)[0], "unknown entry")


_WORDS: Final = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    list: "a list",
    dict: "a table",
    datetime: "a date and time with offset, such as 2026-01-05T00:00:00Z",
}
# recommended lifetimes in days: certificate, and use of the private key (HCERT governance, "Trust list")
_LIFETIMES: Final = {
    Role.CSCA: (1461, 365),
    Role.FACILITY_AUTHORITY: (1461, 730),
    Role.ANCHOR: (1461, 1096),
    Role.DOCUMENT_SIGNER: (730, 180),
    Role.FACILITY_HEAD: (730, 365),
}


def read_ceremony(data: bytes) -> Ceremony:
    """Read a ceremony's file. Raises KeysError(CEREMONY_CONFIG) that names the entry."""
    try:
        file = _Table(tomllib.loads(data.decode()), "")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise KeysError(Code.CEREMONY_CONFIG, f"line {line}: not UTF-8") from error
    except tomllib.TOMLDecodeError as error:
        raise KeysError(Code.CEREMONY_CONFIG, str(error)) from error  # names line and column
    document_days, list_days = file.days("document_days", 365), file.days("list_days", 30)
    hsm = _hsm(file)
    previous = _previous(file)
    starts = file.take("starts", datetime)
    if starts.tzinfo is None:
        raise file.refuse("starts", f"must be {_WORDS[datetime]}")
    ceremony = Ceremony(
        environment=file.take("environment", str),
        country=file.take("country", str),
        organisation=file.take("organisation", str),
        starts=starts.astimezone(UTC).replace(microsecond=0),
        by=file.take("by", str),
        witnesses=file.texts("witnesses"),
        reason=file.take("reason", str),
        output=file.path("output"),
        document_days=document_days,
        list_days=list_days,
        csca=_authority(file, "csca", Role.CSCA),
        facility_authority=_authority(file, "facility_authority", Role.FACILITY_AUTHORITY),
        anchor=_authority(file, "anchor", Role.ANCHOR),
        document_signers=_leaves(file, "document_signers", Role.DOCUMENT_SIGNER),
        heads=_leaves(file, "heads", Role.FACILITY_HEAD),
        epoch=file.optional("epoch", int),
        devices=_devices(file),
        hsm=hsm,
        previous=previous,
    )
    file.end()
    _require_whole(ceremony, file)
    return ceremony


def _hsm(file: _Table) -> Hsm | None:
    if "hsm" not in file.entries:
        return None
    table = _Table(file.take("hsm", dict), "hsm")
    hsm = Hsm(table.path("module"), table.take("token", str), table.path("pin_file"))
    table.end()
    return hsm


def _devices(file: _Table) -> tuple[Device, ...]:
    devices = []
    for number, entries in enumerate(file.take("devices", list, []), 1):
        table = _Table(entries, f"devices[{number}]")
        name = _name(table)
        public_key, password_file = table.optional("public_key", str), table.optional("password_file", str)
        if (public_key is None) == (password_file is None):
            raise table.refuse("public_key", "give either public_key, or password_file for a key to be made")
        table.end()
        paths = (Path(path) if path else None for path in (public_key, password_file))
        devices.append(Device(name, *paths))
    return tuple(devices)


def _previous(file: _Table) -> Previous | None:
    if "previous" not in file.entries:
        return None
    table = _Table(file.take("previous", dict), "previous")
    previous = Previous(table.path("folder"), table.texts("retire"), table.texts("withdraw"))
    table.end()
    return previous


def _authority(file: _Table, place: str, role: Role) -> NewKey | ExistingKey | None:
    if place not in file.entries:
        return None
    table = _Table(file.take(place, dict), place)
    if "certificate" not in table.entries:
        return _new_key(table, role)
    certificate = table.path("certificate")
    key_file = table.path("key_file") if "key_file" in table.entries else None
    store = _store(table)
    if (key_file is None) != (store.password_file is None):
        raise table.refuse("key_file", "goes together with password_file")
    table.end()
    return ExistingKey(role, certificate, key_file, store)


def _leaves(file: _Table, place: str, role: Role) -> tuple[NewKey, ...]:
    tables = file.take(place, list, [])
    if len(tables) > MAX_HEADS:
        raise file.refuse(place, f"at most {MAX_HEADS}")
    return tuple(_new_key(_Table(table, f"{place}[{number}]"), role) for number, table in enumerate(tables, 1))


def _new_key(table: _Table, role: Role) -> NewKey:
    name = _name(table)
    days, use_days = _LIFETIMES[role]
    signer, head = role is Role.DOCUMENT_SIGNER, role is Role.FACILITY_HEAD
    algorithm = table.take("algorithm", str, "ES256") if signer else "ES256"
    if algorithm not in Algorithm.__members__:
        raise table.refuse("algorithm", "must be ES256 or PS256")
    kinds = (table.texts("kinds") or ("v",)) if signer else ()
    if not set(kinds) <= {"v", "t", "r"}:
        raise table.refuse("kinds", "must be of v, t, r")
    key = NewKey(
        role=role,
        name=name,
        algorithm=Algorithm[algorithm],
        days=table.days("days", days),
        use_days=table.days("use_days", use_days),
        store=_store(table),
        kinds=kinds,
        crl=table.optional("crl", str) if signer else None,
        facility=table.take("facility", str) if head else None,
        active=table.take("active", bool, True),
    )
    table.end()
    return key


def _name(table: _Table) -> str:
    name = str(table.take("name", str))
    if not NAME.fullmatch(name):
        raise table.refuse("name", "must be up to 60 letters, digits, blanks, dots, underscores or hyphens")
    return name


def _store(table: _Table) -> Store:
    password_file, label = table.optional("password_file", str), table.optional("hsm_label", str)
    if (password_file is None) == (label is None):
        raise table.refuse("password_file", "give either password_file or hsm_label")
    return Store(Path(password_file) if password_file else None, label)


def _require_whole(ceremony: Ceremony, file: _Table) -> None:
    """What one entry alone cannot show."""
    if ceremony.environment not in (TEST, PRODUCTION):
        raise file.refuse("environment", f"must be {TEST} or {PRODUCTION}")
    if not COUNTRY.fullmatch(ceremony.country):
        raise file.refuse("country", "must be two capital letters (ISO 3166-1 alpha-2)")
    if ceremony.document_signers and (ceremony.csca is None or ceremony.anchor is None):
        raise file.refuse("document_signers", "need [csca] to certify them and [anchor] to sign the trust list")
    if ceremony.heads and ceremony.facility_authority is None:
        raise file.refuse("heads", "need [facility_authority] to certify them")
    if (ceremony.epoch is None) != (not ceremony.devices) or (ceremony.devices and ceremony.anchor is None):
        raise file.refuse("epoch", "goes together with [[devices]] and needs [anchor]")
    if ceremony.epoch is not None and ceremony.epoch not in EPOCHS:
        raise file.refuse("epoch", "must be 0 to 255")
    if not ceremony.new_keys and ceremony.previous is None:
        raise file.refuse("csca", "the ceremony makes nothing")
    if ceremony.previous is not None and ceremony.anchor is None:
        raise file.refuse("previous", "needs [anchor] to sign the new trust list")
    slugs = [*(key.slug for key in ceremony.new_keys), *(device.slug for device in ceremony.devices)]
    if twice := {slug for slug in slugs if slugs.count(slug) > 1} if len(set(slugs)) < len(slugs) else set():
        raise file.refuse("name", f"two keys would be called {sorted(twice)[0]}")
    labels = [key.store.hsm_label for key in ceremony.new_keys if key.store.hsm_label]
    if len(set(labels)) < len(labels) or (labels and ceremony.hsm is None):
        raise file.refuse("hsm_label", "must be unique, and needs [hsm]")
    if ceremony.environment == PRODUCTION and not ceremony.witnesses:
        raise file.refuse("witnesses", "a production ceremony has at least one")
    for key in ceremony.document_signers:
        if key.use_days + ceremony.document_days > key.days:
            raise file.refuse(
                f"document_signers ({key.name})",
                f"a document of {ceremony.document_days} days signed on the last of {key.use_days} days of use would "
                f"outlive the certificate of {key.days} days",
            )


def lifetime(key: NewKey, starts: datetime) -> tuple[datetime, datetime]:
    """(end of the key's use, notAfter) of a key whose life begins at `starts`."""
    return starts + timedelta(days=key.use_days), starts + timedelta(days=key.days)
