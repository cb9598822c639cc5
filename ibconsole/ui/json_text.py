"""JSON made readable without understanding it: the same tokens, on lines of their own.

Nothing is parsed, so nothing is changed: digits, escapes, doubled keys and the rest of a
body that was cut all stay as they were sent. Bounds keep a window from freezing over it.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

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
# What would reorder its neighbours, break a line or show nothing: said instead, as JSON would.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")


@dataclass(frozen=True, slots=True)
class JsonText:
    """What to show. `note` says what is not shown as it is, and is empty if all is."""

    text: str = ""
    note: str = ""
    coloured: bool = True


def readable(body: bytes) -> JsonText:
    """Indent a body, however large and however broken. Takes at most some 100 ms."""
    source = body[: 4 * SHOWN].decode("utf-8-sig", errors="replace")
    whole = len(body) <= 4 * SHOWN
    lines: list[str] = []
    size = 0
    broken = False
    for line in _lines(source):
        if size >= SHOWN:
            whole = False
            break
        visible = visibly(line)
        broken = broken or len(visible) > LONGEST_LINE
        lines += pieces(visible)
        size += len(visible) + 1
    text = "\n".join(lines)[:SHOWN]
    return JsonText(text, _note(len(body), whole and size <= SHOWN + 1, broken), size <= COLOURED)


def visibly(text: str) -> str:
    """The text with every unseen character written as its escape; tab and newline stay."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def pieces(line: str) -> list[str]:
    """A line, broken where it is longer than a window can lay out in good time."""
    starts = range(0, max(len(line), 1), LONGEST_LINE)
    return [line[start : start + LONGEST_LINE] for start in starts]


def _lines(source: str) -> Iterator[str]:
    """The source, one member to a line; empty objects and arrays stay on one."""
    line: list[str] = []
    depth = 0
    opened = False
    for token in _TOKEN.finditer(source):
        kind, text = token.lastgroup, token[0]
        if kind == "space":
            continue
        if kind == "close":
            depth = max(depth - 1, 0)
        if opened != (kind == "close") and (opened or kind == "close") and line:
            yield "".join(line)
            line = [_INDENT * min(depth, _DEEPEST)]
        line.append(": " if kind == "colon" else text)
        opened = kind == "open"
        depth += opened
        if kind == "comma":
            yield "".join(line)
            line = [_INDENT * min(depth, _DEEPEST)]
    if line:
        yield "".join(line)


def _note(size: int, whole: bool, broken: bool) -> str:  # noqa: FBT001 what became of it
    sentences = []
    if not whole:
        sentences.append(f"Too large to show whole ({size:,} bytes): this is the beginning.")
    if broken:
        sentences.append(f"Lines of more than {LONGEST_LINE:,} characters are broken.")
    return " ".join(sentences)
