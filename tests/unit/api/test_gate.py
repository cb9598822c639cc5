"""The gate decides before anything is sent, and a client without one can only read."""

from collections.abc import AsyncIterator, Callable

import pytest

from ibconsole.api.authorization import ApiKey
from ibconsole.api.client import ApiClient
from ibconsole.api.errors import NotFound
from ibconsole.api.gate import (
    Call,
    CallKind,
    CallOutcome,
    CallState,
    Finish,
    NotPermitted,
    UnrecordedGate,
    admit_reads,
)
from ibconsole.api.platform import Platform
from ibconsole.errors import UserError
from ibconsole.model import parse
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
            admit_reads.require(call)

    key = ApiKey(Secret(running.api_key))
    async with ApiClient(running.base_url, key, gate=UnrecordedGate(admit_once)) as client:
        with pytest.raises(NotPermitted):
            await client.fetch_once("/push/1/inbox/reports?limit=1", receive=_ignore)

    assert asked == [Call(CallKind.PULL, "GET", "/push/1/inbox/reports?limit=1")] * 2


class RecordingGate(UnrecordedGate):
    """Keeps what would be recorded, and the number of requests that came before each record."""

    def __init__(self, running: RunningSimulator) -> None:
        super().__init__(lambda _: None)
        self._running = running
        self.calls: list[tuple[Call, int]] = []
        self.outcomes: list[CallOutcome] = []

    async def record(self, call: Call) -> Finish:
        self.calls.append((call, self._running.simulator.counters["requests"]))

        async def finish(outcome: CallOutcome) -> None:
            self.outcomes.append(outcome)

        return finish


@pytest.fixture
async def gate(running: RunningSimulator) -> RecordingGate:
    return RecordingGate(running)


@pytest.fixture
async def platform(running: RunningSimulator, gate: RecordingGate) -> AsyncIterator[Platform]:
    key = ApiKey(Secret(running.api_key))
    async with ApiClient(running.base_url, key, gate=gate) as client:
        yield Platform(client)


async def test_a_change_is_recorded_before_it_is_sent_with_what_it_changes(
    platform: Platform, gate: RecordingGate, running: RunningSimulator
) -> None:
    code = (await platform.applications())[0].code
    [configuration, *_] = await platform.configurations(code)
    action = (await platform.actions(code, configuration.key))[0]
    before, gate.calls = running.simulator.counters["requests"], []

    await platform.delete_action(code, configuration.key, action.key)
    with pytest.raises(NotFound):
        await platform.delete_action(code, configuration.key, action.key)

    assert [(call.kind, call.method) for call, _ in gate.calls] == [(CallKind.CHANGE, "DELETE")] * 2
    call, requests = gate.calls[0]
    assert requests == before
    assert parse(call.before) == action.raw
    states = [outcome.state for outcome in gate.outcomes[-2:]]
    assert states == [CallState.DONE, CallState.REFUSED]
    assert gate.outcomes[-1].status == 404


async def test_what_is_gone_after_a_lost_answer_is_not_claimed(
    platform: Platform, gate: RecordingGate, running: RunningSimulator
) -> None:
    """The call has succeeded, but another user may have been quicker than its first attempt."""
    code = (await platform.applications())[0].code
    [configuration, *_] = await platform.configurations(code)
    running.simulator.inject_fault("reset", match="DELETE")

    await platform.delete_configuration(code, configuration.key)

    outcome = gate.outcomes[-1]
    assert (outcome.state, outcome.status) == (CallState.UNKNOWN, 404)
    assert "another one meanwhile" in outcome.problem


async def test_a_pull_is_recorded_with_what_it_brought(
    platform: Platform, gate: RecordingGate, running: RunningSimulator
) -> None:
    answer = await platform.pull(2, receive=_ignore)
    assert gate.outcomes == []
    await answer.record(2, None)

    [(call, requests)] = gate.calls
    assert (call.kind, call.path, requests) == (
        CallKind.PULL,
        "/push/1/inbox/reports?limit=2",
        0,
    )
    [outcome] = gate.outcomes
    assert (outcome.state, outcome.status, outcome.answer) == (CallState.DONE, 200, b"")
    assert (outcome.messages, outcome.pending, bool(outcome.size)) == (2, None, True)


async def test_what_cannot_be_recorded_is_not_sent(running: RunningSimulator) -> None:
    class Full(UnrecordedGate):
        async def record(self, _: Call) -> Finish:
            raise NotPermitted("The disk is full.")

    key = ApiKey(Secret(running.api_key))
    async with ApiClient(running.base_url, key, gate=Full(lambda _: None)) as client:
        with pytest.raises(NotPermitted):
            await client.request("DELETE", "/push/1/applications/x/configurations/y")
        with pytest.raises(NotPermitted):
            await client.fetch_once("/push/1/inbox/reports", receive=_ignore)

    assert running.simulator.counters["requests"] == 0


@pytest.mark.parametrize("sent", [False, True])
async def test_a_failed_pull_says_whether_it_was_sent(
    gate: RecordingGate, running: RunningSimulator, sent: bool
) -> None:
    async def fail(_: bytes) -> None:
        raise UserError("The archive is full.")

    url = running.base_url if sent else "http://127.0.0.1:9"
    async with ApiClient(url, ApiKey(Secret(running.api_key)), gate=gate) as client:
        with pytest.raises(UserError):
            await client.fetch_once("/push/1/inbox/reports", receive=fail)

    [outcome] = gate.outcomes
    assert outcome.state is (CallState.UNKNOWN if sent else CallState.NOT_SENT)
