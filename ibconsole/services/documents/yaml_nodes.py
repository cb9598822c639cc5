"""Reading of YAML 1.2 with the position of every value, without what makes YAML dangerous.

The only module that knows ruamel.yaml. It reads the parser's events: they are the cheapest that
have positions, half as expensive as values with comments, and build nothing. Anchors, aliases,
tags and several documents are refused: an alias can make a small file a large one.
"""

import re
from typing import Any

from msgspec.structs import replace
from ruamel.yaml import YAML, events
from ruamel.yaml.error import MarkedYAMLError, StreamMark, YAMLError

from ibconsole.services.documents.nodes import (
    DEEPEST,
    MappingNode,
    Node,
    Scalar,
    ScalarKind,
    SequenceNode,
    check_halves,
    kind_of,
)
from ibconsole.services.documents.problems import InvalidDocument, Lines, Position, Problems

# What the parser refuses without a line (YAML 1.2 §5.1).
_NOT_PRINTABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
# The parser's words for what goes wrong most, in ours.
_RULES = {
    r"character '\\t'|tab": "a tab cannot indent a line of YAML: write blanks",
    "unexpected end of stream": "a text in quotes has no end",
    "mapping values are not allowed": (
        '":" is not allowed here: put the text into quotes, or correct the indentation'
    ),
    "expected <block end>": "this does not fit the lines above: correct the indentation",
    "could not find expected ':'": '":" is missing after a name',
    "unknown escape character": "this is no escape of YAML: write \\\\ for a backslash",
    "expected ',' or": '"," or the closing bracket is missing',
}
# What the scanner raises for escapes of impossible characters, and for impossible versions.
_SLIPS = (ValueError, OverflowError, AssertionError)


def read_yaml(text: str, problems: Problems) -> Node | None:
    """Return the value of a YAML text, None for an empty one.

    Raises InvalidDocument if it cannot be read to its end; what is not allowed is noted.
    """
    if found := _NOT_PRINTABLE.search(text):
        code = f"U+{ord(found[0]):04X}"
        position = Lines(text).position(found.start())
        raise problems.end(position, f"the character {code} is not allowed in YAML")
    reader = _YamlNodes(text, problems)
    try:
        return reader.document()
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise problems.end(_position(mark), _rule_of(error)) from None
    except (YAMLError, *_SLIPS):
        raise problems.end(reader.last, "this is no YAML after here") from None


class _YamlNodes:
    def __init__(self, text: str, problems: Problems) -> None:
        self.last = Position(1, 1)
        self._problems = problems
        self._events = YAML(typ="base", pure=True).parse(text)

    def document(self) -> Node | None:
        """Read the only document of the text."""
        node: Node | None = None
        has_document = False
        for event in self._events:
            if isinstance(event, events.DocumentStartEvent):
                if has_document:
                    raise self._refusal(event, "a second document is not allowed")
                if event.tags or event.version not in {None, (1, 2)}:
                    raise self._refusal(event, "a directive other than %YAML 1.2 is not allowed")
                has_document = True
                node = self._node(next(self._events), 1)
        return node

    def _node(self, event: Any, depth: int) -> Node:
        self.last = _position(event.start_mark)
        self._check(event, depth)
        if isinstance(event, events.MappingStartEvent):
            return self._mapping(event, depth)
        if isinstance(event, events.SequenceStartEvent):
            return self._sequence(event, depth)
        return self._scalar(event)

    def _check(self, event: Any, depth: int) -> None:
        if isinstance(event, events.AliasEvent):
            raise self._refusal(event, "an alias (*) is not allowed: write the value again")
        if event.anchor is not None:
            raise self._refusal(event, "an anchor (&) is not allowed")
        if event.ctag is not None:
            raise self._refusal(event, "a tag (!) is not allowed")
        if depth > DEEPEST:
            raise self._refusal(event, f"it nests deeper than {DEEPEST} levels")
        self._problems.count_value(lambda: self.last)

    def _mapping(self, start: Any, depth: int) -> MappingNode:
        members: list[tuple[Scalar, Node]] = []
        last = start.end_mark.index
        while not isinstance(event := next(self._events), events.MappingEndEvent):
            name = self._node(event, depth + 1)
            if not isinstance(name, Scalar):
                raise self._problems.end(name.position, "a name has to be text")
            if name.text == "<<" and event.style is None:
                raise self._problems.end(name.position, "a merge key (<<) is not allowed")
            value = self._node(next(self._events), depth + 1)
            if isinstance(value, Scalar) and value.span[0] == value.span[1]:
                # The parser gives an empty value the place of what comes after it.
                value = replace(value, position=name.position, span=(name.span[1],) * 2)
            members.append((name, value))
            last = max(name.span[1], value.span[1])
        return MappingNode(
            tuple(members),
            _position(start.start_mark),
            (start.start_mark.index, event.end_mark.index if start.flow_style else last),
            is_flow=bool(start.flow_style),
        )

    def _sequence(self, start: Any, depth: int) -> SequenceNode:
        items: list[Node] = []
        while not isinstance(event := next(self._events), events.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        last = items[-1].span[1] if items else start.end_mark.index
        return SequenceNode(
            tuple(items),
            _position(start.start_mark),
            (start.start_mark.index, event.end_mark.index if start.flow_style else last),
            is_flow=bool(start.flow_style),
        )

    def _scalar(self, event: Any) -> Scalar:
        scalar = Scalar(
            _with_whole_characters(event.value),
            kind_of(event.value) if event.implicit[0] else ScalarKind.TEXT,
            self.last,
            (event.start_mark.index, event.end_mark.index),
            event.style in {"|", ">"},
        )
        check_halves(scalar, self._problems)
        return scalar

    def _refusal(self, event: Any, rule: str) -> InvalidDocument:
        return self._problems.end(_position(event.start_mark), rule)


def _with_whole_characters(text: str) -> str:
    """Join the halves of characters, which JSON's escapes write apart, and YAML has as well."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "surrogatepass")


def _position(mark: StreamMark | None) -> Position:
    return Position(mark.line + 1, mark.column + 1) if mark else Position(1, 1)


def _rule_of(error: MarkedYAMLError) -> str:
    problem = str(error.problem or error.context or "it cannot be read")
    for pattern, rule in _RULES.items():
        if re.search(pattern, problem):
            return rule
    return f"this is no YAML: {problem}"
