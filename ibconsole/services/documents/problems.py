"""Places in a document, and the problems that are found there.

Lines and columns count from 1; a value that comes from no file has the position 0:0.
"""

import re
from bisect import bisect_right
from collections.abc import Sequence

import msgspec

from ibconsole.errors import UserError
from ibconsole.plural import counted

MOST_PROBLEMS = 20
MOST_VALUES = 500_000  # with their names: 15,000 applications with three actions each
LINE_END = re.compile("\r\n|\r|\n")


class Position(msgspec.Struct, frozen=True, order=True):
    """A place in a file, counted in lines and characters from 1."""

    line: int = 0
    column: int = 0


class DocumentProblem(msgspec.Struct, frozen=True):
    """A rule that a file breaks, as a clause without a full stop, and where."""

    position: Position
    rule: str


class InvalidDocument(UserError):
    """A file breaks rules: a line `name:line:column: rule` for each, in their order.

    Raised by readers, and by those who find that a valid file does not fit what it is for.
    """

    def __init__(self, name: str, problems: Sequence[DocumentProblem]) -> None:
        ordered = sorted(problems, key=lambda one: one.position)
        self.problems = tuple(ordered[:MOST_PROBLEMS])
        self._lines = [f"{place_in(name, one.position)}: {one.rule}" for one in self.problems]
        if len(ordered) > MOST_PROBLEMS:
            self._lines.append(f"{name}: {counted(len(ordered) - MOST_PROBLEMS, 'more problem')}")
        super().__init__("\n".join(self._lines))

    @property
    def lines(self) -> tuple[str, ...]:
        """A line for each problem."""
        return tuple(self._lines)


class Problems:
    """Collects the problems of one file; too many end its reading.

    `values_left` is counted down by readers: many short values need a hundred times their bytes.
    """

    def __init__(self, name: str) -> None:
        self.values_left = MOST_VALUES
        self._name = name
        self._found: list[DocumentProblem] = []

    def add(self, position: Position, rule: str) -> None:
        """Note that a rule is broken. Raises InvalidDocument after some twenty of them."""
        self._found.append(DocumentProblem(position, rule))
        if len(self._found) > MOST_PROBLEMS:
            raise InvalidDocument(self._name, self._found)

    def end(self, position: Position, rule: str) -> InvalidDocument:
        """Return the error for a problem after which nothing more can be read."""
        return InvalidDocument(self._name, [*self._found, DocumentProblem(position, rule)])

    def require_none(self) -> None:
        """Raise InvalidDocument if there is a problem."""
        if self._found:
            raise InvalidDocument(self._name, self._found)


class Lines:
    """The lines of a text, for the position of an index in it."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(found.end() for found in LINE_END.finditer(text))]

    def position(self, index: int) -> Position:
        """Return the line and the column of a character."""
        line = bisect_right(self._starts, index)
        return Position(line, index - self._starts[line - 1] + 1)


def place_in(name: str, position: Position) -> str:
    """Return a place as compilers write it: `setup.yaml:12:5`, or the name alone for 0:0."""
    return f"{name}:{position.line}:{position.column}" if position.line else name
