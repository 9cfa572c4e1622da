"""Many pages at once, in order, in several processes, with flat memory.

In: any iterable of pages, even an endless one: only a few chunks are ever read ahead. Out: for each page its PDF, or
the refusal of that page alone.
"""

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cache
from itertools import islice
from typing import Final

from issuer.errors import Code, IssuerError
from issuer.render.pdf.page import CertificatePage
from issuer.render.pdf.renderer import Renderer

CHUNK: Final = 16
"""Pages a process takes at a time: about 0.15 s of work, so that the hand-over costs nothing and Ctrl-C is prompt."""

_AHEAD: Final = 2  # chunks a process has waiting


def render_pdfs(pages: Iterable[CertificatePage], processes: int, *, portal: str = "") -> Iterator[bytes]:
    """The PDF of each page, in order. Raises the `IssuerError` of the first page that cannot be set."""
    for outcome in render_each(pages, processes, portal=portal):
        if isinstance(outcome, IssuerError):
            raise outcome
        yield outcome


def render_each(pages: Iterable[CertificatePage], processes: int, *, portal: str = "") -> Iterator[bytes | IssuerError]:
    """The PDF of each page or the reason why it has none, in order. `processes` = 1 stays in this process."""
    remaining = iter(pages)
    chunks = iter(lambda: tuple(islice(remaining, CHUNK)), ())
    if processes <= 1:
        for chunk in chunks:
            yield from map(_outcome, _render(chunk, portal))
        return
    # spawn: a forked child would inherit threads and locks of whatever runs beside us (a web server, a progress bar)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context) as pool:
        waiting: deque[Future[list[bytes | tuple[str, str]]]] = deque()
        try:
            for chunk in chunks:
                waiting.append(pool.submit(_render, chunk, portal))
                if len(waiting) > _AHEAD * processes:
                    yield from map(_outcome, waiting.popleft().result())
            while waiting:
                yield from map(_outcome, waiting.popleft().result())
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@cache
def _renderer(portal: str) -> Renderer:
    """One a process: it holds the fonts."""
    return Renderer(portal=portal)


def _render(pages: Sequence[CertificatePage], portal: str) -> list[bytes | tuple[str, str]]:
    """PDFs, or code and detail of a refusal: plain values, which cross to another process unharmed."""
    made: list[bytes | tuple[str, str]] = []
    for page in pages:
        try:
            made.append(_renderer(portal).pdf(page))
        except IssuerError as refusal:
            made.append((refusal.code.name, refusal.detail))
    return made


def _outcome(made: bytes | tuple[str, str]) -> bytes | IssuerError:
    return made if isinstance(made, bytes) else IssuerError(Code[made[0]], made[1])
