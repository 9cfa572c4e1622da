"""The wire of the remote oracle: a batch of questions to bytes, bytes to answers (`specs/oracle.md`, 2 and 3).

The same batch gives the same bytes every time it is sent. An answer is taken only if it answers every row, each once,
with a JSON boolean.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

__all__ = [
    "CONTRACT",
    "MAX_ROWS",
    "ROW_BYTES",
    "Failure",
    "Question",
    "UnansweredError",
    "decode_answers",
    "encode_batch",
]

CONTRACT = "hochieu-oracle-1"
MAX_ROWS = 1_000
ROW_BYTES = 200
"""No row of an answer needs more."""

_SEX = {"M": "Nam", "F": "Nữ"}


class Failure(StrEnum):
    """Why a batch has no answers yet: the closed list of specs/oracle.md, section 4."""

    TIMEOUT = "TIMEOUT"
    CUT = "CUT"
    UNAVAILABLE = "UNAVAILABLE"
    TOO_MANY = "TOO_MANY"
    DENIED = "DENIED"
    REFUSED = "REFUSED"
    OTHER_CONTENT = "OTHER_CONTENT"
    BAD_ANSWER = "BAD_ANSWER"

    @property
    def is_passing(self) -> bool:
        """Whether the same batch may be sent again by itself."""
        return self in (Failure.TIMEOUT, Failure.CUT, Failure.UNAVAILABLE, Failure.TOO_MANY)


class UnansweredError(Exception):
    """A batch was not answered; `wait` is what the oracle asks for, in seconds."""

    def __init__(self, failure: Failure, detail: str = "", wait: float | None = None) -> None:
        super().__init__(failure.value)
        self.failure = failure
        self.detail = detail
        self.wait = wait


@dataclass(frozen=True, slots=True)
class Question:
    """The key of four of CV 9438; sex `M` or `F`, the birth date ISO 8601 of the precision known."""

    id_number: str = field(repr=False)
    full_name: str = field(repr=False)
    birth_date: str = field(repr=False)
    sex: str = field(repr=False)


def encode_batch(batch_id: str, questions: Sequence[Question]) -> bytes:
    """The body of the request. Raises ValueError for an empty or too long batch."""
    if not 0 < len(questions) <= MAX_ROWS:
        raise ValueError(f"a batch has 1 to {MAX_ROWS} rows")
    rows = [
        {
            "row": row,
            "so_dinh_danh": one.id_number,
            "ho_ten": one.full_name,
            "ngay_sinh": one.birth_date,
            "gioi_tinh": _SEX[one.sex],
        }
        for row, one in enumerate(questions, 1)
    ]
    body = {"contract": CONTRACT, "batch": batch_id, "rows": rows}
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def decode_answers(body: bytes, batch_id: str, count: int) -> tuple[bool, ...]:
    """True for đúng, False for sai, in the order of the rows. Raises UnansweredError (BAD_ANSWER)."""
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UnansweredError(Failure.BAD_ANSWER, "not JSON") from error
    if not isinstance(answer, dict) or answer.get("batch") != batch_id or not isinstance(answer.get("rows"), list):
        raise UnansweredError(Failure.BAD_ANSWER, "not the answer to this batch")
    found: dict[int, bool] = {}
    for one in answer["rows"]:
        row, says = (one.get("row"), one.get("dung")) if isinstance(one, dict) else (None, None)
        if type(row) is not int or type(says) is not bool or row in found:
            raise UnansweredError(Failure.BAD_ANSWER, "a row that is not one number and one boolean, or comes twice")
        found[row] = says
    if found.keys() != set(range(1, count + 1)):
        raise UnansweredError(Failure.BAD_ANSWER, "rows are missing, or others were answered")
    return tuple(found[row] for row in range(1, count + 1))
