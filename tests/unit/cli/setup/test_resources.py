from ibconsole.simulator.running import RunningSimulator
from tests.unit.cli.conftest import Command


def unconfigured_application(on_account: Command) -> str:
    """Return the code of an application without a configuration."""
    for application in on_account("apps", "list", "--json").json:
        code = str(application["applicationCode"])
        if not on_account("configs", "list", code, "--json").json:
            return code
    raise AssertionError("the simulator has no application without a configuration")


def test_applications_are_listed_and_shown(on_account: Command) -> None:
    """Applications are written as a table or as the platform's objects, by code or by ID."""
    listed = on_account("apps", "list", "--json")
    first = listed.json[0]

    assert (listed.code, listed.err) == (0, "")
    assert first["name"] in on_account("apps", "list").out
    assert on_account("apps", "show", first["applicationCode"], "--json").json == first
    by_id = on_account("apps", "show", first["applicationId"], "--by-id")
    assert first["description"] in by_id.out


def test_the_life_cycle_of_a_configuration(on_account: Command) -> None:
    """A configuration is created, gets actions of both types, and is deleted."""
    app = unconfigured_application(on_account)

    key = on_account("configs", "create", app, "--json").json["key"]
    assert on_account("configs", "list", app).out == f"{key}\n"
    assert on_account("configs", "show", app, key, "--json").json == {"key": key}

    url = "http://127.0.0.1:9/in"
    created = ("actions", "create", app, key)
    forward = on_account(*created, "--forward-url", url, "--callback-data", "c", "--json").json
    pull = on_account(*created, "--pull").out.strip()
    assert (forward["type"], forward["forwardUrl"], forward["callbackData"]) == (
        "HTTP_FORWARD",
        url,
        "c",
    )
    listed = on_account("actions", "list", app, key, "--json").json
    assert {action["key"] for action in listed} == {forward["key"], pull}
    assert url in on_account("actions", "list", app, key).out

    assert on_account("actions", "delete", app, key, pull, "--yes").code == 0
    assert on_account("configs", "delete", app, key, "--yes").code == 0
    assert on_account("configs", "list", app, "--json").json == []


def test_a_second_configuration_is_refused_by_naming_the_first(on_account: Command) -> None:
    """If a configuration exists, the error names its key."""
    app = unconfigured_application(on_account)
    key = on_account("configs", "create", app).out.strip()

    again = on_account("configs", "create", app)

    assert (again.code, again.out) == (1, "")
    assert key in again.err
    assert "Traceback" not in again.err


def test_read_only_sends_no_change(on_account: Command, running: RunningSimulator) -> None:
    """With --read-only a change is refused before the question, and reads go on."""
    app = unconfigured_application(on_account)
    before = running.simulator.counters["requests"]

    for arguments in (
        ("configs", "create", app),
        ("configs", "delete", app, "key", "--yes"),
        ("actions", "create", app, "key", "--pull"),
        ("actions", "delete", app, "key", "action"),
    ):
        refused = on_account(*arguments, "--read-only")
        assert (refused.code, refused.out) == (1, "")
        assert "--read-only" in refused.err
        assert "Nothing was sent" in refused.err

    assert running.simulator.counters["requests"] == before
    assert on_account("--read-only", "configs", "list", app, "--json").json == []


def test_a_delete_needs_consent(on_account: Command) -> None:
    """Without a terminal nothing is deleted unless --yes is given."""
    app = unconfigured_application(on_account)
    key = on_account("configs", "create", app).out.strip()

    refused = on_account("configs", "delete", app, key)

    assert (refused.code, refused.out) == (2, "")
    assert "--yes" in refused.err
    assert on_account("configs", "list", app).out.strip() == key


def test_an_action_has_exactly_one_type(on_account: Command) -> None:
    """Both types at once, and no type, are wrong usage."""
    assert on_account("actions", "create", "app", "key").code == 2
    both = on_account("actions", "create", "app", "key", "--pull", "--forward-url", "https://x")
    assert both.code == 2


def test_an_unknown_application_is_an_error(on_account: Command) -> None:
    """An unknown application gives one sentence and exit code 1."""
    missing = on_account("apps", "show", "nonsense")

    assert (missing.code, missing.out) == (1, "")
    assert "404" in missing.err
    assert missing.err.count("\n") == 1
