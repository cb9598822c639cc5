"""A process that is killed in the middle of a plan leaves nothing that cannot be finished."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from ibconsole.archive.audit import AuditFilter, read_audit, verify_audit
from ibconsole.http1 import Request, Response, Server
from ibconsole.secret import Secret
from ibconsole.services.connections.account import account_of
from ibconsole.simulator.settings import SimulatorSettings
from ibconsole.simulator.simulator import Simulator
from tests.unit.services.setup.plans.accounts import FORWARD, PULL, Hand


class KillingPlatform:
    """A simulated platform that kills the process whose change it gets, done or not."""

    def __init__(self) -> None:
        self.simulator = Simulator(SimulatorSettings(rate_limited=False))
        self.victim: asyncio.subprocess.Process | None = None
        self.changes_until_kill = 0
        self.carries_out = False

    async def __call__(self, request: Request) -> Response:
        self.changes_until_kill -= request.method != "GET"
        if self.victim is None or self.changes_until_kill or request.method == "GET":
            return await self.simulator(request)
        answer = await self.simulator(request) if self.carries_out else Response(503)
        self.victim.kill()
        await self.victim.wait()
        return answer


class Terminal:
    """Runs commands on a platform, each in a process of its own."""

    def __init__(self, platform: KillingPlatform, base_url: str, data: Path) -> None:
        self.platform = platform
        self.account = account_of(base_url, Secret(platform.simulator.api_key))
        self.hand = Hand(platform.simulator, self.account)
        self.archive = data / "archive.sqlite3"
        self._environment = {
            **os.environ,
            "IBCONSOLE_API_KEY": platform.simulator.api_key,
            "IBCONSOLE_DATA_DIR": str(data),
        }

    async def run(self, *arguments: str, kill_at: int = 0, carries_out: bool = False) -> int:
        """Run a command, killed at one of its changes; return its exit code."""
        command = [sys.executable, "-m", "ibconsole", *arguments]
        process = await asyncio.create_subprocess_exec(
            *command, "--base-url", self.account.base_url, env=self._environment
        )
        self.platform.victim = process if kill_at else None
        self.platform.changes_until_kill = kill_at
        self.platform.carries_out = carries_out
        return await process.wait()


@asynccontextmanager
async def terminal(data: Path) -> AsyncIterator[Terminal]:
    platform = KillingPlatform()
    async with Server(platform, host="127.0.0.1", port=0) as server:
        yield Terminal(platform, server.url, data)


@pytest.mark.slow
@pytest.mark.usefixtures("unmeasured_children")
@pytest.mark.parametrize(("kill_at", "carries_out"), [(1, True), (2, False)])
async def test_an_undo_goes_on_after_its_process_was_killed(
    tmp_path: Path, kill_at: int, *, carries_out: bool
) -> None:
    """The configuration of the first run is taken for its own, and no action is created twice."""
    async with terminal(tmp_path) as shell:
        key = shell.hand.configure(FORWARD, PULL, PULL)
        await shell.run("configs", "delete", shell.hand.code, key, "--yes")

        killed = await shell.run("undo", "--yes", kill_at=kill_at, carries_out=carries_out)
        unknown = [row for row in read_audit(shell.archive, AuditFilter()) if not row.outcome]
        again = await shell.run("undo", "--yes")

        assert (killed, again, len(unknown)) == (-9, 0, 1)
        assert shell.hand.values == [FORWARD, PULL, PULL]
        done = [json.loads(row.outcome or "{}") for row in read_audit(shell.archive, AuditFilter())]
        assert sum(one.get("state") == "done" for one in done) == 5 - carries_out
        assert verify_audit(shell.archive).broken is None
