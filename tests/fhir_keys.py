"""API keys of facilities for tests."""

import secrets

import sqlalchemy as sa

from issuer.api_keys import new_key
from issuer.store.attestation_store import add_facility
from issuer.store.engine import writing
from tests.dose_lists import NOW


def key_for(register: sa.Engine, code: str, days: int = 365) -> str:
    """Register a facility and make it a key."""
    with writing(register) as connection:
        add_facility(connection, code, f"Trạm y tế {code}", "00001")
    return new_key(
        register,
        code,
        "HIS",
        now=NOW,
        days=days,
        actor="test",
        token_hex=secrets.token_hex,
        token_urlsafe=secrets.token_urlsafe,
    )
