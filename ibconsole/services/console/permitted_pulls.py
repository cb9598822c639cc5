"""The pulls of the account that a console is connected to.

Each needs the permission of the account's protection before anything is recorded.
"""

from typing import TYPE_CHECKING

from ibconsole.api import CallKind
from ibconsole.services.audit import Audit
from ibconsole.services.connections import Account
from ibconsole.services.intake import (
    OnReport,
    OtherPuller,
    PulledElsewhere,
    Puller,
    PullLoop,
    PullLoopResult,
    PullReport,
)
from ibconsole.services.protection import Protection

if TYPE_CHECKING:
    from ibconsole.services.team import AccountPulling, CollectorPull


class PermittedPulls:
    """Pulls once or in a loop, or has the collector of the account's team pull.

    `team` has the pulls of an account that a team shares. Whatever pulls raises NotPermitted where
    the protection forbids it.
    """

    def __init__(
        self,
        account: Account,
        puller: Puller,
        loop: PullLoop,
        protection: Protection,
        audit: Audit,
        team: "AccountPulling | None",
    ) -> None:
        self._account = account
        self._puller = puller
        self._loop = loop
        self._protection = protection
        self._audit = audit
        self._team = team

    async def pull(self, limit: int | None) -> PullReport:
        """Pull once; see `Puller.pull`."""
        self._require()
        return await self._puller.pull(limit)

    async def pull_or_ask(self, limit: int | None) -> "PullReport | CollectorPull":
        """Pull once, or ask the collector of the account's team to while that one pulls.

        Raises as `pull` and `CollectorRequest.ask` do.
        """
        try:
            return await self.pull(limit)
        except PulledElsewhere as error:
            if not self._team or not error.other.is_collector:
                raise
            return await self._team.ask(limit)

    async def pull_until_empty(
        self,
        limit: int | None,
        *,
        max_messages: int | None = None,
        on_report: OnReport | None = None,
    ) -> PullLoopResult:
        """Pull batch by batch; see `PullLoop.run_until_empty`."""
        self._require()
        async with self._puller.announced():
            return await self._loop.run_until_empty(
                limit, max_messages=max_messages, on_report=on_report
            )

    async def pull_continuously(
        self, limit: int | None, interval: float, *, on_report: OnReport | None = None
    ) -> PullLoopResult:
        """Pull at intervals; see `PullLoop.run_continuously`."""
        self._require()
        connection = self._account.connection
        async with self._puller.announced(), self._audit.repeated_pulls(connection):
            return await self._loop.run_continuously(limit, interval, on_report=on_report)

    def other_puller(self) -> str:
        """Return who else on this computer pulls from the account; see `Puller.other_puller`."""
        return self._puller.other_puller()

    async def team_puller(self) -> OtherPuller | None:
        """Return who else of the account's team pulls; see `AccountPulling.find_other`."""
        return await self._team.find_other() if self._team else None

    def stop(self) -> None:
        """Stop the pull loop, if one runs; a pull in progress ends first."""
        self._loop.stop()

    async def close(self) -> None:
        """Stop the pull loop, and wait for a pull in progress."""
        await self._loop.stop_and_wait()
        await self._puller.wait_until_idle()

    def _require(self) -> None:
        self._protection.require(self._account, CallKind.PULL)
