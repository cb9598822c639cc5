from tests.unit.cli.conftest import Command


def bare_application(on_account: Command) -> str:
    """An application that has no configuration yet."""
    for application in on_account("apps", "list", "--json").json:
        code = str(application["applicationCode"])
        if not on_account("configs", "list", code, "--json").json:
            return code
    raise AssertionError("the simulator has no bare application")


def test_applications(on_account: Command) -> None:
    """Listed as a table or as the platform's own objects; one is shown by code or by id."""
    listed = on_account("apps", "list", "--json")
    first = listed.json[0]

    assert (listed.code, listed.err) == (0, "")
    assert first["name"] in on_account("apps", "list").out
    assert on_account("apps", "show", first["applicationCode"], "--json").json == first
    by_id = on_account("apps", "show", first["applicationId"], "--by-id")
    assert first["description"] in by_id.out


def test_the_whole_life_of_a_configuration(on_account: Command) -> None:
    """Created, shown, filled with both kinds of action, emptied, deleted."""
    app = bare_application(on_account)

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
    """Where one exists, exit code 1 and the key that can be used."""
    app = bare_application(on_account)
    key = on_account("configs", "create", app).out.strip()

    again = on_account("configs", "create", app)

    assert (again.code, again.out) == (1, "")
    assert key in again.err
    assert "Traceback" not in again.err


def test_a_delete_asks(on_account: Command) -> None:
    """Where nobody can be asked nothing is deleted without --yes."""
    app = bare_application(on_account)
    key = on_account("configs", "create", app).out.strip()

    refused = on_account("configs", "delete", app, key)

    assert (refused.code, refused.out) == (2, "")
    assert "--yes" in refused.err
    assert on_account("configs", "list", app).out.strip() == key


def test_an_action_is_of_one_kind(on_account: Command) -> None:
    """Neither both kinds nor none."""
    assert on_account("actions", "create", "app", "key").code == 2
    both = on_account("actions", "create", "app", "key", "--pull", "--forward-url", "https://x")
    assert both.code == 2


def test_what_is_not_there(on_account: Command) -> None:
    """An unknown application is one sentence and exit code 1."""
    missing = on_account("apps", "show", "nonsense")

    assert (missing.code, missing.out) == (1, "")
    assert "404" in missing.err
    assert missing.err.count("\n") == 1
