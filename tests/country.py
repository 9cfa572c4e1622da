"""A make-believe country for tests and the demo: small, quick, the same for the same seed."""

from pathlib import Path

from issuer.simulate.country import Simulated, simulate
from issuer.simulate.settings import Settings


def make_commune(folder: Path, *, seed: int = 1, people: int = 500, rows: int = 1_200) -> Simulated:
    """One commune of Đắk Lắk whose station kept one .xlsx with every kind of defect; `folder` must not exist yet."""
    settings = Settings(
        people=people, rows=rows, seed=seed, one_file=True, province="066", minority_factor=2.5
    )  # a third of Đắk Lắk's people belong to minorities
    return simulate(settings, folder)


def make_country(
    folder: Path, *, seed: int = 1, people: int = 5_000, rows: int = 12_000, delta_days: int = 2
) -> Simulated:
    """A few communes with files of every format and layout, and the register's changes on the days after."""
    settings = Settings(
        people=people, rows=rows, seed=seed, delta_days=delta_days, people_per_commune=1_000, communes_per_block=2
    )
    return simulate(settings, folder)
