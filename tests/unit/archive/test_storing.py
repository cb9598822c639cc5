"""Decoded messages are stored once, with their duplicates marked."""

import gc
import gzip

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.connection import transaction
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import DecodingResult, DeliveryState, Filter, Flags
from ibconsole.archive.storing import (
    decode_received,
    find_originals,
    garbage_collection_paused,
    headers_text,
    next_id,
    read_state,
    replace_surrogates,
    store_decoded,
)
from tests.unit.archive.deliveries import arrival, batch, pull


@pytest.mark.parametrize("enabled", [True, False])
def test_garbage_collection_pauses(*, enabled: bool) -> None:
    """Garbage collection is paused in the block, and as before after it, also if it fails."""
    was_enabled = gc.isenabled()
    try:
        (gc.enable if enabled else gc.disable)()
        with pytest.raises(ValueError, match="in the block"):
            _fail_in_the_block()
        assert gc.isenabled() == enabled
    finally:
        (gc.enable if was_enabled else gc.disable)()


def _fail_in_the_block() -> None:
    with garbage_collection_paused():
        assert not gc.isenabled()
        raise ValueError("in the block")


def test_duplicates(archive: Archive, reader: Reader) -> None:
    """A message is a duplicate of the first one with its message id in its application."""
    first, other = {"messageId": "1", "applicationCode": "a"}, {"messageId": "1"}
    pull(archive, batch(first, other, first, {"text": "none"}, {"text": "none"}))
    pull(archive, batch(other, first))

    assert [message.duplicate_of for message in reader.messages(Filter())] == [
        *(None, None, 1, None, None),
        *(2, 1),
    ]
    keys = [("1", "a"), ("2", ""), ("2", ""), ("", "")]
    assert find_originals(archive._db, keys, 50) == [1, None, 51, None]


def test_duplicates_are_flagged(archive: Archive, reader: Reader) -> None:
    """A message that arrives again is stored, flagged, and refers to the first one."""
    same = {"messageId": "1", "applicationCode": "a"}
    archive.decode(archive.add_forwards([arrival(batch(same, same)), arrival(batch(same))]))
    found = [reader.message(message) for message in (1, 2, 3)]

    assert [each and each.duplicate_of for each in found] == [None, 1, 1]
    assert [each and each.flags for each in found] == [Flags(0), Flags.DUPLICATE, Flags.DUPLICATE]


def test_not_duplicates(archive: Archive, reader: Reader) -> None:
    """Messages of different applications, or without a message id, are never duplicates."""
    messages = [
        {"messageId": "1", "applicationCode": "a"},
        {"messageId": "1", "applicationCode": "b"},
        {"text": "same"},
        {"text": "same"},
    ]
    archive.decode(archive.add_forwards([arrival(batch(*messages))]))

    assert [row.flags for row in reader.rows([1, 2, 3, 4])] == [Flags(0)] * 4


def test_years_before_the_epoch(archive: Archive, reader: Reader) -> None:
    """A time of receipt is stored even if the sender's clock is centuries wrong."""
    times = ["0001-01-01T00:00:00+00:00", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"]
    messages = [{"text": "x", "receivedAt": time} for time in times]
    archive.decode(archive.add_forwards([arrival(batch(*messages))]))

    assert [row.received_at for row in reader.rows([1, 2, 3])] == [
        -62_135_596_800_000,
        0,
        253_402_300_799_999,
    ]


def test_deliveries_that_are_decoded_together(archive: Archive, reader: Reader) -> None:
    """Deliveries of a group are stored as they would be one by one, with ids and duplicates."""
    same = {"messageId": "1\0", "applicationCode": "a"}
    deliveries = archive.add_forwards(
        [arrival(batch(same, {"text": "x"})), arrival(b"no JSON"), arrival(batch(same))]
    )
    decoded = archive.decode([*reversed(deliveries), deliveries[0]])
    stored = list(reader.messages(Filter()))

    assert [result.message_ids for result in decoded] == [(1,), (), (2, 3), (2, 3)]
    assert [(each.delivery, each.position, each.duplicate_of) for each in stored] == [
        (3, 0, None),
        (1, 0, 1),
        (1, 1, None),
    ]
    assert reader.counts().messages == 3


def test_span_of_a_message_in_its_body(archive: Archive, reader: Reader) -> None:
    """A stored message has the offset and size of its JSON in the decompressed body."""
    body = b'{"results" : [ {"messageId":"1"} , 5 ]}'
    archive.decode(archive.add_forwards([arrival(body), arrival(gzip.compress(body))]))

    spans = [(message.start, message.size) for message in reader.messages(Filter())]
    assert spans == [(15, 17), (35, 1)] * 2


def test_slices(archive: Archive, reader: Reader) -> None:
    """Many messages are stored in several transactions, after each of which nothing is wrong."""
    body = batch({"messageId": "1"}, {"messageId": "2"}, {"messageId": "1"})
    first, second = archive.add_forwards([arrival(body), arrival(body)])
    seen = []
    results: dict[int, DecodingResult] = {}
    while missing := [each for each in (first, second) if each not in results]:
        bodies = decode_received(archive._db, missing)
        with transaction(archive._db):
            results |= store_decoded(archive._db, bodies, limit=2)
        stored = reader.deliveries([first, second])
        seen.append([(each.state, each.message_count) for each in stored])
        assert reader.verify(lambda _: None).damages == ()

    assert seen == [
        [("received", 2), ("received", 0)],
        [("decoded", 3), ("received", 1)],
        [("decoded", 3), ("decoded", 3)],
    ]
    assert [results[each].message_ids for each in (first, second)] == [(1, 2, 3), (4, 5, 6)]
    assert archive.decode([first, second]) == [results[first], results[second]]
    assert [each.duplicate_of for each in reader.messages(Filter())] == [None, None, 1, 1, 2, 1]


def test_ids_above_deleted_rows(archive: Archive) -> None:
    """The next id is above all that were used, also by rows that were deleted."""
    pull(archive, batch({"text": "one"}, {"text": "two"}))
    archive.delete_batch("c")

    assert (next_id(archive._db, "message"), next_id(archive._db, "delivery")) == (3, 2)


def test_state(archive: Archive) -> None:
    """The state of a delivery can be read; an unknown id is a LookupError."""
    pull(archive, batch())

    assert read_state(archive._db, 1) is DeliveryState.DECODED
    with pytest.raises(LookupError, match="no delivery 99"):
        read_state(archive._db, 99)


def test_lone_surrogates() -> None:
    """Lone surrogates, which cannot be encoded, become question marks; other text stays."""
    assert replace_surrogates("a\ud800b \U0001f642") == "a?b \U0001f642"
    assert replace_surrogates("a\ud83d \U0001f642\0") == "a? \U0001f642\0"
    assert headers_text([("X-A", "\udfff"), ("X-A", "2")]) == '[["X-A","?"],["X-A","2"]]'
