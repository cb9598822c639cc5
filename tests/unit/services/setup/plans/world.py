"""A simulated account with its client and archive, for machines of states: they run no loop."""

import asyncio
import json
import shutil
import tempfile
from collections import Counter
from pathlib import Path

from ibconsole.api.budget import Budget
from ibconsole.api.client import ApiClient
from ibconsole.api.retrying import Timeouts
from ibconsole.archive.audit import AuditFilter, read_audit, verify_audit
from ibconsole.http1 import Request, Response, Server
from ibconsole.secret import Secret
from ibconsole.services.audit.recording import Audit
from ibconsole.services.connections.account import account_of, authorization_of
from ibconsole.services.protection.protection import Protection
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.setup.history.recorded_setup import RecordedSetup
from ibconsole.services.setup.history.recorder import SetupRecorder
from ibconsole.services.setup.plans.runner import PlanRunner
from ibconsole.services.setup.plans.undo import Undo
from ibconsole.simulator.settings import SimulatorSettings
from ibconsole.simulator.simulator import Simulator
from tests.unit.services.setup.plans.accounts import Hand


class World:
    """A simulated account with its client, archive, and a log of the changes it was asked for."""

    def __init__(self) -> None:
        self.simulator = Simulator(SimulatorSettings(rate_limited=False))
        self.data = Path(tempfile.mkdtemp())
        self.log: list[tuple[str, str, bool]] = []
        self.loop = asyncio.Runner()
        self.loop.run(self._open())

    async def _open(self) -> None:
        self.server = Server(self, host="127.0.0.1", port=0)
        await self.server.__aenter__()
        self.account = account_of(self.server.url, Secret(self.simulator.api_key), name="Test")
        paths = Paths(self.data)
        self.archive = paths.archive
        self.client = ApiClient(
            self.account.base_url,
            authorization_of(self.account.base_url, self.account.credential),
            gate=Protection().gate_of(self.account, Audit(paths.archive)),
            budget=Budget(10_000),
            timeouts=Timeouts(retry_after=0.0),  # so that 429 is an error at once
        )
        recorder = SetupRecorder(paths.archive, self.account.connection, records_reads=False)
        self.setup = RecordedSetup(self.client, recorder)
        self.runner = PlanRunner(self.account, self.setup, paths, pauses=(0.0,))
        self.undo = Undo(self.account, self.setup, paths)
        self.hand = Hand(self.simulator, self.account)

    async def _close(self) -> None:
        await self.client.aclose()
        await self.server.__aexit__(None, None, None)

    async def __call__(self, request: Request) -> Response:
        answer = await self.simulator(request)
        if request.method != "GET":
            self.log.append((request.method, request.path, 200 <= answer.status < 300))
        return answer

    def close(self) -> None:
        self.loop.run(self._close())
        self.loop.close()
        shutil.rmtree(self.data)

    def check_audit(self) -> None:
        """What is done by the audit was done; what was done is there, if only as not known."""
        done: Counter[tuple[str, str]] = Counter()
        perhaps: Counter[tuple[str, str]] = Counter()
        if not self.archive.exists():
            assert not self.log
            return
        for row in read_audit(self.archive, AuditFilter()):
            intent, state = json.loads(row.content), json.loads(row.outcome or "{}").get("state")
            call = (intent["method"], intent["path"])
            done[call] += state == "done"
            perhaps[call] += state in {"done", "not known", None}
        carried = Counter((method, path) for method, path, is_done in self.log if is_done)
        assert done <= carried <= perhaps
        assert verify_audit(self.archive).broken is None
