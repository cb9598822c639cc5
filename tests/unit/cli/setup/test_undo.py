"""`ibconsole undo`, as a user of the terminal undoes a change."""

import pytest

from ibconsole.simulator.running import RunningSimulator
from tests.unit.cli.conftest import Command

ACTIONS = "POST /push/1/applications/{}/configurations/{}/actions"
URL = "http://127.0.0.1:9/in"


@pytest.fixture
def configured(on_account: Command, running: RunningSimulator) -> tuple[str, str]:
    """An application with a configuration of two actions, and the key of that."""
    applications = running.simulator.state.account.applications
    code = next(one.code for one in applications if one.configuration is None)
    key = on_account("configs", "create", code).out.strip()
    on_account("actions", "create", code, key, "--pull")
    on_account("actions", "create", code, key, "--forward-url", URL, "--callback-data", "blue")
    return code, key


def values(running: RunningSimulator, code: str) -> list[tuple[str, ...]]:
    application = running.simulator.state.account.application(code)
    assert application
    return sorted(
        (one["type"], one.get("forwardUrl", ""), one.get("callbackData", ""))
        for one in application.actions
    )


def test_a_deleted_configuration_comes_back(
    on_account: Command, running: RunningSimulator, configured: tuple[str, str]
) -> None:
    """The plan is shown, what was done as well; the list says what was undone."""
    code, key = configured
    before = values(running, code)
    on_account("configs", "delete", code, key, "--yes")

    planned = on_account("undo", "--dry-run", "--json").json
    what = [step["what"] for step in planned["steps"]]
    assert what[0] == "Create configuration"
    assert sorted(what[1:]) == ["Create forward action", "Create pull action"]
    assert values(running, code) == []

    asked = on_account("undo")
    assert asked.code == 2
    assert "add --yes" in asked.err

    undone = on_account("undo", "--yes", "--reason", "ticket 7")
    assert (undone.code, undone.err.splitlines()[-1]) == (0, "Done: 3 steps.")
    assert "Undo: Delete configuration with 2 actions" in undone.out
    assert "new key" in undone.out
    assert values(running, code) == before

    newest, deletion, *_ = on_account("undo", "--list", "--json").json
    assert (newest["undoes"], deletion["state"]) == (deletion["id"], "undone")
    assert newest["reason"].endswith("; ticket 7")
    assert deletion["id"][:8] in on_account("undo", "--list").out

    redone = on_account("undo", newest["id"][:6], "--yes", "--json")
    assert (redone.code, redone.json["state"]) == (0, "done")
    assert values(running, code) == []


def test_a_conflict_is_said_and_resolved(
    on_account: Command, running: RunningSimulator, configured: tuple[str, str]
) -> None:
    code, key = configured
    on_account("configs", "delete", code, key, "--yes")
    account = running.simulator.state.account
    application = account.application(code)
    assert application
    account.create_configuration(application)

    refused = on_account("undo", "--yes")
    assert refused.code == 1
    assert "another configuration" in refused.err
    assert "add --into-existing" in refused.err
    assert values(running, code) == []

    assert on_account("undo", "--yes", "--into-existing").code == 0
    assert len(values(running, code)) == 2


def test_a_failure_leaves_the_rest_to_the_next_undo(
    on_account: Command, running: RunningSimulator, configured: tuple[str, str]
) -> None:
    code, key = configured
    before = values(running, code)
    on_account("configs", "delete", code, key, "--yes")
    running.simulator.inject_fault("403", match="/actions", operation=ACTIONS)

    failed = on_account("undo", "--yes")
    assert failed.code == 1
    assert "1 of 3 steps done." in failed.err
    assert values(running, code) == []

    assert on_account("undo", "--yes").code == 0
    assert values(running, code) == before


def test_read_only_undoes_nothing(
    on_account: Command, running: RunningSimulator, configured: tuple[str, str]
) -> None:
    """Planning reads; undoing is a change like any other."""
    refused = on_account("undo", "--yes", "--read-only")
    assert refused.code == 1
    assert "Nothing was sent" in refused.err
    assert on_account("undo", "--dry-run", "--read-only").code == 0
    assert len(values(running, configured[0])) == 2


def test_usage(on_account: Command) -> None:
    assert on_account("undo", "--list", "--json").json == []
    assert on_account("undo", "--list", "1234").code == 2
    assert on_account("undo", "--yes").code == 1
    assert "no change" in on_account("undo", "--dry-run").err
