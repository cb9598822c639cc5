"""The only module that writes to the terminal: answers to stdout, everything else to stderr."""

import re
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from ibconsole.model import encode

if TYPE_CHECKING:
    from ibconsole.services.messages import Progress

# Text from outside must not move the cursor or change the text direction of a terminal.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def write_notice(sentence: str) -> None:
    """Write a sentence that is not part of the answer to stderr."""
    sys.stderr.write(f"{blank_control_characters(sentence)}\n")
    sys.stderr.flush()


def write_json(value: object) -> None:
    """Write a value as one line of JSON to stdout and flush it."""
    write_bytes(encode(value) + b"\n")


def write_bytes(data: bytes) -> None:
    """Write bytes unchanged to stdout and flush them."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def write_line(text: str) -> None:
    """Write one line of text to stdout."""
    write_bytes(f"{blank_control_characters(text)}\n".encode())


def write_table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Write a table to stdout; columns are as wide as their content, the last is not padded."""
    cells = [list(headers), *([blank_control_characters(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headers))]
    for row in cells:
        padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        write_bytes(("  ".join(padded).rstrip() + "\n").encode("utf-8", "replace"))


def blank_control_characters(text: str) -> str:
    """Replace each character that controls a terminal by a blank."""
    return _CONTROL.sub(" ", text)


def to_json(value: object) -> str:
    """Return a value as JSON text, for use within a line."""
    return encode(value).decode()


class ProgressWriter:
    """Writes the progress of a long task to stderr, each tenth of a stage once.

    Writes only if stderr is a terminal, unless `enabled` says otherwise.
    """

    def __init__(self, *, enabled: bool | None = None) -> None:
        self._enabled = sys.stderr.isatty() if enabled is None else enabled
        self._last: tuple[str, int] | None = None

    def __call__(self, progress: "Progress") -> None:
        """Write the progress if it has reached the next tenth or stage."""
        tenth = 10 * progress.done // progress.total if progress.total else 0
        if self._enabled and (progress.stage, tenth) != self._last:
            self._last = (progress.stage, tenth)
            write_notice(f"{progress.stage}… {10 * tenth} %" if tenth else f"{progress.stage}…")
