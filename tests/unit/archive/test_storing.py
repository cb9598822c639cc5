"""Messages as rows."""

import gzip

from ibconsole.archive import Archive, Filter, Flags, Reader
from ibconsole.archive.storing import clean
from tests.unit.archive.processes import arrival, batch


def test_duplicates(archive: Archive, reader: Reader) -> None:
    """A message that comes again is kept, and points at the first of its name."""
    same = {"messageId": "1", "applicationCode": "a"}
    archive.decode(archive.add_forwards([arrival(batch(same, same)), arrival(batch(same))]))
    found = [reader.message(place) for place in (1, 2, 3)]

    assert [each and each.duplicate_of for each in found] == [None, 1, 1]
    assert [each and each.flags for each in found] == [Flags(0), Flags.DUPLICATE, Flags.DUPLICATE]


def test_not_duplicates(archive: Archive, reader: Reader) -> None:
    """Messages of different applications, or without an id, are never duplicates."""
    archive.decode(
        archive.add_forwards(
            [
                arrival(
                    batch(
                        {"messageId": "1", "applicationCode": "a"},
                        {"messageId": "1", "applicationCode": "b"},
                        {"text": "same"},
                        {"text": "same"},
                    )
                )
            ]
        )
    )

    assert [row.flags for row in reader.rows([1, 2, 3, 4])] == [Flags(0)] * 4


def test_years_before_the_epoch(archive: Archive, reader: Reader) -> None:
    """A clock that is centuries wrong costs nothing."""
    moments = ["0001-01-01T00:00:00+00:00", "1970-01-01T00:00:00Z", "9999-12-31T23:59:59.999Z"]
    archive.decode(
        archive.add_forwards(
            [arrival(batch(*({"text": "x", "receivedAt": moment} for moment in moments)))]
        )
    )

    assert [row.received_at for row in reader.rows([1, 2, 3])] == [
        -62_135_596_800_000,
        0,
        253_402_300_799_999,
    ]


def test_clean() -> None:
    """Half a character becomes a question mark, everything else stays."""
    assert clean("a\ud83d 🙂\0") == "a? 🙂\0"


def test_deliveries_that_are_decoded_together(archive: Archive, reader: Reader) -> None:
    """A group of deliveries is stored as it would be one by one, ids and doubles included."""
    same = {"messageId": "1\0", "applicationCode": "a"}
    deliveries = archive.add_forwards(
        [arrival(batch(same, {"text": "x"})), arrival(b"no JSON"), arrival(batch(same))]
    )
    decoded = archive.decode([*reversed(deliveries), deliveries[0]])
    stored = list(reader.messages(Filter()))

    assert [one.message_ids for one in decoded] == [(1,), (), (2, 3), (2, 3)]
    assert [(one.delivery, one.position, one.duplicate_of) for one in stored] == [
        (3, 0, None),
        (1, 0, 1),
        (1, 1, None),
    ]
    assert reader.counts().messages == 3


def test_where_a_message_stands(archive: Archive, reader: Reader) -> None:
    """A stored message knows which bytes of the unpacked body it was read from."""
    body = b'{"results" : [ {"messageId":"1"} , 5 ]}'
    archive.decode(archive.add_forwards([arrival(body), arrival(gzip.compress(body))]))

    places = [(one.start, one.size) for one in reader.messages(Filter())]
    assert places == [(15, 17), (35, 1)] * 2
