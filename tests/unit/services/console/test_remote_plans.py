"""Plans of the current connection, from another loop than the engine's."""

import pytest

from ibconsole.services.connections.account import Account
from ibconsole.services.console.console import Console, NoAccount
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


async def test_without_a_connection_nothing_is_undone(
    engine: Engine, engine_console: Console
) -> None:
    await engine.call(engine_console.disconnect)
    with pytest.raises(NoAccount):
        await RemotePlans(engine, engine_console).acts()
