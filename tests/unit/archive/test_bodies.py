"""Bodies are stored once, and any part of them can be read."""

import gzip
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ibconsole.archive.archive import Archive
from ibconsole.archive.bodies import open_body, read_body, read_parts
from ibconsole.archive.connection import fetch
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, ParsedAnswer, RetentionPolicy
from tests.unit.archive.deliveries import BODY, arrival, batch, copy_bytes, pull, tamper

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"
SECRET = b"a-secret"
UTF_16 = BODY.decode().encode("utf-16")


def parse(raw: bytes) -> ParsedAnswer:
    """Read an answer with a head, which is kept if it has the word "odd"."""
    head, _, body = raw.partition(b"\r\n\r\n")
    return ParsedAnswer(200, (), body, keeps_raw=b"odd" in head)


def mask(data: bytes) -> bytes:
    return data.replace(SECRET, b"*")


def store_pieces(archive: Archive, raw: bytes, size: int) -> int:
    delivery = archive.begin_pull(connection="c", base_url="https://x", limit=None)
    for start in range(0, len(raw), size):
        archive.append_answer(delivery, raw[start : start + size])
    archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="", mask=mask)
    return delivery


def sizes(archive: Archive, delivery: int) -> tuple[int, int, int, int]:
    """Return the bytes in pieces, raw bytes, body and copies of messages that are stored."""
    [found] = fetch(
        archive._db,
        "SELECT (SELECT coalesce(sum(length(bytes)), 0) FROM chunk WHERE delivery = ?1),"
        " coalesce(length(raw), 0), length(body), (SELECT count(*) FROM element)"
        " FROM content WHERE delivery = ?1",
        (delivery,),
    )
    return found


@pytest.mark.parametrize("size", [1, 7, 1_000])
def test_an_answer_stays_in_its_pieces(path: Path, size: int) -> None:
    """An ordinary answer is written once: neither its body nor its messages are copied."""
    with Archive(path, parse_answer=parse) as archive, Reader(path) as reader:
        delivery = store_pieces(archive, HEAD + BODY, size)

        assert sizes(archive, delivery) == (len(HEAD + BODY), 0, 0, 0)
        assert reader.delivery_body(delivery) == BODY
        assert reader.delivery_raw(delivery) == b""
        assert [one.size for one in reader.deliveries([delivery])] == [len(BODY)]
        assert [one.body in BODY for one in reader.messages(Filter())] == [True, True]
        assert reader.verify(lambda _: None).damages == ()
        part = reader.slice(delivery, 3, 9)
        assert (part.data, part.total) == (BODY[3:12], len(BODY))
        assert reader.slice(delivery, 10**9, 5).data == b""


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (HEAD.replace(b"OK", b"odd") + BODY, (0, len(HEAD + BODY) + 1, 0, 0)),
        (HEAD.replace(b"OK", SECRET) + BODY, (0, 0, len(BODY), 0)),
        (HEAD + BODY.replace(b"eins", SECRET), (0, 0, len(BODY) - 3, 0)),
        (HEAD + gzip.compress(BODY, mtime=0), (len(HEAD + gzip.compress(BODY)), 0, 0, 2)),
        (
            HEAD + BODY.decode().encode("utf-16"),
            (len(HEAD + BODY.decode().encode("utf-16")), 0, 0, 2),
        ),
        (HEAD, (0, 0, 0, 0)),
    ],
    ids=["raw kept", "secret in the head", "secret in the body", "compressed", "UTF-16", "empty"],
)
def test_what_is_copied(path: Path, raw: bytes, expected: tuple[int, int, int, int]) -> None:
    """A copy is stored where a body is not as received, and where a message is not in it."""
    with Archive(path, parse_answer=parse) as archive, Reader(path) as reader:
        delivery = store_pieces(archive, raw, 50)

        assert sizes(archive, delivery) == expected
        assert reader.verify(lambda _: None).damages == ()
        count = reader.counts().messages
        assert len([*reader.messages(Filter())]) == count == (0 if raw == HEAD else 2)


def test_forwards_are_stored_once(archive: Archive, reader: Reader) -> None:
    """The body of a forward is the rest of its raw request; a chunked one is stored as well."""
    chunked = replace(arrival(BODY), raw=b"POST / HTTP/1.1\r\n\r\n5\r\n" + BODY + b"0\r\n\r\n")
    deliveries = archive.add_forwards([arrival(BODY), chunked])
    archive.decode(deliveries)

    found = [sizes(archive, delivery) for delivery in deliveries]
    assert found == [(0, len(arrival(BODY).raw), 0, 0), (0, len(chunked.raw), len(BODY), 0)]
    assert [reader.delivery_body(delivery) for delivery in deliveries] == [BODY, BODY]
    assert reader.delivery_raw(deliveries[0]) == arrival(BODY).raw
    assert reader.slice(deliveries[0], 2, 4).data == BODY[2:6]
    assert reader.slice(deliveries[0], 2, 4, raw=True).data == arrival(BODY).raw[2:6]
    assert reader.verify(lambda _: None).damages == ()


