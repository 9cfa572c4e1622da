"""How large a make-believe country is, and of which shape."""

import datetime as dt
from dataclasses import dataclass

EPOCH = dt.date(1900, 1, 1)
"""Day 0 of every day number in this package."""
EXTRACT_DAY = dt.date(2022, 11, 1)
"""The register is as of this day; deltas start on the next."""
LAST_DOSE_DAY = dt.date(2022, 10, 15)


def day_number(day: dt.date) -> int:
    """Days since EPOCH."""
    return (day - EPOCH).days


@dataclass(frozen=True, slots=True)
class Settings:
    """`people` in the register, about `rows` dose rows (exactly, where that many doses can be), all from one `seed`.

    `communes_per_block` x `people_per_commune` people are in memory at a time, whatever the country's size.
    `one_file` writes every dose row into one .xlsx. `xlsx_rows` is how many rows, at most about, go into .xlsx files
    (half of the files, while they last): writing those costs ten times as much as .csv. `delta_days` days of changes,
    each touching `delta_share` of the register. `province` (three digits) pins the whole country to one province.
    """

    people: int = 500
    rows: int = 1_200
    seed: int = 1
    one_file: bool = False
    xlsx_rows: int = 20_000
    delta_days: int = 0
    delta_share: float = 0.01
    province: str | None = None
    minority_factor: float = 1.0
    people_per_commune: int = 6_000
    communes_per_block: int = 3

    def __post_init__(self) -> None:
        if self.people < 1 or min(self.rows, self.seed, self.delta_days) < 0 or not 0 <= self.delta_share < 1:
            raise ValueError("people must be 1 or more; rows, seed and delta_days 0 or more; delta_share below 1")
        if self.one_file and (self.rows > 500_000 or self.people > self.block_people):
            raise ValueError("one file holds one block of people and no more than 500,000 rows")

    @property
    def block_people(self) -> int:
        """People drawn and held in memory together."""
        return self.people_per_commune * self.communes_per_block
