"""`ibconsole diagnose`."""

from tests.unit.cli.conftest import Command


def test_the_whole_account(on_account: Command) -> None:
    """All findings are in one table or one JSON; the exit code says whether there is an error."""
    table = on_account("diagnose")
    found = on_account("diagnose", "--json", "--fail-on", "never")

    assert table.code == 1
    assert table.out.startswith("SEVERITY  NUMBER")
    assert "IBC-1002  Lumen Mobile" in table.out
    assert "6 applications examined" in table.err
    assert found.code == 0
    [account] = found.json["accounts"]
    assert {one["number"] for one in account["findings"]} >= {"IBC-1001", "IBC-1002"}
    ticket = on_account("diagnose", "--support", "--no-probes").out
    assert "Base URL host: 127.0.0.1\n" in ticket
    assert "- IBC-1002: " in ticket
    assert on_account("diagnose", "--sarif").json["version"] == "2.1.0"


def test_one_application(on_account: Command) -> None:
    """For one application the four questions are answered."""
    tree = on_account("diagnose", "lumen mobile")

    assert tree.out.startswith("Does it route? No.")
    assert "Did it reach us?" in tree.out
    assert "IBC-1002" in tree.out
    assert on_account("diagnose", "nothing of that name").code == 1


def test_explanations(ibconsole: Command) -> None:
    """A number is explained without an account; a wrong one is wrong usage."""
    assert ibconsole("diagnose", "--explain", "ibc-1106").out.startswith("# IBC-1106: ")
    assert ibconsole("diagnose", "--explain", "IBC-9999").code == 2


def test_all_connections(ibconsole: Command) -> None:
    """Without saved connections nothing is found; one application of all is wrong usage."""
    none = ibconsole("diagnose", "--all-connections", "--json")

    assert (none.code, none.json["accounts"]) == (0, [])
    assert ibconsole("diagnose", "app", "--all-connections").code == 2
    assert ibconsole("diagnose").code == 2
