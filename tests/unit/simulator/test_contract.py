import json

import pytest

from ibconsole.simulator.account import GivenApplication, GivenConfiguration, Population
from ibconsole.simulator.settings import SimulatorSettings
from ibconsole.simulator.simulator import Simulator
from tests.unit.simulator.conftest import Caller

APPLICATIONS = "/push/1/applications"
PULL = "/push/1/inbox/reports"


@pytest.fixture
def simulator() -> Simulator:
    """A simulator without a rate limit."""
    return Simulator(SimulatorSettings(rate_limited=False))


async def configurations_path(call: Caller, *, configured: bool) -> str:
    """Return the configurations path of an application with or without a configuration."""
    for application in (await call.json("GET", APPLICATIONS))["applications"]:
        path = f"{APPLICATIONS}/{application['applicationCode']}/configurations"
        if bool((await call.json("GET", path))["configurations"]) is configured:
            return path
    raise AssertionError("no such application")


async def test_applications_are_listed_and_shown(call: Caller) -> None:
    """An application is shown by its code or, on request, by its ID."""
    first = (await call.json("GET", APPLICATIONS))["applications"][0]

    assert await call.json("GET", f"{APPLICATIONS}/{first['applicationCode']}") == first
    by_id = f"{APPLICATIONS}/{first['applicationId']}"
    assert (await call("GET", by_id)).status == 404
    assert await call.json("GET", f"{by_id}?useAppCodeAsAppId=true") == first
    assert (await call("GET", f"{by_id}?useAppCodeAsAppId=maybe")).status == 400


async def test_a_given_account_refuses_what_it_was_given_to_refuse() -> None:
    """Paths are refused with their status, or by a reset, whatever the spelling of the path."""
    application = GivenApplication(
        {"applicationCode": "a b"}, (GivenConfiguration({"key": "1"}), GivenConfiguration({"x": 2}))
    )
    path = f"{APPLICATIONS}/a b/configurations"
    refusals = {PULL: 403, f"{path}/1/actions": None, f"{path}/2": 200, f"{path}/3": 429}
    given = Simulator(population=Population((application,), ({"text": "x"},), refusals))
    call = Caller(given, given.api_key)

    listed = await call.json("GET", f"{APPLICATIONS}/a%20b/configurations")
    answers = [
        await call("GET", one)
        for one in (
            PULL,
            f"{APPLICATIONS}/a%20b/configurations/1/actions",
            f"{APPLICATIONS}/a%20b/configurations/2",
            f"{APPLICATIONS}/a%20b/configurations/3",
        )
    ]

    assert listed == {"configurations": [{"key": "1"}, {"x": 2}]}
    assert [one.status for one in answers] == [403, 200, 200, 429]
    assert [one.fault is not None for one in answers] == [False, True, False, False]
    assert given.pending == 1
    with pytest.raises(ValueError, match="Expecting value"):
        json.loads(answers[2].body)


async def test_the_life_cycle_of_a_configuration(call: Caller) -> None:
    """A configuration and its actions are created, listed, shown and deleted."""
    path = await configurations_path(call, configured=False)
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


async def test_a_pull_returns_each_message_once(simulator: Simulator, call: Caller) -> None:
    """A pull returns messages up to the limit and the number that still wait."""
    simulator.add_to_inbox([{"messageId": str(number)} for number in range(5)])

    first = await call.json("GET", f"{PULL}?limit=3")
    assert [one["messageId"] for one in first["results"]] == ["0", "1", "2"]
    assert (first["messageCount"], first["pendingMessageCount"]) == (3, 2)
    second = await call.json("GET", PULL)
    assert (second["messageCount"], second["pendingMessageCount"]) == (2, 0)
    assert (await call.json("GET", PULL))["results"] == []


@pytest.mark.parametrize("limit", ["0", "-1", "x", "1.5", "", "1&limit=2"])
async def test_an_invalid_limit_takes_no_message(
    simulator: Simulator, call: Caller, limit: str
) -> None:
    """An invalid parameter is refused before a message leaves the inbox."""
    simulator.add_to_inbox([{}])

    answer = await call("GET", f"{PULL}?limit={limit}")

    error = json.loads(answer.body)["requestError"]["serviceException"]
    assert (answer.status, "limit" in error["validationErrors"]) == (400, True)
    assert simulator.pending == 1


async def test_limits_have_a_default_and_a_maximum() -> None:
    """Both are settings, because the real values are not documented."""
    simulator = Simulator(SimulatorSettings(messages=30, default_limit=5, max_limit=10))
    call = Caller(simulator, simulator.api_key)

    assert (await call.json("GET", PULL))["messageCount"] == 5
    assert (await call.json("GET", f"{PULL}?limit=1000"))["messageCount"] == 10


async def test_limits_above_the_maximum_can_be_refused() -> None:
    """A refused limit hands out nothing."""
    simulator = Simulator(SimulatorSettings(messages=30, max_limit=10, refuse_larger_limits=True))
    call = Caller(simulator, simulator.api_key)

    assert (await call("GET", f"{PULL}?limit=11")).status == 400
    assert (await call.json("GET", f"{PULL}?limit=10"))["pendingMessageCount"] == 20


async def test_lists_can_be_returned_without_an_envelope() -> None:
    """The old platform returned lists as bare arrays."""
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
async def test_calls_outside_the_contract_are_refused(
    call: Caller, method: str, path: str, status: int
) -> None:
    """Unknown paths and methods are answered with the error envelope."""
    answer = await call(method, path)

    assert answer.status == status
    assert json.loads(answer.body)["requestError"]


async def test_the_number_of_actions_may_be_limited() -> None:
    """A setting limits the actions of a configuration."""
    simulator = Simulator(SimulatorSettings(max_actions=1, rate_limited=False))
    call = Caller(simulator, simulator.api_key)
    path = await configurations_path(call, configured=False)
    key = (await call.json("POST", path))["key"]

    assert (await call("POST", f"{path}/{key}/actions", {"type": "PULL"})).status == 200
    assert (await call("POST", f"{path}/{key}/actions", {"type": "PULL"})).status == 400
