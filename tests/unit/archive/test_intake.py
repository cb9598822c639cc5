"""Forwarded requests go into the archive together, each as it came."""

from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from ibconsole.archive import Archive, Arrival, Reader
from ibconsole.archive.intake import headers_text

ARRIVAL = Arrival(
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
REFUSED = replace(ARRIVAL, method="", target="", headers=(), body=b"", status=413, problem="Long.")


def test_each_is_kept_as_it_came(tmp_path: Path) -> None:
    """Bytes, headers in order, whose it is and what it was answered; odd characters are cleaned."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive, Reader(path) as reader:
        ids = archive.add_forwards([ARRIVAL, REFUSED, replace(ARRIVAL, connection=None)])
        first, refused, last = reader.deliveries(ids)

        assert ids == [1, 2, 3]
        assert reader.delivery_raw(1) == ARRIVAL.raw
        assert reader.delivery_body(1) == ARRIVAL.body
        assert reader.counts().forwards == 3
    assert (first.connection, refused.connection, last.connection) == ("acme", "acme", None)
    assert (first.method, first.target, first.peer, first.status) == ("POST", "/in?", "::1", 200)
    assert first.headers == (("X-Odd", "?\x00"), ("X-Odd", "again"))
    assert first.sha256 == sha256(ARRIVAL.body).hexdigest()
    assert (first.state, first.complete, first.began_at) == ("received", True, 1_700_000_000_123)
    assert (refused.complete, refused.status, refused.problem) == (False, 413, "Long.")


def test_nothing_to_take_in(tmp_path: Path) -> None:
    """An empty group adds nothing."""
    with Archive(tmp_path / "archive.sqlite3") as archive:
        assert archive.add_forwards([]) == []


def test_headers_are_text() -> None:
    """Headers are JSON pairs, in the order in which they came."""
    assert headers_text([("a", "1"), ("A", "2")]) == '[["a","1"],["A","2"]]'
