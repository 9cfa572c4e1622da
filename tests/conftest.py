"""What every test may ask for."""

import os
from pathlib import Path

import pytest

VECTORS = Path(os.environ.get("HOCHIEU_VECTORS", Path(__file__).parents[2] / "shared" / "vectors"))


@pytest.fixture(scope="session")
def vectors() -> Path:
    """The folder of third-party test vectors, or a skip that says what is missing."""
    if not VECTORS.is_dir():
        pytest.skip("../shared/vectors not present")
    return VECTORS
