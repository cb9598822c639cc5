"""Requests of strangers are kept to be looked at, but do not fill the disk."""

from dataclasses import replace
from pathlib import Path

import pytest

from ibconsole.archive import intake as strangers
from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.model.message import Arrival

ARRIVAL = Arrival(
    connection=None,
    arrived_at=1,
    method="POST",
    target="/wrong",
    headers=(),
    body=b'{"results":[{"messageId":"1","text":"t"}]}',
    raw=b"raw",
    peer="127.0.0.1",
    status=404,
    problem="The path is not the listener's.",
    unmatched=True,
)
WELCOME = replace(ARRIVAL, target="/in", status=200, problem="", unmatched=False)


def test_the_latest_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest requests of strangers make room for new ones; forwards never do."""
    monkeypatch.setattr(strangers, "STRANGERS", 3)
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive, Reader(path) as reader:
        welcome = archive.add_forwards([WELCOME, WELCOME])
        first = archive.add_forwards([ARRIVAL, ARRIVAL])
        welcome += archive.add_forwards([WELCOME])
        second = archive.add_forwards([ARRIVAL, ARRIVAL])
        assert list(reader.find_deliveries("forward")) == sorted(welcome + first[1:] + second)

        flood = archive.add_forwards([ARRIVAL] * 7)

        kept = sorted(welcome + flood[-3:])
        assert list(reader.find_deliveries("forward")) == kept
        assert reader.counts().forwards == len(kept)
        with pytest.raises(LookupError):
            reader.delivery_raw(second[0])


def test_several_programs_share_the_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one process kept of strangers counts for the next one, too."""
    monkeypatch.setattr(strangers, "STRANGERS", 3)
    path = tmp_path / "archive.sqlite3"
    last: list[int] = []
    for _ in range(3):
        with Archive(path) as archive:
            last = archive.add_forwards([ARRIVAL, ARRIVAL])

    with Reader(path) as reader:
        kept = list(reader.find_deliveries("forward"))
    assert kept == [last[0] - 1, *last]


def test_a_stranger_slips_in_no_message(tmp_path: Path) -> None:
    """What came on a wrong path is done with at once: there is nothing to decode."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive, Reader(path) as reader:
        [delivery] = archive.add_forwards([ARRIVAL])
        assert archive.recover().messages == 0

        found = reader.delivery(delivery)
        assert found is not None
        assert (found.state, found.message_count, found.status) == ("decoded", 0, 404)
