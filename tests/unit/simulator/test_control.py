import json
from typing import Any

import pytest

from ibconsole.http1.message import Request
from ibconsole.simulator.simulator import Simulator
from tests.unit.simulator.conftest import Caller


@pytest.fixture
def control(simulator: Simulator) -> Caller:
    """A caller without a key; the control endpoint needs none."""
    return Caller(simulator, "")


async def test_messages_and_faults_are_added_and_reported(
    simulator: Simulator, control: Caller
) -> None:
    """The control endpoint adds messages and faults and reports all counters."""
    arrived = await control.json("POST", "/_simulator/messages", {"count": 2})
    assert len(arrived["arrived"]) == 2
    waiting = {"messages": [{"messageId": "planted"}, "odd"]}
    assert await control.json("POST", "/_simulator/messages", waiting) == {"waiting": 2}
    await control.json("POST", "/_simulator/faults", {"fault": "500", "match": "inbox"})

    call = Caller(simulator, simulator.api_key)
    assert (await call("GET", "/push/1/inbox/reports")).status == 500
    state = await control.json("GET", "/_simulator/")
    assert (state["arrived"], state["pulls"], state["faults"]) == (4, 0, [])
    assert state["by_operation"] == {"GET /push/1/inbox/reports": 1}
    assert "api_key" not in json.dumps(state)
    log = (await control.json("GET", "/_simulator/messages"))["messages"]
    assert "planted" in [one["messageId"] for one in log]


async def test_settings_and_the_clock_change_at_run_time(
    simulator: Simulator, control: Caller
) -> None:
    """Undocumented behaviour and the clock's speed can be changed while it runs."""
    await control.json("POST", "/_simulator/settings", {"bare_lists": True})
    await control.json("POST", "/_simulator/clock", {"speed": 60})
    await control.json("POST", "/_simulator/faults", {"fault": "500", "times": 3})

    assert simulator.state.settings.bare_lists
    assert simulator.state.settings.clock_speed == 60
    assert (await control("DELETE", "/_simulator/faults")).status == 204
    assert (await control.json("GET", "/_simulator"))["faults"] == []


@pytest.mark.parametrize(
    ("method", "path", "fields", "status"),
    [
        ("POST", "faults", {"fault": "nonsense"}, 400),
        ("POST", "faults", {"fault": 1}, 400),
        ("POST", "messages", {"count": -1}, 400),
        ("POST", "messages", {"count": True}, 400),
        ("POST", "messages", {"application": "unknown"}, 400),
        ("POST", "messages", [], 400),
        ("POST", "settings", {"forward_anywhere": True}, 400),
        ("POST", "clock", {"speed": -1}, 400),
        ("PUT", "clock", None, 405),
        ("GET", "nonsense", None, 404),
    ],
)
async def test_invalid_requests_are_refused(
    control: Caller, method: str, path: str, fields: Any, status: int
) -> None:
    """Invalid values, methods and paths are refused with the fitting status."""
    assert (await control(method, f"/_simulator/{path}", fields)).status == status


async def test_only_this_computer_has_access(simulator: Simulator, control: Caller) -> None:
    """Other hosts are refused, and so are web pages in a browser on this computer."""
    assert (await control("GET", "/_simulator/", peer="192.0.2.1")).status == 403

    headers = ((b"Origin", b"https://evil.example"),)
    page = Request("POST", "/_simulator/messages", "1.1", headers, b"{}", "127.0.0.1", b"")
    assert (await simulator(page)).status == 403


async def test_credentials_can_be_revoked(simulator: Simulator, control: Caller) -> None:
    """Access tokens and the session are refused as soon as they are revoked."""
    credentials = simulator.credentials
    token = credentials.issue_token(credentials.client_id, credentials.client_secret, 600)
    headers = {"tokens": f"Bearer {token}", "session": f"IBSSO {credentials.session_token}"}

    for path, header in headers.items():
        assert credentials.authorize(header, "127.0.0.1")
        assert (await control("DELETE", f"/_simulator/{path}")).status == 204
        assert credentials.authorize(header, "127.0.0.1") is None


async def test_faults_can_affect_every_second_call(simulator: Simulator, control: Caller) -> None:
    """Every second call of one operation fails; other operations are not affected."""
    order = {"fault": "500", "times": 2, "every": 2, "operation": "GET /push/1/applications"}
    await control.json("POST", "/_simulator/faults", order)
    call = Caller(simulator, simulator.api_key)

    statuses = [(await call("GET", "/push/1/applications")).status for _ in range(4)]
    assert statuses == [500, 200, 500, 200]
    assert (await call("GET", "/push/1/inbox/reports")).status == 200


async def test_an_answer_can_be_delayed(simulator: Simulator, control: Caller) -> None:
    """The fault "slow" delays an answer by the given seconds."""
    await control.json("POST", "/_simulator/faults", {"fault": "slow", "seconds": 2.5})

    answer = await Caller(simulator, simulator.api_key)("GET", "/push/1/applications")

    assert answer.fault is not None
    assert answer.fault.delay == 2.5
