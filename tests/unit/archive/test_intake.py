"""Requests are stored as received, and only a limited number of unmatched ones is kept."""

from hashlib import sha256
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Via
from ibconsole.archive.storing import headers_text
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
ODD = Arrival(
    connection="acme",
    arrived_at=1_700_000_000_123,
    method="POST",
    target="/in\udcff",
    headers=(("X-Odd", "\udcff\x00"), ("X-Odd", "again")),
    body=b"\x00\xff body",
    raw=b"POST /in HTTP/1.1\r\n\r\n\x00\xff body",
    peer="::1",
    status=200,
    problem="",
)
TOO_LONG = replace(ODD, method="", target="", headers=(), body=b"", status=413, problem="Long.")


def test_requests_are_stored_as_received(tmp_path: Path) -> None:
    """Bytes, order of headers, connection and answer are stored; odd characters are replaced."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive, Reader(path) as reader:
        ids = archive.add_forwards([ODD, TOO_LONG, replace(ODD, connection=None)])
        first, refused, last = reader.deliveries(ids)

        assert ids == [1, 2, 3]
        assert reader.delivery_raw(1) == ODD.raw
        assert reader.delivery_body(1) == ODD.body
        assert reader.counts().forwards == 3
    assert (first.connection, refused.connection, last.connection) == ("acme", "acme", None)
    assert (first.method, first.target, first.peer, first.status) == ("POST", "/in?", "::1", 200)
    assert first.headers == (("X-Odd", "?\x00"), ("X-Odd", "again"))
    assert first.sha256 == sha256(ODD.body).hexdigest()
    assert (first.state, first.complete, first.began_at) == ("received", True, 1_700_000_000_123)
    assert (refused.complete, refused.status, refused.problem) == (False, 413, "Long.")


def test_empty_group(tmp_path: Path) -> None:
    """A group without requests adds nothing."""
    with Archive(tmp_path / "archive.sqlite3") as archive:
        assert archive.add_forwards([]) == []


@pytest.mark.parametrize("size", [1, 2, 63, 64, 65, 191])
def test_groups_of_any_size(tmp_path: Path, size: int) -> None:
    """Every request of a group is stored with its own bytes, however many share a statement."""
    bodies = [bytes([number]) * (number * 300) for number in range(size)]
    group = [replace(ODD, body=body, raw=b"raw" + body) for body in bodies]
    with Archive(tmp_path / "archive.sqlite3") as archive:
        ids = archive.add_forwards(group)
    with Reader(tmp_path / "archive.sqlite3") as reader:
        kept = [(reader.delivery_raw(number), reader.delivery_body(number)) for number in ids]
        digests = [one.sha256 for one in reader.deliveries(ids)]

    assert ids == list(range(ids[0], ids[0] + size))
    assert kept == [(one.raw, one.body) for one in group]
    assert digests == [sha256(body).hexdigest() for body in bodies]


def test_headers_are_text() -> None:
    """Headers are stored as JSON pairs, in the order in which they were received."""
    assert headers_text([("a", "1"), ("A", "2")]) == '[["a","1"],["A","2"]]'


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
