"""The history of this disk, as timelines read it."""

from pathlib import Path

from ibconsole.archive.archive import Archive
from ibconsole.archive.history import SetupPart
from ibconsole.services.setup.history.history_source import DiskHistory, HistorySource


def test_an_empty_history(tmp_path: Path) -> None:
    """Nothing was recorded in a new archive, and a missing one is not created."""
    path = tmp_path / "archive.sqlite3"
    source: HistorySource = DiskHistory(path, "c")
    assert [source.exists, path.exists()] == [False, False]
    Archive(path).close()

    assert [source.exists] == [True]
    assert list(source.points_of("a")) == []
    assert source.point_at("a", SetupPart.ROUTE) is None
    assert list(source.current_applications()) == []
    assert source.message_activity("a", 0, 1).hours == ()
    assert source.latest_arrival("a") is None
    assert list(source.stored_tests(["https://a"], 0, 1)) == []
    assert (list(source.audit("a")), source.attributable_from()) == ([], 0)
