"""Equivalent spellings of a request's path (RFC 3986 §6.2.2).

A sender, or a proxy on the way, may double a slash, add one at the end, or escape a character
that needs no escape. Spellings that may name another resource stay different: an escaped slash,
question mark, number sign or percent sign, another letter, and another case of a letter.
"""

import re
from collections.abc import Mapping
from typing import Generic, TypeVar

T = TypeVar("T")

MAX_PATH = 4096  # characters; a longer path is compared as it is
_ESCAPE = re.compile("%([0-9A-Fa-f]{2})")
_SLASHES = re.compile("/{2,}")
_DELIMITERS = frozenset("/?#%")  # data if they are escaped; otherwise they divide a URL


class PathTable(Generic[T]):
    """Values by path, found by every equivalent spelling of the path."""

    def __init__(self, values: Mapping[str, T]) -> None:
        self._exact = dict(values)
        self._canonical: dict[str, T] = {}
        ambiguous = set()
        for path, value in values.items():
            spelling = canonical_path(path)
            if self._canonical.setdefault(spelling, value) != value:
                ambiguous.add(spelling)
        for spelling in ambiguous:  # these paths differ only by what is equivalent elsewhere
            del self._canonical[spelling]

    def find(self, path: str) -> T | None:
        """Return the value of a path, without query and fragment; None if it is unknown."""
        found = self._exact.get(path)
        return self._canonical.get(canonical_path(path)) if found is None else found


def canonical_path(path: str) -> str:
    """Return the spelling that all equivalent ones share.

    A path that does not begin with a slash, or is longer than MAX_PATH, has no other spelling.
    """
    if not path.startswith("/") or len(path) > MAX_PATH:
        return path
    path = _follow_dots(_ESCAPE.sub(_unescape, path))
    return _SLASHES.sub("/", path).removesuffix("/") or "/"


def _unescape(escape: re.Match[str]) -> str:
    character = chr(int(escape[1], 16))
    needless = "!" <= character <= "~" and character not in _DELIMITERS
    return character if needless else escape[0].upper()


def _follow_dots(path: str) -> str:
    """Remove the segments `.` and `..` as RFC 3986 §5.2.4 does."""
    if "/." not in path:
        return path
    segments = path.split("/")[1:]
    kept: list[str] = []
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)