def test_pieces_of_an_earlier_version(archive: Archive, reader: Reader) -> None:
    """A pull that an earlier version left in numbered pieces is stored whole."""
    delivery = archive.begin_pull(connection="c", base_url="https://x", limit=None)
    for number, start in enumerate(range(0, len(BODY), 9)):
        tamper(
            archive,
            "INSERT INTO chunk VALUES (?, ?, ?)",
            delivery,
            number,
            BODY[start : start + 9],
        )
    assert reader.delivery_body(delivery) == BODY
    assert reader.slice(delivery, 5, 9).data == BODY[5:14]

    archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")

    assert sizes(archive, delivery) == (0, 0, len(BODY), 0)
    assert reader.delivery_body(delivery) == BODY
    assert reader.verify(lambda _: None).damages == ()


def test_copies_of_an_earlier_version(archive: Archive, reader: Reader) -> None:
    """Messages and bodies that an earlier version copied read like those that are not."""
    for body in (BODY, gzip.compress(BODY), BODY[:-20]):
        pull(archive, body)
    archive.decode(archive.add_forwards([arrival(BODY)]))
    messages = [*reader.messages(Filter())]
    bodies = [reader.delivery_body(delivery) for delivery in (1, 2, 3, 4)]
    assert len(messages) == 8

    copy_bytes(archive)

    assert [*reader.messages(Filter())] == messages
    assert [reader.delivery_body(delivery) for delivery in (1, 2, 3, 4)] == bodies
    assert reader.verify(lambda _: None).damages == ()


def test_deletion(archive: Archive, reader: Reader) -> None:
    """With a delivery its pieces are deleted, and retention counts their size."""
    delivery = store_pieces(archive, BODY, 10)
    assert archive.preview_retention(RetentionPolicy(count=0)).size == len(BODY)

    archive.delete_batch("c")

    assert fetch(archive._db, "SELECT count(*) FROM chunk") == [(0,)]
    with pytest.raises(LookupError):
        reader.delivery_body(delivery)
    with pytest.raises(LookupError):
        reader.slice(delivery, 0, 1)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.binary(min_size=1, max_size=9), min_size=1), st.data())
def test_parts(archive: Archive, pieces: list[bytes], data: st.DataObject) -> None:
    """Any part of a body can be read, however it arrived in pieces, from its start on."""
    whole = b"".join(pieces)
    delivery = archive.begin_pull(connection=None, base_url="", limit=None)
    for piece in pieces:
        archive.append_answer(delivery, piece)
    archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
    spans = data.draw(st.lists(st.tuples(st.integers(0, len(whole)), st.integers(0, len(whole)))))

    assert read_body(archive._db, delivery) == whole
    expected = [
        whole[start : start + size] if start + size <= len(whole) else None for start, size in spans
    ]
    assert read_parts(archive._db, [(delivery, *span) for span in spans]) == expected
    with open_body(archive._db, delivery) as body:
        assert [body.read(*span) for span in spans] == [
            whole[start : start + size] for start, size in spans
        ]


def test_parts_that_are_not_stored(archive: Archive) -> None:
    """A part without a span, or of no delivery, is not found."""
    delivery = pull(archive, batch()).delivery
    parts = [(delivery, None, None), (99, 0, 1), (delivery, 0, 2)]
    assert read_parts(archive._db, parts) == [None, None, b'{"']


def test_parts_of_several_deliveries(archive: Archive) -> None:
    """Parts of small and large bodies, in raw bytes, in pieces or on their own, are found alike."""
    large = batch({"text": "x" * 70_000}, {"messageId": "2"})
    stored = [*archive.add_forwards([arrival(BODY), arrival(large), arrival(b"")])]
    stored += [store_pieces(archive, body, 10_000) for body in (BODY, large)]
    copy_bytes(archive)
    stored += [*archive.add_forwards([arrival(BODY), arrival(large)])]
    stored += [store_pieces(archive, body, 10_000) for body in (BODY, large)]
    spans = [(0, 5), (9, 40), (69_990, 50), (1 << 20, 1), (5, 0)]

    bodies = {one: read_body(archive._db, one) or b"" for one in stored}
    parts = [(one, *span) for span in spans for one in stored]
    expected = [
        bodies[one][start : start + size] if start + size <= len(bodies[one]) else None
        for one, start, size in parts
    ]
    assert [len(body) for body in bodies.values()].count(len(large)) == 4
    assert read_parts(archive._db, parts) == expected
