"""Undo and plans with faults, and with a second hand that changes the setup in between."""

import asyncio
import json
import shutil
import tempfile
from collections import Counter
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import stamina
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ibconsole.api.budget import Budget
from ibconsole.api.client import ApiClient
from ibconsole.archive.audit import AuditFilter, read_audit, verify_audit
from ibconsole.errors import UserError
from ibconsole.http1 import Request, Response, Server
from ibconsole.model import ActionDraft
from ibconsole.secret import Secret
from ibconsole.services.audit.recording import Audit, user_act
from ibconsole.services.connections.account import account_of, authorization_of
from ibconsole.services.protection.protection import Protection
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.setup.history.recorded_setup import RecordedSetup
from ibconsole.services.setup.history.recorder import SetupRecorder
from ibconsole.services.setup.multi_step import StepState
from ibconsole.services.setup.plans.plan import Plan, StepProgress
from ibconsole.services.setup.plans.plan_journal import PlanState
from ibconsole.services.setup.plans.runner import PlanResult, PlanRunner
from ibconsole.services.setup.plans.undo import NotUndoable, Undo, UndoConflict
from ibconsole.simulator.settings import SimulatorSettings
from ibconsole.simulator.simulator import Simulator
from tests.unit.services.setup.plans.accounts import FORWARD, PULL, Hand

DRAFTS = st.sampled_from([FORWARD, PULL, ActionDraft(type="PULL", callback_data="green")])
OWN = ActionDraft(type="PULL", callback_data="of the second hand")
FAULTS = st.sampled_from(["", "500", "503", "403", "reset", "cut", "empty", "not-json"])
METHODS = st.sampled_from(["POST", "DELETE", "GET"])
DEEDS = st.sampled_from(["", "", "add", "delete", "drop", "configure"])


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


class SecondHand(RuleBasedStateMachine):
    """One user changes and undoes, another one changes at any time, requests fail in all ways."""

    def __init__(self) -> None:
        super().__init__()
        stamina.set_testing(True, attempts=3)
        self.world = World()
        self.hand = self.world.hand
        self.foreign: set[str] = set()
        self.plan: Plan | None = None

    def teardown(self) -> None:
        self.world.close()
        stamina.set_testing(False)

    @initialize(drafts=st.lists(DRAFTS, max_size=3))
    def begin(self, drafts: list[ActionDraft]) -> None:
        self.hand.configure(*drafts)

    @rule(fault=FAULTS, method=METHODS, draft=DRAFTS, times=st.integers(1, 3))
    def create(self, fault: str, method: str, draft: ActionDraft, times: int) -> None:
        async def change() -> None:
            with user_act():
                if not self.hand.configuration:
                    await self.world.setup.create_configuration(self.hand.code)
                if self.hand.configuration:
                    await self.world.setup.create_action(
                        self.hand.code, self.hand.configuration, draft
                    )

        self._change(change(), fault, method, times)

    @rule(fault=FAULTS, method=METHODS, times=st.integers(1, 3), whole=st.booleans())
    def delete(self, fault: str, method: str, times: int, *, whole: bool) -> None:
        """Delete what is there, on purpose: also what the second hand has put there."""
        key, keys = self.hand.configuration, self.hand.keys
        if key and (whole or keys):
            self.foreign -= set(keys if whole else keys[:1])
            setup, code = self.world.setup, self.hand.code
            self._change(
                setup.delete_configuration(code, key)
                if whole
                else setup.delete_action(code, key, keys[0]),
                fault,
                method,
                times,
            )

    @rule(deed=DEEDS)
    def interfere(self, deed: str) -> None:
        """Change the setup past the program; nothing of its own is ever to be touched by it."""
        keys = self.hand.keys
        if deed == "add":
            self.hand.configure(OWN)
            self.foreign.add(self.hand.keys[-1])
        elif deed == "configure":
            self.hand.configure()
        elif deed == "delete" and keys:
            self.hand.delete_action(keys[-1])
            self.foreign.discard(keys[-1])
        elif deed == "drop" and self.hand.configuration:
            self.hand.delete_configuration()
            self.foreign.clear()

    @rule(
        fault=FAULTS, method=METHODS, deed=DEEDS, at=st.integers(1, 6), into_existing=st.booleans()
    )
    def take_back(
        self, fault: str, method: str, deed: str, at: int, *, into_existing: bool
    ) -> None:
        """Undo the newest change, with a fault and a deed of the second hand in the middle."""
        try:
            self.plan = self._run(self.world.undo.build(into_existing=into_existing))
        except (NotUndoable, UndoConflict):
            return
        result = self._carry_out(self.plan, fault, method, deed, at)
        if not deed:
            self._check_effects(result)

    @rule(fault=FAULTS, method=METHODS, deed=DEEDS, at=st.integers(1, 6))
    def go_on(self, fault: str, method: str, deed: str, at: int) -> None:
        """Resume the last plan, whatever became of it."""
        if self.plan:
            self._carry_out(self.plan, fault, method, deed, at)

    @invariant()
    def nothing_of_the_second_hand_is_gone(self) -> None:
        assert self.foreign <= set(self.hand.keys)

    @invariant()
    def the_audit_says_what_was_done(self) -> None:
        """What is done by the audit was done; what was done is there, if only as not known."""
        done: Counter[tuple[str, str]] = Counter()
        perhaps: Counter[tuple[str, str]] = Counter()
        if not self.world.archive.exists():
            assert not self.world.log
            return
        for row in read_audit(self.world.archive, AuditFilter()):
            intent, state = json.loads(row.content), json.loads(row.outcome or "{}").get("state")
            call = (intent["method"], intent["path"])
            done[call] += state == "done"
            perhaps[call] += state in {"done", "not known", None}
        carried = Counter((method, path) for method, path, is_done in self.world.log if is_done)
        assert done <= carried <= perhaps
        assert verify_audit(self.world.archive).broken is None

    def _carry_out(self, plan: Plan, fault: str, method: str, deed: str, at: int) -> PlanResult:
        """Carry out a plan, with a fault and a deed at one of the changes of its steps."""
        changes = 0

        def meanwhile(_: StepProgress) -> None:
            nonlocal changes
            changes += 1
            if changes == at:
                if fault:
                    self.world.simulator.inject_fault(fault, match=f"{method} ")
                self.interfere(deed)

        result: PlanResult = self._run(self.world.runner.run(plan, meanwhile))
        self.world.simulator.state.faults.clear()
        complete = all(one.state is StepState.DONE for one in result.progress)
        assert complete is (result.state is PlanState.DONE) is (not result.left)
        assert complete is (result.error is None)
        return result

    def _check_effects(self, result: PlanResult) -> None:
        """See that what is done is there, and what is not done is not."""
        keys = {self.hand.configuration, *self.hand.keys}
        for step, one in zip(result.plan.steps, result.progress, strict=True):
            if step.kind.deletes and one.state is not StepState.RUNNING:
                deleted = step.action or step.configuration
                assert (deleted in keys) is (one.state is not StepState.DONE)
            elif one.state is StepState.DONE:
                assert one.key in keys

    def _change(self, work: Coroutine[Any, Any, Any], fault: str, method: str, times: int) -> None:
        if fault:
            self.world.simulator.inject_fault(fault, times=times, match=f"{method} ")
        try:
            self._run(work)
        except UserError:
            pass
        finally:
            self.world.simulator.state.faults.clear()

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.world.loop.run(work)


TestSecondHand = SecondHand.TestCase
TestSecondHand.settings = settings(
    max_examples=8,
    stateful_step_count=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
