"""The permit to pull: who else may pull from an account, and the right to do so now."""

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol

import msgspec

from ibconsole.errors import UserError


class OtherPuller(msgspec.Struct, frozen=True):
    """Another computer of a team that has the right to pull; a collector pulls for others too."""

    name: str = "another computer"
    is_collector: bool = False

    @property
    def sentence(self) -> str:
        """Two sentences: another one pulls, nothing was requested, and what to do."""
        advice = (
            "A single pull asks it to pull."
            if self.is_collector
            else "Try again when it has ended."
        )
        return (
            f"{self.name[:1].upper()}{self.name[1:]} of your team pulls from this account. Nothing"
            f" was requested. {advice}"
        )


class PulledElsewhere(UserError):
    """Another computer of the team has the right to pull."""

    def __init__(self, other: OtherPuller) -> None:
        self.other = other
        super().__init__(other.sentence)


class PermitLost(UserError):
    """The right to pull was lost before the request, so that none was sent."""


class PullTurn(Protocol):
    """The right to pull while a block runs, in one epoch; `epoch` is None without a team."""

    @property
    def epoch(self) -> int | None: ...

    async def verify(self) -> None:
        """Make sure, directly before a request, that the right is still held. Raises PermitLost."""
        ...


class PullPermit(Protocol):
    """The right to pull from an account, which one computer of a team has at a time.

    It is acquired by the outermost `held` block and returned at its end; blocks within share it. If
    it was lost in between, the next block acquires it again, with another epoch.
    """

    def held(self) -> AbstractAsyncContextManager[PullTurn]:
        """Hold the right while the block runs.

        Raises a UserError if it cannot be acquired: then nothing may be requested.
        """
        ...


class SoloPermit:
    """The permit of an account without a team: always granted."""

    epoch: int | None = None

    @asynccontextmanager
    async def held(self) -> AsyncIterator[PullTurn]:
        """Run the block; see PullPermit."""
        yield self

    async def verify(self) -> None:
        """Do nothing; see PullTurn."""
