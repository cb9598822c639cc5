"""Matches of a searched text in JSON, whose strings may be escaped."""

import json
import re
from collections.abc import Iterator

from ibconsole.ui.toolkit import Spans, find_matches, utf16_length

MAX_MATCHES = 500

_HIGH, _LOW = r"\\u[dD][89abAB]\w\w", r"\\u[dD][c-fC-F]\w\w"
_ESCAPE = re.compile(rf"{_HIGH}{_LOW}|\\u[0-9a-fA-F]{{4}}|\\.")
_KEY = re.compile(r'"(?:[^"\\]|\\.)*"(?=\s*:)')


def find_in_text(text: str, wanted: str) -> Iterator[tuple[int, int]]:
    """Yield start and length of each match in the lines of a text, at most MAX_MATCHES, as in Qt.

    Names of members are left out.
    """
    found = start = 0
    for line in text.split("\n") if wanted else ():
        for first, last in find_in_line(line, wanted):
            if found == MAX_MATCHES:
                return
            found += 1
            yield start + utf16_length(line[:first]), utf16_length(line[first:last])
        start += utf16_length(line) + 1


def find_in_line(line: str, wanted: str) -> Spans:
    """Return the matches in a line of JSON, escaped or not, but not in the names of members."""
    plain, origins = _unescape(line) if "\\" in line else (line, None)
    spans = find_matches(plain, wanted)
    if not spans:
        return ()
    if origins:
        spans = [(origins[start], origins[end]) for start, end in spans]
    keys = [key.span() for key in _KEY.finditer(line)]
    return [one for one in spans if not any(one[0] < end and start < one[1] for start, end in keys)]


def _unescape(line: str) -> tuple[str, list[int]]:
    """Return a line without escapes, and the place of each of its characters and of its end."""
    plain: list[str] = []
    origins: list[int] = []
    done = 0
    for escape in _ESCAPE.finditer(line):
        plain.append(line[done : escape.start()])
        origins += range(done, escape.start())
        plain.append(_meaning(escape[0]))
        origins += [escape.start()] * len(plain[-1])
        done = escape.end()
    plain.append(line[done:])
    origins += range(done, len(line) + 1)
    return "".join(plain), origins


def _meaning(escape: str) -> str:
    try:
        return str(json.loads(f'"{escape}"'))
    except ValueError:  # no escape of JSON
        return escape
