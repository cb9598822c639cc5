"""The explanation of a number: what a finding means, why it matters, and what to do."""

from enum import StrEnum

import msgspec

from ibconsole.services.diagnosis.catalogue.finding import Basis, Level, name_of


class WindowCommand(StrEnum):
    """The commands of the window that are remedies, by their names in the palette."""

    NEW_CONFIGURATION = "Create configuration"
    NEW_ACTION = "New action…"
    REPLACE_ACTION = "Replace action…"
    DELETE_ACTION = "Delete action…"
    FORWARD_TEST = "Send the forward test"
    PULL_ALL = "Pull all waiting messages…"
    LISTEN = "Start listening"
    EDIT_CONNECTION = "Edit this connection…"
    TEST_CONNECTION = "Test this connection"


class Definition(msgspec.Struct, frozen=True):
    """The explanation of one number.

    `refuted_by` says what would show that the finding is wrong. `command` is the command of the
    window that is the remedy, or leads to it. A `retired` number has no rule any more, and is
    never used for anything else.
    """

    number: int
    title: str
    level: Level
    basis: Basis
    why: str
    refuted_by: str
    remedy: str
    command: WindowCommand | None = None
    since: str = "0.2.0"
    references: tuple[str, ...] = ()
    retired: bool = False

    @property
    def name(self) -> str:
        """The number as it is shown: `IBC-1001`."""
        return name_of(self.number)


class FindingGroup(msgspec.Struct, frozen=True):
    """The numbers of one subject."""

    title: str
    definitions: tuple[Definition, ...]
