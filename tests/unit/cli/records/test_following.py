"""The command `ibconsole messages follow`."""

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.services.runtime.paths import find_paths
from tests.unit.cli.conftest import Command
from tests.unit.services.threads.records import CODE, fill


def test_a_thread_is_listed_followed_and_copied_for_support(ibconsole: Command) -> None:
    """By a message or by a value; as a table, JSON, or the text of a ticket."""
    with Archive(find_paths().archive) as archive:
        fill(archive)

    table = ibconsole("messages", "follow", "1")
    by_value = ibconsole("messages", "follow", "--subscriber", "anna", "--json").json
    ticket = ibconsole("messages", "follow", "1", "--by", "pair", "--support")
    choices = ("--support", "--with-codes", "--with-texts", "--yes")
    single = ibconsole("messages", "show", "1", *choices)

    assert [line.split()[0] for line in table.out.splitlines()] == ["ID", "1", "2", "24", "25"]
    assert "4 messages, 1 came by both ways." in table.err
    assert [one["messageId"] for one in by_value["messages"]] == ["1", "2", "3", "1"]
    assert (by_value["follows"], by_value["complete"]) == ("subscriber", True)
    assert "pairedMessageId: 1" in ticket.out
    assert CODE not in ticket.out
    assert f"applicationCode: {CODE}" in single.out
    assert "  text: 1" in single.out
    assert ibconsole("messages", "show", "1", "--with-codes").code == 2


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        ((), 2, "Name a message"),
        (("1", "--sender", "x"), 2, "Name a message"),
        (("--sender", "x", "--by", "pair"), 2, "Name a message"),
        (("--sender", "x", "--json", "--support"), 2, "exclude each other"),
        (("--sender", "x", "--support", "--with-codes"), 2, "add --yes"),
        (("99",), 1, "There is no message 99"),
        (("--sender", "x"), 0, "0 messages."),
    ],
)
def test_what_cannot_be_followed_is_said(
    ibconsole: Command, arguments: tuple[str, ...], code: int, sentence: str
) -> None:
    """One sentence; an unknown value is a thread without messages."""
    found = ibconsole("messages", "follow", *arguments)

    assert (found.code, sentence in found.err) == (code, True)


def test_messages_of_all_connections_name_theirs(ibconsole: Command) -> None:
    """A saved connection by its name, a removed one by its UUID, an unsaved one not at all."""
    with Archive(find_paths().archive) as archive:
        fill(archive)

    found = ibconsole("messages", "list", "--all-connections", "--text", "4")

    assert found.out.splitlines()[0].split()[-1] == "CONNECTION"
    assert found.out.splitlines()[-1].split()[-1] == "c"
    assert "all connections on this disk" in found.err
