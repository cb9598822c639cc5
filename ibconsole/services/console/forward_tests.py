"""The tests of forward URLs that a console makes, for the account that it is connected to."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ibconsole.lazy import LazyModule
from ibconsole.services.connections import Account, Environment
from ibconsole.services.intake import ArchiveWriter
from ibconsole.services.protection import Protection
from ibconsole.services.request_log import ActivityLog

if TYPE_CHECKING:
    from ibconsole.services import forward_test, sender_profile
    from ibconsole.services.forward_test import (
        ForwardTest,
        Ladder,
        LadderClimber,
        LadderPlan,
        OnRung,
        Replay,
        Sender,
    )
else:  # imported when something is tested
    forward_test = LazyModule("ibconsole.services.forward_test")
    sender_profile = LazyModule("ibconsole.services.sender_profile")


class ForwardTesting:
    """Tests forward URLs, and records that in the archive and in the log of requests.

    `account` returns the account of the console, None if there is none: none is needed. `replay`
    answers in place of real endpoints, as they were recorded.
    """

    def __init__(
        self,
        archive: Path,
        writer: ArchiveWriter,
        activity: ActivityLog,
        protection: Protection,
        account: Callable[[], Account | None],
        replay: "Replay | None" = None,
    ) -> None:
        self._replay = replay
        self._archive = archive
        self._writer = writer
        self._activity = activity
        self._protection = protection
        self._account = account

    async def test(self, url: str, payload: bytes) -> "ForwardTest":
        """Post a payload to a forward URL once; see `ForwardTester`. Raises NotPermitted."""
        self._protection.require_test(self._account(), url)
        return await self._tester.test(url, payload)

    async def climb(
        self,
        url: str,
        payload: bytes,
        plan: "LadderPlan | None" = None,
        on_rung: "OnRung" = lambda _: None,
    ) -> "ForwardTest":
        """Test a forward URL rung by rung; see `LadderClimber.climb`. Raises NotPermitted."""
        self._protection.require_test(self._account(), url)
        return await self._climber(on_rung).climb(url, payload, plan or forward_test.LadderPlan())

    async def probe(self, url: str, on_rung: "OnRung" = lambda _: None) -> "Ladder":
        """Test a forward URL up to TLS, without any request; see `LadderClimber.probe`."""
        return await self._climber(on_rung).probe(url)

    async def observed_sender(self) -> "Sender | None":
        """Return the platform as its forwards in the archive show it; see `learn_sender`."""
        profile = await asyncio.to_thread(sender_profile.learn_sender, self._archive)
        return profile.to_sender() if profile else None

    @property
    def _tester(self) -> "forward_test.ForwardTester":
        account = self._account()
        sandbox = account is not None and account.environment == Environment.SANDBOX
        sandbox = sandbox and self._replay is None
        return forward_test.ForwardTester(
            self._writer,
            self._activity.add,
            sandbox=sandbox,
            connection=account.connection if account else "",
        ).replaying(self._replay)

    def _climber(self, on_rung: "OnRung") -> "LadderClimber":
        return forward_test.LadderClimber(self._tester, on_rung=on_rung)
