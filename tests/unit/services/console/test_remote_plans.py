"""Plans of the current connection, from another loop than the engine's."""

import asyncio

import pytest

from ibconsole.services.connections.account import Account, NoAccount
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote_plans import RemotePlans
from ibconsole.services.runtime.engine import Engine
from ibconsole.services.setup.multi_step import StepState
from ibconsole.services.setup.plans.plan import StepProgress
from ibconsole.simulator.running import RunningSimulator
from tests.unit.services.setup.plans.accounts import PULL, Hand


async def test_a_change_is_undone(
    engine: Engine, engine_console: Console, running: RunningSimulator, account: Account
) -> None:
    """The window lists what was changed, and undoes it with the progress on its own loop."""
    remote = RemotePlans(engine, engine_console)
    hand = Hand(running.simulator, account)
    key = hand.configure(PULL)
    await engine.call(engine_console.platform.delete_configuration, hand.code, key)
    seen: list[StepProgress] = []

    [act] = await remote.acts()
    plan = await remote.build(act.id, into_existing=False)
    result = await remote.run(plan, seen.append, lambda: False, chosen=None)

    assert act.what.startswith("Delete configuration with 1 action of")
    assert not result.left
    assert hand.drafts == [("PULL", "")]
    assert [one.state for one in seen] == [StepState.RUNNING, StepState.DONE] * 2


async def test_a_plan_stops_when_its_connection_is_closed(
    engine: Engine, engine_console: Console, running: RunningSimulator, account: Account
) -> None:
    """What is left can be undone when the connection is open again."""
    remote = RemotePlans(engine, engine_console)
    hand = Hand(running.simulator, account)
    key = hand.configure(PULL)
    await engine.call(engine_console.platform.delete_configuration, hand.code, key)
    plan = await remote.build("", into_existing=False)
    closing: list[asyncio.Task[None]] = []

    def close(progress: StepProgress) -> None:
        if progress.state is StepState.RUNNING and not closing:
            work = engine.call(engine_console.disconnect)
            closing.append(asyncio.get_running_loop().create_task(work))

    result = await remote.run(plan, close, lambda: False, chosen=None)
    await closing[0]

    assert [step.number for step in result.left] == [2]
    await engine.call(engine_console.connect, account)
    await remote.run(
        await remote.build("", into_existing=False), lambda _: None, lambda: False, chosen=None
    )
    assert hand.drafts == [("PULL", "")]


async def test_without_a_connection_nothing_is_undone(
    engine: Engine, engine_console: Console
) -> None:
    await engine.call(engine_console.disconnect)
    with pytest.raises(NoAccount):
        await RemotePlans(engine, engine_console).acts()
