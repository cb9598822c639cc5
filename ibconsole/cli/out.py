"""The one place that writes to the terminal: answers to stdout, everything else to stderr."""

import re
import sys
from collections.abc import Iterable, Sequence

from ibconsole.model import encode

# What a stranger wrote must not move the cursor or turn the text round in a terminal.
_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def say(sentence: str) -> None:
    """Tell the user something that is not the answer itself."""
    sys.stderr.write(f"{plain(sentence)}\n")
    sys.stderr.flush()


def json_line(value: object) -> None:
    """One line of JSON, handed on at once."""
    raw(encode(value) + b"\n")


def raw(data: bytes) -> None:
    """Bytes as they are, handed on at once."""
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def line(text: str) -> None:
    """One line for a person."""
    raw(f"{plain(text)}\n".encode())


def table(headers: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns as wide as they need to be; the last one is not padded."""
    cells = [list(headers), *([plain(cell) for cell in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headers))]
    for row in cells:
        padded = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        raw(("  ".join(padded).rstrip() + "\n").encode("utf-8", "replace"))


def plain(text: str) -> str:
    """The text without characters that steer a terminal."""
    return _CONTROL.sub(" ", text)


def json_text(value: object) -> str:
    """A value as JSON, for a line of text."""
    return encode(value).decode()
