"""Imported deliveries and messages are stored once, and add up."""

from msgspec.structs import replace

from ibconsole.archive.archive import Archive
from ibconsole.archive.importing import ImportedDelivery, ImportedMessage, ImportResult
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Via
from tests.unit.archive.deliveries import batch, pull

ONE = ImportedDelivery(
    origin="a" * 32 + ":7",
    via=Via.PULL,
    began_at=1_000,
    messages=(
        ImportedMessage(3, b'{"messageId":"x","text":"three"}', 40, 32),
        ImportedMessage(0, b'{"messageId":"x","text":"zero"}'),
    ),
)


def test_messages_are_identified_by_their_position(archive: Archive, reader: Reader) -> None:
    """A message is imported once, and partial exports of a delivery add up."""
    assert archive.import_deliveries([ONE]) == ImportResult(1, 2, 0)
    assert archive.import_deliveries([ONE, ONE]) == ImportResult(0, 0, 4)
    more = replace(ONE, messages=(*ONE.messages, ImportedMessage(1, b'{"messageId":"y"}')))
    assert archive.import_deliveries([more]) == ImportResult(0, 1, 2)

    stored = list(reader.messages(Filter()))
    assert [(one.position, one.start, one.duplicate_of) for one in stored] == [
        (3, 40, None),
        (0, None, 1),
        (1, None, None),
    ]
    [delivery] = reader.deliveries([stored[0].delivery])
    assert (delivery.origin, delivery.message_count) == (ONE.origin, 3)
    counts = reader.counts()
    assert (counts.messages, counts.pulls) == (3, 1)
    assert reader.verify(lambda _: None).damages == ()


def test_a_delivery_with_its_body_is_decoded(archive: Archive, reader: Reader) -> None:
    """The messages of a delivery that has its body are decoded from the body."""
    whole = replace(ONE, body=batch({"messageId": "1"}, {"messageId": "2"}), messages=())
    assert archive.import_deliveries([whole]) == ImportResult(1, 2, 0)
    assert archive.import_deliveries([whole]) == ImportResult(0, 0, 2)
    assert [one.message_id for one in reader.messages(Filter())] == ["1", "2"]
    assert reader.verify(lambda _: None).damages == ()


def test_a_body_that_is_imported_later(archive: Archive, reader: Reader) -> None:
    """A body that is imported later adds the messages that are missing, and no others."""
    elements = [{"messageId": str(number)} for number in range(3)]
    archive.import_deliveries([replace(ONE, messages=(ImportedMessage(2, b'{"messageId":"2"}'),))])
    whole = replace(ONE, body=batch(*elements), messages=())

    assert archive.import_deliveries([whole]) == ImportResult(0, 2, 1)
    assert sorted((one.position, one.message_id) for one in reader.messages(Filter())) == [
        (0, "0"),
        (1, "1"),
        (2, "2"),
    ]
    assert reader.verify(lambda _: None).damages == ()


def test_importing_into_the_same_archive(archive: Archive, reader: Reader) -> None:
    """An archive recognizes its own deliveries, and imports one again that was deleted."""
    delivery = pull(archive, batch({"messageId": "1"})).delivery
    own = replace(
        ONE,
        origin=f"{reader.identity()}:{delivery}",
        messages=(ImportedMessage(0, b'{"messageId":"1"}'),),
    )

    assert archive.import_deliveries([own]) == ImportResult(0, 0, 1)
    archive.delete_batch("c")
    assert archive.import_deliveries([own]) == ImportResult(1, 1, 0)
    assert archive.import_deliveries([own]) == ImportResult(0, 0, 1)
