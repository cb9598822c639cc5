"""Undo and plans with faults, and with a second hand that changes the setup in between."""

from collections.abc import Coroutine
from typing import Any

import stamina
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ibconsole.errors import UserError
from ibconsole.model import ActionDraft
from ibconsole.services.audit.recording import user_act
from ibconsole.services.setup.multi_step import StepState
from ibconsole.services.setup.plans.plan import Plan, StepProgress
from ibconsole.services.setup.plans.plan_journal import PlanState
from ibconsole.services.setup.plans.runner import PlanResult
from ibconsole.services.setup.plans.undo import NotUndoable, UndoConflict
from tests.unit.services.setup.plans.accounts import FORWARD, PULL
from tests.unit.services.setup.plans.world import World

DRAFTS = st.sampled_from([FORWARD, PULL, ActionDraft(type="PULL", callback_data="green")])
OWN = ActionDraft(type="PULL", callback_data="of the second hand")
FAULTS = st.sampled_from(["", "429", "500", "503", "403", "reset", "cut", "empty", "not-json"])
METHODS = st.sampled_from(["POST", "DELETE", "GET"])
DEEDS = st.sampled_from(["", "", "add", "delete", "drop", "configure"])


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

    @initialize(drafts=st.none() | st.lists(DRAFTS, max_size=3))
    def begin(self, drafts: list[ActionDraft] | None) -> None:
        if drafts is not None:
            self.hand.configure(*drafts)

    @rule(
        fault=FAULTS,
        method=METHODS,
        drafts=st.lists(DRAFTS, min_size=1, max_size=2),
        times=st.integers(1, 3),
    )
    def create(self, fault: str, method: str, drafts: list[ActionDraft], times: int) -> None:
        async def change() -> None:
            with user_act():
                if not self.hand.configuration:
                    await self.world.setup.create_configuration(self.hand.code)
                for draft in drafts if self.hand.configuration else ():
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
        self.world.check_audit()

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
