"""The record that the window shows, as a value: this disk's archive or a team's, and why.

The window shows records of both, one after the other, and keeps ids of what is selected, inspected
or about to be sent again. A team's ids are the database's plus a constant that no archive reaches.
"""

from enum import StrEnum

import msgspec

from ibconsole.team_archive import TeamAddress

FIRST_TEAM_ID = 1 << 52


class RecordState(StrEnum):
    """The states of what is shown."""

    DISK = "disk"  # the open connection names no team, or the user chose this disk
    CONNECTING = "connecting"  # the team's archive has not answered yet
    TEAM = "team"
    AWAY = "away"  # this disk's archive, because the team's cannot be reached


class RecordSource(msgspec.Struct, frozen=True):
    """The record that is shown now.

    `address` is that of the team, None without one. `mark` grows with what is written to a team's
    record; one that is lower than before means that all is to be read again, and so does another
    number of `revisions`: rows that were there before have changed. `since` is the time at
    which a team's record went away, in milliseconds since the epoch, and `problem` the reason.
    """

    state: RecordState = RecordState.DISK
    address: TeamAddress | None = None
    mark: int = 0
    revisions: int = 0
    since: int = 0
    problem: str = ""

    @property
    def is_shared(self) -> bool:
        """True if a team's record is shown."""
        return self.state is RecordState.TEAM


def is_team_id(number: int) -> bool:
    """Return whether the id of a message or a delivery is one of a team's record."""
    return number >= FIRST_TEAM_ID


def number_of(number: int) -> int:
    """Return the number that users see: that of the message or delivery in its own record."""
    return number - FIRST_TEAM_ID if is_team_id(number) else number


def team_id(number: int) -> int:
    """Return the id of a message or a delivery with this number in a team's record."""
    return number + FIRST_TEAM_ID
