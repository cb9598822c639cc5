import asyncio

import pytest

from ibconsole.simulator.settings import SimulatorSettings
from ibconsole.simulator.simulator import Simulator
from tests.unit.simulator.conftest import Caller

APPLICATIONS = "/push/1/applications"
PULL = "/push/1/inbox/reports"


async def test_who_may_do_what(simulator: Simulator) -> None:
    """The key may do everything, the pull-only key may pull, nobody else anything."""
    simulator.add_to_inbox([{}])

    statuses = {
        (key, path): (await Caller(simulator, key)("GET", path)).status
        for key in (simulator.api_key, simulator.pull_only_key, "wrong", "")
        for path in (APPLICATIONS, PULL)
    }

    assert list(statuses.values()) == [200, 200, 403, 200, 401, 401, 401, 401]


async def test_the_rate_limit(simulator: Simulator, call: Caller) -> None:
    """Ten requests pass, the eleventh is told to wait; without the limit all pass."""
    statuses = [(await call("GET", APPLICATIONS)).status for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    assert simulator.counters["throttled"] == 1

    free = Simulator(SimulatorSettings(rate_limited=False))
    caller = Caller(free, free.api_key)
    assert {(await caller("GET", APPLICATIONS)).status for _ in range(30)} == {200}


async def test_a_spoilt_pull_has_consumed_its_batch(simulator: Simulator, call: Caller) -> None:
    """What the network does to an answer does not bring messages back."""
    simulator.add_to_inbox([{}, {}])
    simulator.inject_fault("cut")

    answer = await call("GET", PULL)

    assert answer.fault is not None
    assert simulator.pending == 0


async def test_a_refused_pull_consumes_nothing(simulator: Simulator, call: Caller) -> None:
    """A fault in place of the answer leaves the messages where they are."""
    simulator.add_to_inbox([{}, {}])
    simulator.inject_fault("503")

    assert (await call("GET", PULL)).status == 503
    assert simulator.pending == 2


async def test_messages_arrive_by_themselves() -> None:
    """At the rate that was asked for, from the moment it is set."""
    simulator = Simulator()
    work = asyncio.get_running_loop().create_task(simulator.run())
    try:
        simulator.change_settings(rate=500)
        async with asyncio.timeout(10):
            while simulator.counters["arrived"] < 5:
                await asyncio.sleep(0.005)
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)


def test_a_fault_must_exist(simulator: Simulator) -> None:
    """A wrong name is said at once."""
    with pytest.raises(ValueError, match="nonsense"):
        simulator.inject_fault("nonsense")
