import json

import pytest

from ibconsole.simulator.settings import SimulatorSettings
from ibconsole.simulator.simulator import Simulator
from tests.unit.simulator.conftest import Caller

APPLICATIONS = "/push/1/applications"
PULL = "/push/1/inbox/reports"


@pytest.fixture
def simulator() -> Simulator:
    """Many calls, and none of them about the rate limit."""
    return Simulator(SimulatorSettings(rate_limited=False))


async def setup_of(call: Caller, *, configured: bool) -> str:
    """The path of the configurations of an application with or without one."""
    for application in (await call.json("GET", APPLICATIONS))["applications"]:
        path = f"{APPLICATIONS}/{application['applicationCode']}/configurations"
        if bool((await call.json("GET", path))["configurations"]) is configured:
            return path
    raise AssertionError("no such application")


async def test_applications(call: Caller) -> None:
    """Listed, shown by code, shown by id."""
    first = (await call.json("GET", APPLICATIONS))["applications"][0]

    assert await call.json("GET", f"{APPLICATIONS}/{first['applicationCode']}") == first
    by_id = f"{APPLICATIONS}/{first['applicationId']}"
    assert (await call("GET", by_id)).status == 404
    assert await call.json("GET", f"{by_id}?useAppCodeAsAppId=true") == first
    assert (await call("GET", f"{by_id}?useAppCodeAsAppId=maybe")).status == 400


async def test_the_life_of_a_setup(call: Caller) -> None:
    """Configuration and action are created, listed, shown, deleted."""
    path = await setup_of(call, configured=False)
    key = (await call.json("POST", path))["key"]
    assert await call.json("GET", f"{path}/{key}") == {"key": key}
    assert (await call("POST", path)).status == 409

    created = await call.json("POST", f"{path}/{key}/actions", {"type": "PULL"})
    listed = (await call.json("GET", f"{path}/{key}/actions"))["actions"]
    assert listed == [created] == [{"key": created["key"], "type": "PULL"}]
    assert (await call("DELETE", f"{path}/{key}/actions/{created['key']}")).status == 204
    assert (await call("DELETE", f"{path}/{key}/actions/{created['key']}")).status == 404
    assert (await call("DELETE", f"{path}/{key}")).status == 204
    assert (await call("GET", f"{path}/{key}")).status == 404


async def test_a_pull_hands_out_once(simulator: Simulator, call: Caller) -> None:
    """Up to the limit, with what still waits; what was handed out is gone."""
    simulator.add_to_inbox([{"messageId": str(number)} for number in range(5)])

    first = await call.json("GET", f"{PULL}?limit=3")
    assert [one["messageId"] for one in first["results"]] == ["0", "1", "2"]
    assert (first["messageCount"], first["pendingMessageCount"]) == (3, 2)
    second = await call.json("GET", PULL)
    assert (second["messageCount"], second["pendingMessageCount"]) == (2, 0)
    assert (await call.json("GET", PULL))["results"] == []


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1.5", "", "1&limit=2"])
async def test_a_limit_that_is_none_takes_nothing(
    simulator: Simulator, call: Caller, limit: str
) -> None:
    """A wrong parameter is refused before anything is handed out."""
    simulator.add_to_inbox([{}])

    answer = await call("GET", f"{PULL}?limit={limit}")

    problem = json.loads(answer.body)["requestError"]["serviceException"]
    assert (answer.status, "limit" in problem["validationErrors"]) == (400, True)
    assert simulator.pending == 1


async def test_limits_have_a_default_and_an_end() -> None:
    """Both are switches: the real ones are not documented."""
    simulator = Simulator(SimulatorSettings(messages=30, default_limit=5, max_limit=10))
    call = Caller(simulator, simulator.api_key)

    assert (await call.json("GET", PULL))["messageCount"] == 5
    assert (await call.json("GET", f"{PULL}?limit=1000"))["messageCount"] == 10


async def test_the_old_platform_lists_without_envelope() -> None:
    """A bare array, as it once was."""
    simulator = Simulator(SimulatorSettings(bare_lists=True))

    assert isinstance(await Caller(simulator, simulator.api_key).json("GET", APPLICATIONS), list)


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nonsense", 404),
        ("PUT", APPLICATIONS, 405),
        ("DELETE", PULL, 405),
        ("GET", f"{APPLICATIONS}/unknown", 404),
        ("GET", f"{APPLICATIONS}/unknown/configurations", 404),
        ("DELETE", "/push/1/inbox/messages", 404),
    ],
)
async def test_what_the_contract_does_not_have(
    call: Caller, method: str, path: str, status: int
) -> None:
    """Unknown paths and methods are refused with an envelope."""
    answer = await call(method, path)

    assert answer.status == status
    assert json.loads(answer.body)["requestError"]


async def test_actions_may_be_limited() -> None:
    """How many actions a configuration may have is a switch."""
    simulator = Simulator(SimulatorSettings(max_actions=1, rate_limited=False))
    call = Caller(simulator, simulator.api_key)
    path = await setup_of(call, configured=False)
    key = (await call.json("POST", path))["key"]

    assert (await call("POST", f"{path}/{key}/actions", {"type": "PULL"})).status == 200
    assert (await call("POST", f"{path}/{key}/actions", {"type": "PULL"})).status == 400
