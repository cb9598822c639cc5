"""The gate decides before anything is sent, and a client without one can only read."""

from collections.abc import AsyncIterator, Callable

import pytest

from ibconsole.api.authorization import ApiKey
from ibconsole.api.client import ApiClient
from ibconsole.api.gate import Call, CallKind, NotPermitted, admit_reads
from ibconsole.secret import Secret
from ibconsole.simulator.running import RunningSimulator, simulate
from ibconsole.simulator.settings import SimulatorSettings

Send = Callable[[ApiClient], object]


@pytest.fixture
async def running() -> AsyncIterator[RunningSimulator]:
    async with simulate(SimulatorSettings(messages=3, rate_limited=False)) as running:
        yield running


async def _ignore(_: bytes) -> None:
    pass


@pytest.fixture
async def reader(running: RunningSimulator) -> AsyncIterator[ApiClient]:
    """A client that was given no gate."""
    async with ApiClient(running.base_url, ApiKey(Secret(running.api_key))) as client:
        yield client


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "get", ""])
async def test_without_a_gate_whatever_is_not_a_get_is_not_sent(
    reader: ApiClient, running: RunningSimulator, method: str
) -> None:
    before = running.simulator.counters["requests"]

    with pytest.raises(NotPermitted):
        await reader.request(method, "/push/1/applications")

    assert running.simulator.counters["requests"] == before


async def test_without_a_gate_nothing_is_pulled(
    reader: ApiClient, running: RunningSimulator
) -> None:
    before = running.simulator.counters["requests"]

    with pytest.raises(NotPermitted):
        await reader.fetch_once("/push/1/inbox/reports", receive=_ignore)

    assert running.simulator.counters["requests"] == before
    assert (await reader.request("GET", "/push/1/applications")).status == 200


async def test_what_is_locked_during_the_wait_for_a_turn_is_not_sent(
    running: RunningSimulator,
) -> None:
    asked: list[Call] = []

    def admit_once(call: Call) -> None:
        asked.append(call)
        if len(asked) > 1:
            admit_reads(call)

    key = ApiKey(Secret(running.api_key))
    async with ApiClient(running.base_url, key, gate=admit_once) as client:
        with pytest.raises(NotPermitted):
            await client.fetch_once("/push/1/inbox/reports?limit=1", receive=_ignore)

    assert asked == [Call(CallKind.PULL, "GET", "/push/1/inbox/reports?limit=1")] * 2
