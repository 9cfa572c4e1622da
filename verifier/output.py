"""Answers to an output that may be full, closed or gone. What was not delivered is never a verdict."""

import os
import sys
from contextlib import suppress
from typing import BinaryIO


class OutputRefusedError(Exception):
    """The output did not take the answer; `reader_is_gone` for a pipe that nobody reads, which needs no words."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(cause.strerror)
        self.reader_is_gone = isinstance(cause, BrokenPipeError)


def deliver(sink: BinaryIO, answer: bytes) -> None:
    """Write `answer` and see it off.

    Raises:
        OutputRefusedError: if `sink` does not take it.
    """
    try:
        sink.write(answer)
        sink.flush()
    except OSError as error:
        raise OutputRefusedError(error) from error


def let_go_of_output() -> None:
    """Send nowhere what standard output still holds: the interpreter would try again on its way out, and complain."""
    if sys.stdout is None:
        return
    with suppress(OSError, ValueError):  # no file beneath it
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
        os.close(nowhere)
