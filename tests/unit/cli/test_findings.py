"""`ibconsole findings`."""

from datetime import datetime, timedelta

from tests.unit.cli.conftest import Command

TOMORROW = (datetime.now().astimezone() + timedelta(days=1)).date().isoformat()


def test_the_catalogue(ibconsole: Command) -> None:
    """All numbers are listed with their titles."""
    assert (
        "IBC-1001  warning   The application has no configuration"
        in ibconsole("findings", "list").out
    )
    assert ibconsole("findings", "list", "--json").json[0]["number"] == "IBC-1001"


def test_muting(on_account: Command, ibconsole: Command) -> None:
    """A muted finding is counted and does not fail a run; it can be unmuted again."""
    until = ("--reason", "It is being set up.", "--until", TOMORROW)
    assert on_account("diagnose", "lumen mobile").code == 1

    muted = on_account("findings", "mute", "ibc-1002", "lumen mobile", *until)
    found = on_account("diagnose", "lumen mobile", "--json")
    listed = ibconsole("findings", "muted")

    assert muted.code == 0
    assert (found.code, found.json["accounts"][0]["findings"]) == (0, [])
    assert found.json["accounts"][0]["muted"][0]["mute"]["reason"] == "It is being set up."
    assert "1 muted" in found.err
    assert "IBC-1002  Lumen Mobile" in listed.out
    assert on_account("findings", "unmute", "1002", "lumen mobile").code == 0
    assert on_account("findings", "unmute", "1002", "lumen mobile").code == 1
    assert ibconsole("findings", "muted", "--json").json == []


def test_what_cannot_be_muted(on_account: Command) -> None:
    """A wrong number or date is wrong usage, and a past end changes nothing."""
    mute = ("findings", "mute")
    why = ("--reason", "R")

    assert on_account(*mute, "IBC-9999", *why, "--until", TOMORROW).code == 2
    assert on_account(*mute, "IBC-1002", *why, "--until", "soon").code == 2
    assert on_account(*mute, "IBC-1704", *why, "--until", "2001-01-01").code == 1
