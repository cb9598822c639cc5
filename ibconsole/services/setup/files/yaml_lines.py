"""Quick reading of YAML in the plain style in which setup files are written, line by line.

Ten times as quick as the parser for all of YAML, which reads everything else: what is not certain
here is left to it. A test holds both to the same nodes.
"""

import json
import re
from collections.abc import Sequence

import msgspec

from ibconsole.services.setup.files.nodes import (
    DEEPEST,
    MOST_VALUES,
    MappingNode,
    Node,
    Scalar,
    ScalarKind,
    SequenceNode,
    kind_of,
)
from ibconsole.services.setup.files.values import Position

# Tabs, line ends of other kinds, and what is no character of YAML.
_UNUSUAL = re.compile(
    "[^\n\r\x20-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
    "|\r(?!\n)"
)
_LINE = re.compile(
    r"""
    (?P<indent>\ *)(?P<dash>-\ )?(?P<name>[$A-Za-z]+):
    (?:\ +(?:
        (?P<double>"[^"\\]*(?:\\(?:["\\/bfnrt]|u(?![dD][89a-fA-F])[0-9a-fA-F]{4})[^"\\]*)*")
        | '(?P<single>[^']*(?:''[^']*)*)'
        | (?P<list>\[\])
        | (?P<plain>(?:[^\W_]|/)(?:[^\s:#]|:(?=[^\s])|(?<=[^\s])\#|\ +(?=[^\s#]))*)
    ))?
    (?:\ +\#.*|\ *)
    """,
    re.VERBOSE,
)
_LONGEST = 1 << 16  # characters of a line: the pattern takes memory for each
_NOTHING = re.compile(r" *(?:#.*)?")


class _OtherStyle(Exception):
    """The text is not in the style that is read here."""


class _NamedValue(msgspec.Struct):
    number: int
    start: int
    column: int  # of the name, counted from 0
    dash: bool
    found: re.Match[str]


def read_lines(text: str) -> Node | None:
    """Return the structure of a text in the plain style; None for any other text."""
    if _UNUSUAL.search(text):
        return None
    lines = _split(text)
    if not 0 < len(lines) <= MOST_VALUES // 2:
        return None
    reader = _PlainStyle(lines)
    try:
        return reader.root()
    except _OtherStyle:
        return None


def _split(text: str) -> Sequence[_NamedValue]:
    lines, start = [], 0
    for number, whole in enumerate(text.split("\n"), start=1):
        line = whole.removesuffix("\r")
        if len(line) > _LONGEST:
            return ()
        if found := _LINE.fullmatch(line):
            lines.append(
                _NamedValue(number, start, found.start("name"), bool(found["dash"]), found)
            )
        elif not _NOTHING.fullmatch(line):
            return ()
        start += len(whole) + 1
    return lines


class _PlainStyle:
    def __init__(self, lines: Sequence[_NamedValue]) -> None:
        self._lines = lines
        self._next = 0

    def root(self) -> Node:
        first = self._lines[0]
        if first.dash or first.column:
            raise _OtherStyle
        root = self._mapping(first, 1)
        if self._next < len(self._lines):
            raise _OtherStyle
        return root

    def _peek(self) -> _NamedValue | None:
        return self._lines[self._next] if self._next < len(self._lines) else None

    def _mapping(self, first: _NamedValue, depth: int) -> MappingNode:
        if depth > DEEPEST:
            raise _OtherStyle
        members: list[tuple[Scalar, Node]] = []
        line: _NamedValue | None = first
        while line and line.column == first.column and (line is first or not line.dash):
            self._next += 1
            name = self._scalar(line, "name", line.found["name"], kind_of(line.found["name"]))
            members.append((name, self._value(line, name, depth + 1)))
            line = self._peek()
        if line and line.column > first.column and not line.dash:
            raise _OtherStyle
        start = members[0][0]
        span = (start.span[0], members[-1][1].span[1])
        return MappingNode(tuple(members), start.position, span)

    def _value(self, line: _NamedValue, name: Scalar, depth: int) -> Node:
        found, following = line.found, self._peek()
        if scalar := self._text(line):
            return scalar
        if found["list"]:
            place = self._scalar(line, "list", "", ScalarKind.NULL)
            return SequenceNode((), place.position, place.span, is_flow=True)
        if following and following.dash and following.column - 2 >= line.column:
            return self._sequence(following, depth)
        if following and not following.dash and following.column > line.column:
            return self._mapping(following, depth)
        return Scalar("", ScalarKind.NULL, name.position, (name.span[1],) * 2)

    def _text(self, line: _NamedValue) -> Scalar | None:
        plain, double, single = line.found.group("plain", "double", "single")
        if plain is not None:
            return self._scalar(line, "plain", plain, kind_of(plain))
        if double is not None:
            return self._scalar(line, "double", json.loads(double), ScalarKind.TEXT)
        if single is not None:
            text = single.replace("''", "'")
            return self._scalar(line, "single", text, ScalarKind.TEXT, quotes=1)
        return None

    def _sequence(self, first: _NamedValue, depth: int) -> SequenceNode:
        if depth > DEEPEST:
            raise _OtherStyle
        items: list[Node] = []
        line: _NamedValue | None = first
        while line and line.dash and line.column == first.column:
            items.append(self._mapping(line, depth + 1))
            line = self._peek()
        if line and line.dash and line.column > first.column:
            raise _OtherStyle
        start = first.start + first.column - 2
        position = Position(first.number, first.column - 1)
        return SequenceNode(tuple(items), position, (start, items[-1].span[1]))

    def _scalar(
        self, line: _NamedValue, group: str, text: str, kind: ScalarKind, *, quotes: int = 0
    ) -> Scalar:
        start, end = line.found.span(group)
        position = Position(line.number, start - quotes + 1)
        return Scalar(
            text, kind, position, (line.start + start - quotes, line.start + end + quotes)
        )
