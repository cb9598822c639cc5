"""The setup that a file wants: its values with their positions, and the problems of a file.

A position takes no part in the meaning of a value; it is what errors name. Lines and columns count
from 1; a value that comes from no file has the position 0:0.
"""

from collections.abc import Sequence

import msgspec

from ibconsole.errors import UserError
from ibconsole.model import ActionDraft
from ibconsole.plural import counted
from ibconsole.secret import MASK
from ibconsole.text import escape_invisible

MOST_PROBLEMS = 20
_LONGEST_SHOWN = 80  # characters of a name or ID in a sentence


class Position(msgspec.Struct, frozen=True, order=True):
    """A place in a file, counted in lines and characters from 1."""

    line: int = 0
    column: int = 0


class WantedAction(msgspec.Struct, frozen=True):
    """An action that is to exist. `key` is what an export noted, and has no meaning."""

    draft: ActionDraft
    key: str = ""
    position: Position = Position()

    @property
    def is_masked(self) -> bool:
        """True if a part of it was masked: it can stand for an action, but not create one."""
        return MASK in self.draft.forward_url or MASK in self.draft.callback_data


class WantedConfiguration(msgspec.Struct, frozen=True):
    """A configuration that is to exist, with its actions in the order of the file.

    Equal actions are as many actions. `key` is what an export noted, and has no meaning.
    """

    actions: tuple[WantedAction, ...] = ()
    key: str = ""
    position: Position = Position()


class WantedApplication(msgspec.Struct, frozen=True):
    """The setup that an application is to have; without a configuration it is to have none.

    The application is the one with this name, and with this ID and this code if they are given.
    """

    name: str
    configuration: WantedConfiguration | None = None
    id: str = ""
    code: str = ""
    position: Position = Position()

    @property
    def actions(self) -> tuple[WantedAction, ...]:
        """The actions of its configuration; none if it is to have no configuration."""
        return self.configuration.actions if self.configuration else ()

    @property
    def label(self) -> str:
        """The words by which a sentence names it; long ones are cut."""
        shown = f"“{_shown(self.name)}”"
        return f"{shown} with the ID {_shown(self.id)}" if self.id else shown


def _shown(text: str) -> str:
    cut = f"{text[:_LONGEST_SHOWN]}…" if len(text) > _LONGEST_SHOWN else text
    return escape_invisible(cut)


class SetupFile(msgspec.Struct, frozen=True):
    """A setup file that was understood as a whole; `name` is what errors call it."""

    name: str
    applications: tuple[WantedApplication, ...] = ()


class SetupProblem(msgspec.Struct, frozen=True):
    """A rule that a file breaks, as a clause without a full stop, and where."""

    position: Position
    rule: str


class InvalidSetupFile(UserError):
    """A setup file breaks rules: a line `name:line:column: rule` for each, in their order.

    Raised by readers, and by those who find that a valid file does not fit an account.
    """

    def __init__(self, name: str, problems: Sequence[SetupProblem]) -> None:
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


def place_in(name: str, position: Position) -> str:
    """Return a place as compilers write it: `setup.yaml:12:5`, or the name alone for 0:0."""
    return f"{name}:{position.line}:{position.column}" if position.line else name
