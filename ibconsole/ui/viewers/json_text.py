"""JSON made readable without understanding it: the same tokens, on lines of their own.

Nothing is parsed, so nothing is changed: digits, escapes, doubled keys and the rest of a
body that was cut all stay as they were sent. Bounds keep a window from freezing over it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ibconsole.text import escape_invisible

SHOWN = 256 * 1024  # characters
COLOURED = 64 * 1024
LONGEST_LINE = 2000

_INDENT = "  "
_DEEPEST = 64
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


@dataclass(frozen=True, slots=True)
class BoundedText:
    """What to show. `note` says what is not shown as it is, and is empty if all is."""

    text: str = ""
    note: str = ""
    coloured: bool = True


def readable(body: bytes) -> BoundedText:
    """Indent a body, however large and however broken. Takes at most some 100 ms."""
    source = body[: 4 * SHOWN].decode("utf-8-sig", errors="replace")
    if not source.lstrip().startswith(("{", "[")):
        shown = plain(body)
        note = f"This is not JSON; shown as received. {shown.note}" if body else "It is empty."
        return replace(shown, note=note.strip())
    return _bounded(_lines(source), len(body), whole=len(body) <= 4 * SHOWN)


def plain(body: bytes) -> BoundedText:
    """Show a body as the text that it is, within the same bounds."""
    source = body[:SHOWN].decode(errors="replace")
    # The head of a request ends its lines so; the hex view tells the two kinds apart.
    lines = iter(source.replace("\r\n", "\n").split("\n"))
    shown = _bounded(lines, len(body), whole=len(body) <= SHOWN)
    return replace(shown, coloured=False)


def pieces(line: str) -> list[str]:
    """A line, broken where it is longer than a window can lay out in good time."""
    starts = range(0, max(len(line), 1), LONGEST_LINE)
    return [line[start : start + LONGEST_LINE] for start in starts]


def _lines(source: str) -> Iterator[str]:
    """The source, one member to a line; empty objects and arrays stay on one."""
    line = ""
    depth = 0
    before = ""
    for token in _TOKEN.finditer(source):
        kind = token.lastgroup or ""
        if kind == "space":
            continue
        depth = max(depth - (kind == "close"), 0)
        if _breaks(before, kind):
            yield line
            line = _INDENT * min(depth, _DEEPEST)
        elif {before, kind} <= _VALUES:  # no comma between: broken JSON must stay readable
            line += " "
        line += ": " if kind == "colon" else token[0]
        depth += kind == "open"
        before = kind
    yield line


def _breaks(before: str, kind: str) -> bool:
    if before == "open":
        return kind != "close"
    return before == "comma" or (kind == "close" and before != "")


def _bounded(source: Iterator[str], size: int, *, whole: bool) -> BoundedText:
    lines: list[str] = []
    shown = 0
    for line in map(escape_invisible, source):
        if shown + len(line) > SHOWN:
            lines += pieces(line[: max(SHOWN - shown, 0)])
            whole = False
            break
        lines += pieces(line)
        shown += len(line) + 1
    broken = any(len(line) == LONGEST_LINE for line in lines)
    note = _note(size, whole=whole, broken=broken)
    text = "\n".join(lines)
    return BoundedText(text, note, len(text) <= COLOURED)


def _note(size: int, *, whole: bool, broken: bool) -> str:
    sentences = []
    if not whole:
        sentences.append(f"Too large to show whole ({size:,} bytes): this is the beginning.")
    if broken:
        sentences.append(f"Lines of more than {LONGEST_LINE:,} characters are broken.")
    return " ".join(sentences)
