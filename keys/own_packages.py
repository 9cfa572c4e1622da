"""The names `specs`, `keys`, `issuer` and `verifier` are short, and a foreign `keys` would be handed private keys.

So the commands that touch keys look first whose packages these are.
"""

from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from keys.errors import Code, KeysError

OURS: Final = ("specs", "keys", "issuer", "verifier")
DISTRIBUTION: Final = "ho-chieu-vac-xin"


def require_own_packages() -> None:
    """Raises KeysError(PACKAGE_SHADOWED) if one of our names resolves elsewhere or has another owner."""
    tree = Path(__file__).resolve().parents[1]
    owners = metadata.packages_distributions()
    for name in OURS:
        found = find_spec(name)
        if found is None:
            continue  # a checkpoint installs the verifier alone
        places = [Path(place).resolve() for place in found.submodule_search_locations or ()]
        if places != [tree / name]:
            raise KeysError(Code.PACKAGE_SHADOWED, f"{name} is found in {places or found.origin}")
        if strangers := set(owners.get(name, ())) - {DISTRIBUTION}:
            raise KeysError(Code.PACKAGE_SHADOWED, f"{name} belongs to {sorted(strangers)}")
