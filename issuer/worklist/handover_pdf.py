"""A hand-over list as PDF, set from the archived bytes: what is read is what was signed."""

import csv
import io
import json
from datetime import datetime
from pathlib import Path
from typing import Final

import typst

from issuer.errors import Code, IssuerError
from issuer.store.handover_store import Handover
from issuer.vietnam_time import VIETNAM
from issuer.worklist.words import say
from keys.certificate_facts import read_certificate

__all__ = ["handover_pdf"]

_FOLDER: Final = Path(__file__).parent
_FONTS: Final = _FOLDER.parent / "fonts"
_HEADER = ("TT", "Họ và tên", "Ngày sinh", "Giới", "Số giấy tờ", "Nguồn", "Đề nghị", "Xác nhận", "Nội dung, kết quả")
_SEX = {"M": "Nam", "F": "Nữ"}


def handover_pdf(found: Handover, commune_name: str) -> bytes:
    """The list as A4 pages in Vietnamese. Raises IssuerError (PAGE_LETTER) for a letter that no font has."""
    rows = [_row(row) for row in csv.DictReader(io.StringIO(found.content.decode("utf-8-sig")))]
    signed = "Chưa ký."
    if found.certificate is not None and found.signed_at is not None:
        public = read_certificate(found.certificate)
        signed = f"Ký số: {public.subject}\nkid {public.kid.hex()}\nLúc {_minute(found.signed_at)}"
    data = {
        "office": f"CÔNG AN {commune_name.upper()}",
        "title": "DANH SÁCH XÁC NHẬN THÔNG TIN TIÊM CHỦNG",
        "subtitle": f"Lập lúc {_minute(found.made_at)}, {found.row_count} hồ sơ",
        "digest": f"SHA-256 {found.sha256}",
        "header": list(_HEADER),
        "rows": rows,
        "archived": f"Người lập: {found.made_by}",
        "signed": signed,
    }
    compiler = typst.Compiler(
        str(_FOLDER / "handover.typ"), root=str(_FOLDER), font_paths=[str(_FONTS)], ignore_system_fonts=True
    )
    made = int(datetime.fromisoformat(found.made_at).timestamp())
    try:
        pdf = compiler.compile(format="pdf", sys_inputs={"list": json.dumps(data, ensure_ascii=False)}, timestamp=made)
    except typst.TypstError:
        raise IssuerError(Code.PAGE_LETTER) from None  # the message quotes text that may be a person's
    if not isinstance(pdf, bytes):
        raise IssuerError(Code.PAGE_FULL)
    return pdf


def _row(row: dict[str, str]) -> list[str]:
    kind = say("vi", f"history.kind.{row['loai']}")
    if row["loai"] == "aside":
        kind = f"{kind}: {say('vi', 'aside.' + row['ly_do'])}"
    result = say("vi", f"class.{row['ket_qua']}") if row["ket_qua"] else ""
    return [
        row["stt"],
        row["ho_ten"],
        "/".join(reversed(row["ngay_sinh"].split("-"))),
        _SEX.get(row["gioi_tinh"], ""),
        row["so_giay_to"],
        f"{row['tep']} dòng {row['dong']}",
        f"{row['nguoi_de_nghi']} {_minute(row['de_nghi_luc'])}",
        f"{row['nguoi_xac_nhan']} {_minute(row['xac_nhan_luc'])}",
        f"{kind}{'; ' + result if result else ''}",
    ]


def _minute(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M")
