"""Indentation of JSON without parsing it: the same tokens, one member per line.

Since nothing is parsed, nothing changes: digits, escapes, duplicate keys and the end of a
truncated body stay as they were sent. Limits on the size keep the window responsive.
"""

import re
from collections.abc import Iterator

import msgspec
from msgspec.structs import replace

from ibconsole.text import escape_invisible

MAX_CHARACTERS = 256 * 1024
MAX_COLOURED = 64 * 1024  # characters
MAX_LINE = 2000  # characters

_INDENT = "  "
_MAX_INDENT = 64
_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<string>"(?:[^"\\]|\\.)*"?)   # the end of a body may cut a string
      | (?P<open>[\[{])
      | (?P<close>[\]}])
      | (?P<comma>,)
      | (?P<colon>:)
      | (?P<word>[^\s"\[\]{},:]+)""",
    re.VERBOSE | re.DOTALL,
)
_VALUES = {"string", "word"}


class BoundedText(msgspec.Struct, frozen=True):
    """A text to show. `note` says what is not shown as received; empty if all of it is."""

    text: str = ""
    note: str = ""
    coloured: bool = True


def format_json(body: bytes) -> BoundedText:
    """Indent a body of any size, valid or not. Takes at most about 100 ms.

    The text has at most MAX_CHARACTERS, and lines of at most MAX_LINE characters.
    """
    source = body[: 4 * MAX_CHARACTERS].decode("utf-8-sig", errors="replace")
    if not source.lstrip().startswith(("{", "[")):
        shown = format_plain(body)
        note = f"This is not JSON; shown as received. {shown.note}" if body else "It is empty."
        return replace(shown, note=note.strip())
    return _limit(_lines(source), len(body), whole=len(body) <= 4 * MAX_CHARACTERS)


def format_plain(body: bytes) -> BoundedText:
    """Return a body as plain text, within the same limits."""
    source = body[:MAX_CHARACTERS].decode(errors="replace")
    # The head of a request has CRLF; the hex view shows which line ends there are.
    lines = iter(source.replace("\r\n", "\n").split("\n"))
    shown = _limit(lines, len(body), whole=len(body) <= MAX_CHARACTERS)
    return replace(shown, coloured=False)


def break_line(line: str) -> list[str]:
    """Break a line that is too long for Qt to lay out quickly."""
    starts = range(0, max(len(line), 1), MAX_LINE)
    return [line[start : start + MAX_LINE] for start in starts]


def _lines(source: str) -> Iterator[str]:
    """Yield the source with one member per line; empty objects and arrays stay on one line."""
    line = ""
    depth = 0
    before = ""
    for token in _TOKEN.finditer(source):
        kind = token.lastgroup or ""
        if kind == "space":
            continue
        depth = max(depth - (kind == "close"), 0)
        if _starts_line(before, kind):
            yield line
            line = _INDENT * min(depth, _MAX_INDENT)
        elif {before, kind} <= _VALUES:  # no comma between: invalid JSON must stay readable
            line += " "
        line += ": " if kind == "colon" else token[0]
        depth += kind == "open"
        before = kind
    yield line


def _starts_line(before: str, kind: str) -> bool:
    if before == "open":
        return kind != "close"
    return before == "comma" or (kind == "close" and before != "")


def _limit(source: Iterator[str], size: int, *, whole: bool) -> BoundedText:
    lines: list[str] = []
    shown = 0
    for line in map(escape_invisible, source):
        if shown + len(line) > MAX_CHARACTERS:
            lines += break_line(line[: max(MAX_CHARACTERS - shown, 0)])
            whole = False
            break
        lines += break_line(line)
        shown += len(line) + 1
    broken = any(len(line) == MAX_LINE for line in lines)
    note = _note(size, whole=whole, broken=broken)
    text = "\n".join(lines)
    return BoundedText(text, note, len(text) <= MAX_COLOURED)


def _note(size: int, *, whole: bool, broken: bool) -> str:
    sentences = []
    if not whole:
        sentences.append(f"Too large to show whole ({size:,} bytes): this is the beginning.")
    if broken:
        sentences.append(f"Lines of more than {MAX_LINE:,} characters are wrapped.")
    return " ".join(sentences)
