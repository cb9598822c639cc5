"""Files that are applied with faults, and with a second hand that changes the setup in between."""

from collections import Counter
from collections.abc import Coroutine
from typing import Any

import stamina
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from ibconsole.model import ActionDraft
from ibconsole.services.runtime.paths import Paths
from ibconsole.services.setup import StepState
from ibconsole.services.setup.applying.applier import SetupApplier
from ibconsole.services.setup.applying.planning import SetupPlan
from ibconsole.services.setup.applying.stored_plans import PlanDiffers, require_resumable
from ibconsole.services.setup.files import SetupFile
from ibconsole.services.setup.plans import (
    JournalledPlan,
    NoSuchPlan,
    PlanResult,
    PlanState,
    StepProgress,
)
from tests.unit.services.setup.applying.setups import file_of, forward, wanted
from tests.unit.services.setup.plans.accounts import PULL
from tests.unit.services.setup.plans.world import World

TITLE = "Apply setup.yaml"
OWN = ActionDraft(type="PULL", callback_data="of the second hand")
DRAFTS = st.sampled_from([PULL, OWN, forward("https://a/in"), forward("https://b/in", "blue")])
WANTED = st.none() | st.lists(DRAFTS, max_size=4)
FAULTS = st.sampled_from(["", "", "429", "500", "503", "403", "reset", "cut", "empty", "not-json"])
METHODS = st.sampled_from(["POST", "DELETE", "GET"])
DEEDS = st.sampled_from(["", "", "add", "delete", "drop", "configure"])


class Meanwhile:
    """A fault, and a deed of the second hand, at one of the changes of a plan's steps.

    The deed is never between the last reading and the request: no client can exclude that.
    """

    def __init__(
        self, machine: "SecondHandMachine", fault: str, method: str, deed: str, at: int
    ) -> None:
        self.deed = deed
        self.added: set[str] = set()
        self.removed: set[str] = set()
        self._machine = machine
        self._fault = (fault, method)
        self._left = at
        self._is_done = False

    def __call__(self, progress: StepProgress | None) -> None:
        hand, (fault, method) = self._machine.hand, self._fault
        if self._left == 0 and fault:
            self._machine.world.simulator.inject_fault(fault, match=f"{method} ")
        is_between = progress is None or progress.state is StepState.DONE
        if self._left <= 0 and is_between and not self._is_done:
            before = {*hand.keys}
            self._machine.interfere(self.deed)
            self.added, self.removed = {*hand.keys} - before, before - {*hand.keys}
            self._is_done = True
        self._left -= 1


class SecondHandMachine(RuleBasedStateMachine):
    """One user applies files, another one changes at any time, requests fail in all ways."""

    def __init__(self) -> None:
        super().__init__()
        stamina.set_testing(True, attempts=3)
        self.world = World()
        self.hand = self.world.hand
        self.applier = SetupApplier(
            self.world.account, self.world.setup, Paths(self.world.data), pauses=(0.0,)
        )
        self.drafts: list[ActionDraft] | None = None

    def teardown(self) -> None:
        self.world.close()
        stamina.set_testing(False)

    @initialize(present=WANTED)
    def begin(self, present: list[ActionDraft] | None) -> None:
        if present is not None:
            self.hand.configure(*present)

    @rule(drafts=WANTED)
    def write_file(self, drafts: list[ActionDraft] | None) -> None:
        self.drafts = drafts

    @rule(deed=DEEDS)
    def interfere(self, deed: str) -> None:
        """Change the setup past the program."""
        keys = self.hand.keys
        if deed == "add":
            self.hand.configure(OWN)
        elif deed == "configure":
            self.hand.configure()
        elif deed == "delete" and keys:
            self.hand.delete_action(keys[-1])
        elif deed == "drop" and self.hand.configuration:
            self.hand.delete_configuration()

    @rule(prune=st.booleans(), fault=FAULTS, method=METHODS, deed=DEEDS, at=st.integers(0, 6))
    def apply(self, *, prune: bool, fault: str, method: str, deed: str, at: int) -> None:
        """Apply the file, with a fault and a deed of the second hand in the middle."""
        planned = self._plan(prune=prune)
        self._carry_out(planned, None, Meanwhile(self, fault, method, deed, at))

    @rule(fault=FAULTS, method=METHODS, deed=DEEDS, at=st.integers(0, 6))
    def resume(self, fault: str, method: str, deed: str, at: int) -> None:
        """Go on with the interrupted plan, if what is left of it is what the file wants."""
        try:
            stored = self._run(self.applier.find_interrupted(TITLE))
        except NoSuchPlan:
            return
        prune = any(step.kind.deletes for step in stored.plan.steps)
        planned = self._plan(prune=prune)
        try:
            require_resumable(stored, planned)
        except PlanDiffers:
            return
        self._carry_out(planned, stored, Meanwhile(self, fault, method, deed, at))

    @rule(prune=st.booleans())
    def settle(self, *, prune: bool) -> None:
        """Whatever was before: an apply that is left alone brings about what the file wants."""
        result = self._run(self.applier.apply(self._plan(prune=prune)))

        assert result.state is PlanState.DONE
        assert self._plan(prune=prune).plan.steps == ()
        self._check_wanted()
        if prune:
            assert len(self.hand.keys) == len(self.drafts or ())
            assert (self.hand.drafts is None) is (self.drafts is None)

    @invariant()
    def the_audit_says_what_was_done(self) -> None:
        self.world.check_audit()

    def _plan(self, *, prune: bool) -> SetupPlan:
        application = self.world.simulator.state.account.application(self.hand.code)
        assert application
        file: SetupFile = file_of(wanted(application.raw["name"], self.drafts))
        planned: SetupPlan = self._run(self.applier.plan(file, title=TITLE, prune=prune))
        return planned

    def _carry_out(
        self, planned: SetupPlan, stored: JournalledPlan | None, meanwhile: "Meanwhile"
    ) -> None:
        """Apply a plan, and see that it has changed nothing but what it was to change."""
        prune = any(step.kind.deletes for step in planned.plan.steps)
        present, configuration = {*self.hand.keys}, self.hand.configuration
        meanwhile(None)
        result: PlanResult = self._run(self.applier.apply(planned, stored, on_progress=meanwhile))
        self.world.simulator.state.faults.clear()

        keys = {*self.hand.keys}
        assert meanwhile.added - meanwhile.removed <= keys
        if not prune and not stored:
            assert present - meanwhile.removed <= keys
            assert self.hand.configuration == configuration or not (
                configuration and meanwhile.deed != "drop"
            )
        if result.state is PlanState.DONE and not meanwhile.deed:
            self._check_wanted()

    def _check_wanted(self) -> None:
        """See that the account has what the file wants."""
        contents = self.hand.drafts
        if self.drafts is not None:
            assert contents is not None
            assert Counter((one.type, one.forward_url) for one in self.drafts) <= Counter(contents)

    def _run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.world.loop.run(work)


TestSecondHand = SecondHandMachine.TestCase
TestSecondHand.settings = settings(
    max_examples=8,
    stateful_step_count=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
