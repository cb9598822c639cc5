import asyncio

import pytest

from ibconsole.simulator.settings import SimulatorSettings
from ibconsole.simulator.simulator import Simulator
from tests.unit.simulator.conftest import Caller

APPLICATIONS = "/push/1/applications"
PULL = "/push/1/inbox/reports"


async def test_keys_are_limited_to_their_scope(simulator: Simulator) -> None:
    """The API key may do everything, the pull-only key may pull, other keys are refused."""
    simulator.add_to_inbox([{}])

    statuses = {
        (key, path): (await Caller(simulator, key)("GET", path)).status
        for key in (simulator.api_key, simulator.pull_only_key, "wrong", "")
        for path in (APPLICATIONS, PULL)
    }

    assert list(statuses.values()) == [200, 200, 403, 200, 401, 401, 401, 401]


async def test_the_rate_limit_is_ten_requests_per_second(
    simulator: Simulator, call: Caller
) -> None:
    """The eleventh request is answered 429; without the limit all are admitted."""
    statuses = [(await call("GET", APPLICATIONS)).status for _ in range(11)]
    assert statuses == [200] * 10 + [429]
    assert simulator.counters["throttled"] == 1

    free = Simulator(SimulatorSettings(rate_limited=False))
    caller = Caller(free, free.api_key)
    assert {(await caller("GET", APPLICATIONS)).status for _ in range(30)} == {200}


async def test_a_pull_with_a_damaged_answer_has_consumed_its_batch(
    simulator: Simulator, call: Caller
) -> None:
    """Messages of a damaged answer do not return to the inbox."""
    simulator.add_to_inbox([{}, {}])
    simulator.inject_fault("cut")

    answer = await call("GET", PULL)

    assert answer.fault is not None
    assert simulator.pending == 0


async def test_a_refused_pull_consumes_nothing(simulator: Simulator, call: Caller) -> None:
    """A fault that replaces the answer leaves the messages in the inbox."""
    simulator.add_to_inbox([{}, {}])
    simulator.inject_fault("503")

    assert (await call("GET", PULL)).status == 503
    assert simulator.pending == 2


async def test_messages_arrive_at_the_set_rate() -> None:
    """Messages arrive at the rate from the moment it is set."""
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


def test_an_unknown_fault_is_refused(simulator: Simulator) -> None:
    """An unknown fault is an error of the call that injects it."""
    with pytest.raises(ValueError, match="nonsense"):
        simulator.inject_fault("nonsense")
