"""Reading of JSON with the position of every value, and with strict rules (RFC 8259)."""

import json
import re

from ibconsole.services.documents.nodes import (
    DEEPEST,
    MappingNode,
    Node,
    Scalar,
    ScalarKind,
    SequenceNode,
    check_halves,
)
from ibconsole.services.documents.problems import InvalidDocument, Lines, Problems

_BLANKS = re.compile(r"[ \t\r\n]*")
# Without ways back (+), which would take memory for each escape.
_TEXT = re.compile(r'"[^"\\\x00-\x1f]*+(?:\\.[^"\\\x00-\x1f]*+)*+"')
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_WORD = re.compile(r"[^\s{}\[\],:\"]+")
_WORDS = {
    "true": ScalarKind.BOOLEAN,
    "false": ScalarKind.BOOLEAN,
    "null": ScalarKind.NULL,
}


def read_json(text: str, problems: Problems) -> Node:
    """Return the value that a JSON text is. Raises InvalidDocument if it is none."""
    reader = _JsonNodes(text, problems)
    value = reader.value(1)
    if reader.sign():
        raise reader.error("the JSON value ends before this")
    return value


class _JsonNodes:
    def __init__(self, text: str, problems: Problems) -> None:
        self._text = text
        self._problems = problems
        self._lines = Lines(text)
        self._index = 0

    def error(self, rule: str) -> InvalidDocument:
        return self._problems.end(self._lines.position(self._index), rule)

    def sign(self) -> str:
        """Skip blanks and return the next character, "" at the end; it stays unread."""
        found = _BLANKS.match(self._text, self._index)
        self._index = found.end() if found else self._index
        return self._text[self._index : self._index + 1]

    def value(self, depth: int) -> Node:
        if depth > DEEPEST:
            raise self.error(f"it nests deeper than {DEEPEST} levels")
        self._problems.count_value(lambda: self._lines.position(self._index))
        match self.sign():
            case "{":
                return self._mapping(depth)
            case "[":
                return self._sequence(depth)
            case '"':
                return self._string()
            case "":
                raise self.error("the file ends here, and JSON has to go on")
        return self._word()

    def _mapping(self, depth: int) -> MappingNode:
        start = self._index
        members: list[tuple[Scalar, Node]] = []
        while self._has_next("}", is_first=not members):
            if self.sign() != '"':
                raise self.error('a name in double quotes or "}" is missing')
            name = self._string()
            if self.sign() != ":":
                raise self.error('":" is missing after a name')
            self._index += 1
            members.append((name, self.value(depth + 1)))
        position = self._lines.position(start)
        return MappingNode(tuple(members), position, (start, self._index), is_flow=True)

    def _sequence(self, depth: int) -> SequenceNode:
        start = self._index
        items: list[Node] = []
        while self._has_next("]", is_first=not items):
            items.append(self.value(depth + 1))
        position = self._lines.position(start)
        return SequenceNode(tuple(items), position, (start, self._index), is_flow=True)

    def _has_next(self, end: str, *, is_first: bool) -> bool:
        """Read the bracket or comma that is next; return whether another element follows."""
        if is_first:
            self._index += 1  # the opening bracket
        sign = self.sign()
        if sign == end:
            self._index += 1
            return False
        if is_first:
            return True
        if sign != ",":
            raise self.error(f'"," or "{end}" is missing')
        self._index += 1
        if self.sign() == end:
            raise self.error(f'JSON has no "," before "{end}"')
        return True

    def _string(self) -> Scalar:
        start = self._index
        found = _TEXT.match(self._text, start)
        if not found:
            raise self.error("this text has no end, or a control character that is not escaped")
        try:
            text = json.loads(found[0])
        except json.JSONDecodeError as error:
            self._index += error.pos
            raise self.error("this is no escape of JSON") from None
        self._index = found.end()
        scalar = self._scalar(text, ScalarKind.TEXT, start)
        check_halves(scalar, self._problems)
        return scalar

    def _word(self) -> Scalar:
        start = self._index
        found = _WORD.match(self._text, start)
        word = found[0] if found else ""
        kind = _WORDS.get(word)
        if kind is None and _NUMBER.fullmatch(word):
            kind = ScalarKind.NUMBER
        if kind is None and word.startswith(("#", "//", "/*")):
            raise self.error("JSON has no comments")
        if kind is None:
            raise self.error("this is no value of JSON: texts stand in double quotes")
        self._index += len(word)
        return self._scalar(word, kind, start)

    def _scalar(self, text: str, kind: ScalarKind, start: int) -> Scalar:
        return Scalar(text, kind, self._lines.position(start), (start, self._index))
