"""The setup that a file wants: its values with their positions.

A position takes no part in the meaning of a value; it is what errors name.
"""

import msgspec

from ibconsole.model import ActionDraft
from ibconsole.secret import MASK
from ibconsole.services.documents import Position
from ibconsole.text import escape_invisible

_LONGEST_SHOWN = 80  # characters of a name or ID in a sentence


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
