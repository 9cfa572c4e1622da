"""A nationality as a cell holds it -> its text and whether it is that of another country than Vietnam.

Foreigners are never matched with the register, so only a text that names another country of the closed list below makes
one. Everything else (`Kinh`, `1`, a typing error) says nothing of a nationality, and the dose is linked as usual.
"""

import re
from functools import cache, lru_cache

from specs.names import fold, one_blank
from specs.valuesets import countries

__all__ = ["read_nationality"]

_VIETNAM = frozenset("viet nam|vietnam|vietnamese|vn|vnm|viet".split("|"))
_FOREIGN = """
afghanistan|ai cap|ai len|ailen|algeria|an do|anh|anh quoc|vuong quoc anh|ao|arap xeut|a rap xe ut|a rap saudi
argentina|achentina|australia|ba lan|bangladesh|bang la det|belarus|bi|bo dao nha|brasil|brazil|brunei|bungari
bungary|cam pu chia|campuchia|canada|ca na da|cong hoa sec|sec|cu ba|cuba|czech|czech republic|dai loan
taiwan china|dan mach|dong timo|dong ti mo|duc|ha lan|holland|han quoc|dai han dan quoc|korea|republic of korea
hoa ky|hop chung quoc hoa ky|my|hong kong|hongkong|hung ga ri|hungari|hy lap|in do ne xi a|indonexia|iran|iraq|i rac
israel|italia|italy|kazakhstan|khmer republic|lao|lao pdr|cong hoa dan chu nhan dan lao|chdcnd lao|ma cao|macau
ma lai|malaixia|ma lai xi a|mexico|mehico|mien dien|burma|mong co|mozambique|na uy|nam phi|nam han|nga|lien bang nga
russian federation|new zealand|niu di lan|nhat|nhat ban|nigeria|ni gie ri a|o xtray lia|oxtraylia|uc|pakistan
pa ki xtan|palestine|phan lan|phap|phi lip pin|philippin|philipin|philipines|philippine|the philippines|ru ma ni|rumani
singapo|sing ga po|xin ga po|xingapo|slovakia|sri lanka|xri lan ca|syria|tay ban nha|thai|thai lan|tho nhi ky|turkey
thuy dien|thuy si|thuy sy|trieu tien|bac trieu tien|dprk|trung quoc|trung hoa|cong hoa nhan dan trung hoa|chnd trung hoa
prc|tq|ukraina|u crai na|ucraina|uk|great britain|england|britain|scotland|usa|america|united states of america
american|australian|british|english|burmese|cambodian|canadian|chinese|dutch|filipino|french|german|indian|indonesian
italian|japanese|korean|south korean|north korean|laotian|malaysian|russian|singaporean|spanish|swiss|taiwanese
ukrainian|nuoc ngoai|nguoi nuoc ngoai|foreign|foreigner
"""
"""Folded: Vietnamese names, short forms, what a citizen is called; the English names are those of the value set."""
_ALPHA_3 = frozenset(
    """
    ABW AFG AGO AIA ALA ALB AND ARE ARG ARM ASM ATG AUS AUT AZE BDI BEL BEN BFA BGD BGR BHR BHS BIH BLM BLR BLZ BMU BOL
    BRA BRB BRN BTN BWA CAF CAN CHE CHL CHN CIV CMR COD COG COK COL COM CPV CRI CUB CUW CYM CYP CZE DEU DJI DMA DNK DOM
    DZA ECU EGY ERI ESH ESP EST ETH FIN FJI FLK FRA FRO FSM GAB GBR GEO GGY GHA GIB GIN GLP GMB GNB GNQ GRC GRD GRL GTM
    GUF GUM GUY HKG HND HRV HTI HUN IDN IMN IND IRL IRN IRQ ISL ISR ITA JAM JEY JOR JPN KAZ KEN KGZ KHM KIR KNA KOR KWT
    LAO LBN LBR LBY LCA LIE LKA LSO LTU LUX LVA MAC MAF MAR MCO MDA MDG MDV MEX MHL MKD MLI MLT MMR MNE MNG MNP MOZ MRT
    MSR MTQ MUS MWI MYS MYT NCL NER NFK NGA NIC NIU NLD NOR NPL NRU NZL OMN PAK PAN PCN PER PHL PLW PNG POL PRI PRK PRT
    PRY PSE PYF QAT REU ROU RUS RWA SAU SDN SEN SGP SHN SJM SLB SLE SLV SMR SOM SPM SRB SSD STP SUR SVK SVN SWE SWZ SXM
    SYC SYR TCA TCD TGO THA TJK TKL TKM TLS TON TTO TUN TUR TUV TWN TZA UGA UKR URY USA UZB VAT VCT VEN VGB VIR VUT WLF
    WSM YEM ZAF ZMB ZWE
    """.split()
)
"""ISO 3166-1 but for VNM and the uninhabited."""
_ALSO_WORDS = frozenset({"VN", "NA", "NO", "CO", "NU", "SO", "DO", "VI"})  # n/a, no, có, nữ, số, Đỗ, the start of Việt
_BEFORE = re.compile(r"(?:(?:cong hoa xa hoi chu nghia|chxhcn|quoc tich|cong dan|nguoi|nuoc|ngoai kieu|goc)\s+)+")
_BETWEEN = re.compile(r"\s*[-\u2010-\u2015()\[\]/,;:+|]\s*")


@cache
def _codes_and_names() -> tuple[frozenset[str], frozenset[str]]:
    names = {fold(code.english) for key, code in countries().items() if key != "VN"}
    listed = {name for line in _FOREIGN.split("\n") for name in line.split("|") if name}
    return frozenset(countries()) - _ALSO_WORDS | _ALPHA_3, frozenset(names | listed) - {""}


@lru_cache(1 << 10)
def read_nationality(text: str) -> tuple[str, bool]:
    """The text in one spelling and whether it names another country, and not Vietnam beside it."""
    shown = one_blank(text)
    whole = shown.replace(".", "")
    parts = [whole, _BETWEEN.sub(" ", whole).strip(), *_BETWEEN.split(whole)]
    folded = [name for part in map(fold, parts) for name in (part, _BEFORE.sub("", part))]
    if not _VIETNAM.isdisjoint(folded):
        return shown, False
    codes, names = _codes_and_names()
    return shown, not names.isdisjoint(folded) or not codes.isdisjoint(part.strip() for part in parts)
