"""The pulls of an account that a team shares: from this computer, or asked of a collector."""

from pathlib import Path
from typing import TYPE_CHECKING

from ibconsole.api import current_purpose
from ibconsole.lazy import LazyModule
from ibconsole.services.audit import describe_process
from ibconsole.services.connections import TeamAccess
from ibconsole.services.intake import OtherPuller
from ibconsole.services.team.asking import CollectorPull, CollectorRequest
from ibconsole.services.team.pulling import TeamNotReached, TeamPullPermit, other_of
from ibconsole.services.team.session_thread import SessionThread, team_opener
from ibconsole.services.team.shipping import default_label
from ibconsole.team_archive import TeamArchiveError

if TYPE_CHECKING:
    from ibconsole.team_archive import pulling
else:
    pulling = LazyModule("ibconsole.team_archive.pulling")


class AccountPulling:
    """The pulls of a desktop or of a terminal command; `permit` is that of its own pulls.

    `archive` is the archive of this computer. To be closed by `close`.
    """

    def __init__(self, access: TeamAccess, archive: Path) -> None:
        self._opener = team_opener(access, archive, default_label())
        own = describe_process()
        self.permit = TeamPullPermit(
            self._opener, f"{own['user']} on {own['host']}, {own['process']}"
        )

    async def find_other(self) -> OtherPuller | None:
        """Return who else of the team has the right to pull; None if it is free, or held here.

        Raises TeamNotReached.
        """
        if self.permit.status.epoch is not None:
            return None
        session = SessionThread(self._opener)
        try:
            holder = await session.run(lambda opened, _: pulling.find_holder(opened))
        except TeamArchiveError as error:
            raise TeamNotReached(f"Nothing was requested. {error}") from error
        finally:
            await session.close()
        return other_of(holder) if holder else None

    async def ask(self, limit: int | None) -> CollectorPull:
        """Ask the collector for one pull; see `CollectorRequest.ask`."""
        request = CollectorRequest(self._opener, default_label())
        return await request.ask(limit, current_purpose.get())

    async def close(self) -> None:
        """Give the right to pull back."""
        await self.permit.close()
