"""Plans on the current connection for the window: what can be undone, and steps carried out."""

import asyncio
from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TYPE_CHECKING, ParamSpec

from ibconsole.lazy import LazyModule
from ibconsole.services.console.console import Console
from ibconsole.services.request_log import request_purpose
from ibconsole.services.runtime import Engine

if TYPE_CHECKING:
    from ibconsole.services.setup import applying, plans
else:  # loaded when something is undone or applied first
    applying = LazyModule("ibconsole.services.setup.applying")
    plans = LazyModule("ibconsole.services.setup.plans")

P = ParamSpec("P")


class RemotePlans:
    """The acts of the current connection, plans that undo them, and the execution of plans.

    Without a connection each command raises NoAccount. A plan is carried out only on the account
    that it was made for.
    """

    def __init__(self, engine: Engine, console: Console) -> None:
        self._engine = engine
        self._console = console
        self._planned: applying.SetupPlan | None = None

    def keep(self, planned: "applying.SetupPlan") -> "plans.Plan":
        """Keep what a plan was made from, until the next one is made; return the plan.

        After it was carried out, what was applied is remembered.
        """
        self._planned = planned
        return planned.plan

    async def acts(self) -> "Sequence[plans.SetupAct]":
        """See `Undo.acts`."""
        return await self._engine.call(self._acts)

    async def build(self, act: str, *, into_existing: bool) -> "plans.Plan":
        """See `Undo.build`."""
        with request_purpose("Undo: read the setup"):
            return await self._engine.call(self._build, act, into_existing=into_existing)

    async def run(
        self,
        plan: "plans.Plan",
        on_progress: "plans.OnProgress",
        is_stopped: Callable[[], bool],
        *,
        chosen: Collection[int] | None,
    ) -> "plans.PlanResult":
        """See `PlanRunner.run`; `on_progress` is called on this loop, not on the engine's.

        It stops between two steps when the connection is to be closed, which waits for that.
        """
        hand_over, planned = on_this_loop(on_progress), self._planned

        async def work() -> "plans.PlanResult":
            console = self._console
            parts = console.account, console.platform, console.paths
            async with console.carrying_out_plan() as has_to_stop:

                def is_over() -> bool:
                    return is_stopped() or has_to_stop()

                if planned is None or planned.plan.id != plan.id:
                    runner = plans.PlanRunner(*parts)
                    return await runner.run(plan, hand_over, is_over, chosen=chosen)
                part = planned if chosen is None else applying.choose_from(planned, chosen)
                applier = applying.SetupApplier(*parts)
                return await applier.apply(part, on_progress=hand_over, is_stopped=is_over)

        with request_purpose(plan.title):
            return await self._engine.call(work)

    async def _acts(self) -> "Sequence[plans.SetupAct]":
        return await self._undo.acts()

    async def _build(self, act: str, *, into_existing: bool) -> "plans.Plan":
        return await self._undo.build(act, into_existing=into_existing)

    @property
    def _undo(self) -> "plans.Undo":
        console = self._console
        return plans.Undo(console.account, console.platform, console.paths)


def on_this_loop(call: Callable[P, object]) -> Callable[P, object]:
    """Return a function for any thread, which has `call` called on the loop that runs now."""
    here = asyncio.get_running_loop()

    def hand_over(*args: P.args, **kwargs: P.kwargs) -> None:
        here.call_soon_threadsafe(partial(call, *args, **kwargs))

    return hand_over
