"""Taking in what was exported, as the archive sees it. Files are services' business."""

from dataclasses import replace

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, ImportedDelivery, ImportedMessage, ImportResult
from tests.unit.archive.processes import batch

ONE = ImportedDelivery(
    origin="a" * 32 + ":7",
    via="pull",
    began_at=1_000,
    messages=(
        ImportedMessage(3, b'{"messageId":"x","text":"three"}', 40, 32),
        ImportedMessage(0, b'{"messageId":"x","text":"zero"}'),
    ),
)


def test_messages_are_known_by_their_place(archive: Archive, reader: Reader) -> None:
    """A message comes in once, and a part of a delivery adds to what there is of it."""
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


def test_with_its_body_a_delivery_is_decoded(archive: Archive, reader: Reader) -> None:
    """A body says more than the messages that were taken out of it."""
    whole = replace(ONE, body=batch({"messageId": "1"}, {"messageId": "2"}), messages=())
    assert archive.import_deliveries([whole]) == ImportResult(1, 2, 0)
    assert archive.import_deliveries([whole]) == ImportResult(0, 0, 0)
    assert [one.message_id for one in reader.messages(Filter())] == ["1", "2"]
    assert reader.verify(lambda _: None).damages == ()


def test_a_body_that_comes_later(archive: Archive, reader: Reader) -> None:
    """What a part of an export had left out is read from the body, and nothing is doubled."""
    elements = [{"messageId": str(number)} for number in range(3)]
    archive.import_deliveries([replace(ONE, messages=(ImportedMessage(2, b'{"messageId":"2"}'),))])
    whole = replace(ONE, body=batch(*elements), messages=())

    assert archive.import_deliveries([whole]) == ImportResult(0, 2, 0)
    assert sorted((one.position, one.message_id) for one in reader.messages(Filter())) == [
        (0, "0"),
        (1, "1"),
        (2, "2"),
    ]
    assert reader.verify(lambda _: None).damages == ()


def test_home_again(archive: Archive, reader: Reader) -> None:
    """An archive knows its own deliveries, and takes one back that was deleted since."""
    delivery = archive.begin_pull(connection="c", base_url="https://x", limit=1)
    archive.append_body(delivery, batch({"messageId": "1"}))
    archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
    own = replace(
        ONE,
        origin=f"{reader.identity()}:{delivery}",
        messages=(ImportedMessage(0, b'{"messageId":"1"}'),),
    )

    assert archive.import_deliveries([own]) == ImportResult(0, 0, 1)
    archive.delete_batch("c")
    assert archive.import_deliveries([own]) == ImportResult(1, 1, 0)
    assert archive.import_deliveries([own]) == ImportResult(0, 0, 1)
