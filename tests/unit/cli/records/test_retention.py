"""The command for the retention of what is stored."""

from ibconsole.archive.archive import Archive
from ibconsole.services.runtime.paths import find_paths
from tests.unit.archive.deliveries import arrival, batch
from tests.unit.cli.conftest import Command


def test_yes_trusts_no_doubtful_clock(ibconsole: Command) -> None:
    """Where the clock may have leapt, age deletes nothing without --trust-clock."""
    archive = find_paths().archive
    with Archive(archive) as writer:
        writer.decode(writer.add_forwards([arrival(batch({"text": "old"}), arrived_at=1_000)]))
    keep = ("messages", "retention", "--keep-days", "30", "--yes")

    assert "either it is wrong now" in ibconsole(*keep, "--preview").err
    refused = ibconsole(*keep)
    assert (refused.code, "the clock may be wrong" in refused.err) == (1, True)
    assert ibconsole("messages", "retention", "--json").json["keep"]["days"] is None
    assert ibconsole(*keep, "--trust-clock", "--json").json["deleted"] == 1


def test_retention_is_previewed_before_it_deletes(on_account: Command, ibconsole: Command) -> None:
    """Everything is kept by default; a limit deletes only with consent."""
    assert on_account("pull", "--yes").code == 0
    assert "Everything that was received is kept" in ibconsole("messages", "retention").err
    assert "7 messages" in ibconsole("messages", "retention", "--keep-count", "0", "--preview").err
    assert ibconsole("messages", "list").out.count("\n") == 8
    assert ibconsole("messages", "retention", "--keep-count", "0").code != 0
    assert ibconsole("messages", "retention", "--keep-count", "0", "--off").code == 2

    result = ibconsole("messages", "retention", "--keep-count", "0", "--yes", "--json").json
    assert result["deleted"] == 7
    assert result["keep"] == {"days": None, "count": 0, "size": None}
    assert ibconsole("messages", "retention", "--json").json["keep"]["count"] == 0
    assert ibconsole("messages", "retention", "--off", "--yes", "--json").json["deleted"] == 0
    assert ibconsole("messages", "retention", "--json").json["keep"]["count"] is None
