"""Messages as rows."""

from ibconsole.archive import Archive, Flags, Reader
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
