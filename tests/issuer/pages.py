"""Pages of people who do not exist, for the tests of rendering."""

import datetime as dt
from typing import Any, Final

from issuer.render.pdf.page import CertificatePage, Words
from issuer.vietnam_time import VIETNAM

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
HC1_TEXT: Final = "HC1:" + "".join(ALPHABET[(i * i + 7 * i) % 45] for i in range(506))
ISSUED: Final = dt.datetime(2022, 4, 14, 8, 30, tzinfo=VIETNAM)


def page(**changes: Any) -> CertificatePage:
    """A usual page: two doses, a name of four words, 510 characters of certificate."""
    usual: dict[str, Any] = {
        "full_name": "Nguyễn Thị Thuý Hằng",
        "latin_name": "NGUYEN THI THUY HANG",
        "birth_date": "1983-10-09",
        "nationality": Words("Việt Nam", "Viet Nam"),
        "disease": Words("COVID-19", "COVID-19"),
        "doses_received": "2",
        "dose_dates": ("2021-08-03", "2021-10-28"),
        "dose_number": "2/2",
        "vaccine": Words("Vắc xin mRNA phòng COVID-19", "mRNA COVID-19 vaccine"),
        "product": Words("Comirnaty (Pfizer BioNTech)", "Comirnaty (Pfizer BioNTech)"),
        "manufacturer": Words("Biontech Manufacturing GmbH", "Biontech Manufacturing GmbH"),
        "uvci": "URN:UVCI:01:VN:9A1B7C40E2D54F6CA8E1D03B5C7F2A96",
        "issuer": Words("Cục Y tế dự phòng", "General Department of Preventive Medicine"),
        "issued": ISSUED,
        "expires": ISSUED.replace(year=2023),
        "hc1_text": HC1_TEXT,
    }
    return CertificatePage(**(usual | changes))
