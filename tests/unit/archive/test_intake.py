"""Unmatched requests are kept for inspection, but only a limited number of them."""

from dataclasses import replace
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Via
from ibconsole.model.message import Arrival

UNMATCHED = Arrival(
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
MATCHED = replace(UNMATCHED, target="/in", status=200, problem="", unmatched=False)


def test_the_latest_stay(tmp_path: Path) -> None:
    """New unmatched requests replace the oldest ones, and never a forward of a connection."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path, unmatched_kept=3) as archive, Reader(path) as reader:
        matched = archive.add_forwards([MATCHED, MATCHED])
        first = archive.add_forwards([UNMATCHED, UNMATCHED])
        matched += archive.add_forwards([MATCHED])
        second = archive.add_forwards([UNMATCHED, UNMATCHED])
        assert list(reader.find_deliveries(Via.FORWARD)) == sorted(matched + first[1:] + second)

        flood = archive.add_forwards([UNMATCHED] * 7)

        kept = sorted(matched + flood[-3:])
        assert list(reader.find_deliveries(Via.FORWARD)) == kept
        assert reader.counts().forwards == len(kept)
        with pytest.raises(LookupError):
            reader.delivery_raw(second[0])


def test_processes_share_the_limit(tmp_path: Path) -> None:
    """The limit applies to the archive, not to each process that writes to it."""
    path = tmp_path / "archive.sqlite3"
    last: list[int] = []
    for _ in range(3):
        with Archive(path, unmatched_kept=3) as archive:
            last = archive.add_forwards([UNMATCHED, UNMATCHED])

    with Reader(path) as reader:
        kept = list(reader.find_deliveries(Via.FORWARD))
    assert kept == [last[0] - 1, *last]


def test_an_unmatched_request_is_not_decoded(tmp_path: Path) -> None:
    """A request on an unknown path is stored as decoded, without messages."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive, Reader(path) as reader:
        [delivery] = archive.add_forwards([UNMATCHED])
        assert archive.recover().messages == 0

        found = reader.delivery(delivery)
        assert found is not None
        assert (found.state, found.message_count, found.status) == ("decoded", 0, 404)
