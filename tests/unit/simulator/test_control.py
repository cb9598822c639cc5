import json
from typing import Any

import pytest

from ibconsole.http1.message import Request
from ibconsole.simulator.simulator import Simulator
from tests.unit.simulator.conftest import Caller


@pytest.fixture
def control(simulator: Simulator) -> Caller:
    """Needs no key."""
    return Caller(simulator, "")


async def test_counters_and_orders(simulator: Simulator, control: Caller) -> None:
    """Messages and faults are ordered, and everything that happens is told."""
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


async def test_switches_and_the_clock(simulator: Simulator, control: Caller) -> None:
    """The platform's unknowns and its time are set while it runs."""
    await control.json("POST", "/_simulator/settings", {"bare_lists": True})
    await control.json("POST", "/_simulator/clock", {"speed": 60})
    await control.json("POST", "/_simulator/faults", {"fault": "500", "times": 3})

    assert simulator.state.settings.bare_lists
    assert simulator.state.settings.clock_speed == 60
    assert (await control("DELETE", "/_simulator/faults")).status == 204
    assert (await control.json("GET", "/_simulator"))["faults"] == []


@pytest.mark.parametrize(
    ("method", "place", "order", "status"),
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
async def test_wrong_orders_are_explained(
    control: Caller, method: str, place: str, order: Any, status: int
) -> None:
    """Nothing is guessed, and nothing crashes."""
    assert (await control(method, f"/_simulator/{place}", order)).status == status


async def test_only_this_machine_may_order(simulator: Simulator, control: Caller) -> None:
    """Neither another host nor a web page that a browser here shows."""
    assert (await control("GET", "/_simulator/", peer="192.0.2.1")).status == 403

    headers = ((b"Origin", b"https://evil.example"),)
    page = Request("POST", "/_simulator/messages", "1.1", headers, b"{}", "127.0.0.1", b"")
    assert (await simulator(page)).status == 403


async def test_credentials_end(simulator: Simulator, control: Caller) -> None:
    """Access tokens and the session are refused from the moment at which they are ended."""
    credentials = simulator.credentials
    token = credentials.give_token(credentials.client_id, credentials.client_secret, 600)
    headers = {"tokens": f"Bearer {token}", "session": f"IBSSO {credentials.session_token}"}

    for place, header in headers.items():
        assert credentials.right(header, "127.0.0.1")
        assert (await control("DELETE", f"/_simulator/{place}")).status == 204
        assert credentials.right(header, "127.0.0.1") is None


async def test_a_platform_that_flaps(simulator: Simulator, control: Caller) -> None:
    """Every second call of one operation fails, and the others do not notice."""
    order = {"fault": "500", "times": 2, "every": 2, "operation": "GET /push/1/applications"}
    await control.json("POST", "/_simulator/faults", order)
    call = Caller(simulator, simulator.api_key)

    seen = [(await call("GET", "/push/1/applications")).status for _ in range(4)]
    assert seen == [500, 200, 500, 200]
    assert (await call("GET", "/push/1/inbox/reports")).status == 200


async def test_a_slow_platform(simulator: Simulator, control: Caller) -> None:
    """An answer takes as long as was ordered."""
    await control.json("POST", "/_simulator/faults", {"fault": "slow", "seconds": 2.5})

    answered = await Caller(simulator, simulator.api_key)("GET", "/push/1/applications")

    assert answered.fault is not None
    assert answered.fault.delay == 2.5
