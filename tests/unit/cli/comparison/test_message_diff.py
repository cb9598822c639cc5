"""The command `ibconsole messages diff`."""

from ibconsole.archive.archive import Archive
from ibconsole.services.runtime.paths import find_paths
from tests.unit.archive.deliveries import forward
from tests.unit.cli.conftest import Command


def test_two_messages_are_compared(ibconsole: Command) -> None:
    """A table, JSON and the exit code say what differs; equal rows on request."""
    with Archive(find_paths().archive) as archive:
        forward(archive, {"messageId": "1", "text": "a\nb", "customPayload": {"n": 1}})
        forward(archive, {"customPayload": {"n": 2}, "text": "a\nb", "messageId": "1"})

    found = ibconsole("messages", "diff", "1", "2")

    assert found.code == 2
    assert [line.split() for line in found.out.splitlines()] == [
        ["PLACE", "A", "B", "NOTE"],
        ["!", "customPayload.n", "1", "2"],
    ]
    assert "1 value differs." in found.err
    shown = ibconsole("messages", "diff", "1", "2", "--all", "--json").json
    assert [row["side"] for row in shown["rows"]] == ["equal", "equal", "different"]
    assert (shown["rows"][1]["left"], shown["differences"]) == ('"a\\nb"', 1)

    same = ibconsole("messages", "diff", "1", "1")
    assert (same.code, same.out) == (0, "")
    assert "identical" in same.err
    assert ibconsole("messages", "diff", "1", "9").code == 1
    assert (
        "results[0].customPayload.n" in ibconsole("messages", "diff", "1", "2", "--deliveries").out
    )
