"""The history of an application, from the terminal."""

from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.clock import now_ms
from ibconsole.simulator.running import RunningSimulator
from tests.unit.archive.deliveries import forward
from tests.unit.cli.conftest import Command


@pytest.fixture
def code(on_account: Command) -> str:
    """An application without a configuration."""
    codes = [str(one["applicationCode"]) for one in on_account("apps", "list", "--json").json]
    return next(one for one in codes if not on_account("configs", "list", one, "--json").json)


def test_a_timeline(
    on_account: Command, ibconsole: Command, code: str, tmp_path: Path, running: RunningSimulator
) -> None:
    """Own changes are shown with who made them, without a request; messages are counted."""
    assert on_account("timeline", "no such app").code == 1
    created = on_account("configs", "create", code, "--reason", "ticket 7")
    assert created.code == 0
    with Archive(tmp_path / "data" / "archive.sqlite3") as archive:
        forward(archive, {"applicationCode": code}, arrived_at=now_ms() - 5)
    before = running.simulator.counters["requests"]

    shown = on_account("timeline", code)
    found = on_account("timeline", code, "--since", "1d", "--json").json
    worked = on_account("timeline", code, "--since-it-worked")

    assert running.simulator.counters["requests"] == before
    assert shown.code == 0
    assert "Configuration created" in shown.out
    assert code not in shown.out
    [change, act, *_] = [one for one in found["events"] if one["kind"] != "messages"]
    kinds = {change["kind"], act["kind"]}
    assert kinds == {"setup change", "own act"}
    assert found["hours"][0]["forwarded"] == 1
    assert worked.out.startswith("Messages arrive as usual.")
    assert on_account("timeline", code, "--since", "1d", "--since-it-worked").code == 2
    assert "answer" in on_account("timeline", code, "--since-it-worked", "--json").json
    # Without an account, the archive knows the code from its messages alone.
    assert "Last message" in ibconsole("timeline", code).out


def test_an_application_is_looked_up_by_name(on_account: Command, code: str) -> None:
    """The account is asked for what the archive does not know."""
    [name] = [
        one["name"]
        for one in on_account("apps", "list", "--json").json
        if one["applicationCode"] == code
    ]

    result = on_account("timeline", name)

    assert result.code == 0
    assert "never recorded" in result.err


def test_applications_are_compared(on_account: Command, ibconsole: Command, code: str) -> None:
    """The accounts are read unless a time is given; differences have an exit code."""
    names = [one["name"] for one in on_account("apps", "list", "--json").json]
    on_account("configs", "create", code)

    same = on_account("setup", "compare", names[0], names[0])
    other = on_account("setup", "compare", names[0], code, "--json")
    then = on_account("setup", "compare", code, "--at", "1d", "--json")

    assert same.code == 0
    assert other.code == 2
    assert other.json["differences"] == sum(one["side"] != "equal" for one in other.json["rows"])
    assert then.code == 2
    assert on_account("setup", "compare", code).code == 1
    elsewhere = on_account("setup", "compare", code, "--to-connection", "Other")
    assert (elsewhere.code, "no connection called Other" in elsewhere.err) == (1, True)
    assert ibconsole("setup", "compare", "a", "b").code == 1
    assert on_account("setup", "compare", names[0], code).out.startswith("   OBJECT")
