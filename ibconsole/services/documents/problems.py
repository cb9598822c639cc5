"""Places in a document, and the problems that are found there.

Lines and columns count from 1; a value that comes from no file has the position 0:0.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence

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

    A file has at most `most_values`, with their names: short ones need a hundred times their bytes.
    `owner` is what begins the sentence of each problem, until another part of the file is read.
    """

    def __init__(self, name: str, *, most_values: int = MOST_VALUES) -> None:
        self._name = name
        self._most_values = self._values_left = most_values
        self.found: list[DocumentProblem] = []
        self.owner = ""

    def add(self, position: Position, rule: str) -> None:
        """Note that a rule is broken. Raises InvalidDocument after some twenty of them."""
        self.found.append(DocumentProblem(position, f"{self.owner}{rule}"))
        if len(self.found) > MOST_PROBLEMS:
            raise InvalidDocument(self._name, self.found)

    def end(self, position: Position, rule: str) -> InvalidDocument:
        """Return the error for a problem after which nothing more can be read."""
        return InvalidDocument(self._name, [*self.found, DocumentProblem(position, rule)])

    def count_value(self, position: Callable[[], Position]) -> None:
        """Count a value that is read. Raises InvalidDocument, with its place, if there are more
        than a file may have.
        """
        self._values_left -= 1
        if self._values_left < 0:
            rule = f"it has more than {self._most_values:,} values: split the file into several"
            raise self.end(position(), rule)

    def require_none(self) -> None:
        """Raise InvalidDocument if there is a problem."""
        if self.found:
            raise InvalidDocument(self._name, self.found)


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
