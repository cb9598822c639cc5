"""Verification finds every change of stored data, and only that."""

import gzip
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import JobCancelled
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import DeliveryCondition, Progress
from tests.unit.archive.deliveries import (
    BODY,
    arrival,
    batch,
    check_progress,
    copy_bytes,
    pull,
    tamper,
)


def test_an_archive_of_every_kind(archive: Archive, reader: Reader) -> None:
    """Every delivery is counted by its condition; an incomplete one is not damaged."""
    pull(archive, BODY)
    pull(archive, gzip.compress(BODY, mtime=0))
    pull(archive, b'\xef\xbb\xbf [{"messageId":"3","text":"\xff"}, 5] ')
    cut = pull(archive, BODY[:60], complete=False).delivery
    archive.decode(archive.add_forwards([arrival(BODY), arrival(b"", method="")]))
    [undecodable] = archive.add_forwards([arrival(b"<html>")])
    archive.decode([undecodable])
    archive.add_forwards([arrival(BODY)])
    archive.begin_pull(connection=None, base_url="https://x.example", limit=None)
    unsent = archive.begin_pull(connection=None, base_url="https://x.example", limit=None)
    archive.fail_pull(unsent, "No route.")
    archive._db.execute(
        "INSERT INTO delivery (id, via, state, owner, began_at, complete, origin)"
        " VALUES (99, 'pull', 'decoded', '', 1, 1, 'elsewhere:1')"
    ).fetchall()
    archive._db.execute("UPDATE counter SET value = value + 1 WHERE name = 'pull'").fetchall()

    found = reader.verify(check_progress)

    assert found.damages == ()
    assert found.deliveries == {
        DeliveryCondition.WHOLE: 4,
        DeliveryCondition.CUT: 2,
        DeliveryCondition.UNDECODABLE: 1,
        DeliveryCondition.UNDER_WAY: 2,
        DeliveryCondition.NOT_SENT: 1,
        DeliveryCondition.WITHOUT_BODY: 1,
        DeliveryCondition.DAMAGED: 0,
    }
    assert found.remarkable == {
        DeliveryCondition.CUT: (cut, undecodable - 1),
        DeliveryCondition.UNDECODABLE: (undecodable,),
    }
    assert found.messages == reader.counts().messages


@pytest.mark.parametrize(
    "script",
    [
        "UPDATE chunk SET bytes = CAST(bytes || x'20' AS BLOB) WHERE delivery = 2",
        "UPDATE chunk SET bytes = zeroblob(length(bytes)) WHERE delivery = 2",
        "DELETE FROM chunk WHERE delivery = 2",
        "UPDATE delivery SET body_start = body_start + 1 WHERE id = 2",
        "UPDATE delivery SET body_start = NULL WHERE id = 2",
    ],
)
def test_damages_of_received_pieces(archive: Archive, reader: Reader, script: str) -> None:
    """A body that is stored as the pieces in which it arrived is verified like a whole one."""
    for _ in range(3):
        pull(archive, BODY)
    tamper(archive, script)

    found = reader.verify(check_progress)

    assert {damage.delivery for damage in found.damages} == {2}
    assert found.deliveries[DeliveryCondition.WHOLE] == 2


@pytest.mark.parametrize(
    ("script", "sentence", "message"),
    [
        (
            "UPDATE content SET body = CAST(body || x'20' AS BLOB) WHERE delivery = 2",
            "SHA-256 differs",
            None,
        ),
        ("DELETE FROM content WHERE delivery = 2", "body of delivery 2 is missing", None),
        ("UPDATE element SET body = '{}' WHERE message = 3", "Message 3 is not what", 3),
        ("UPDATE message SET start = start + 1 WHERE id = 4", "Message 4 is not what", 4),
        ("UPDATE delivery SET message_count = 3 WHERE id = 2", "have 3 messages and has 2", None),
        ("UPDATE delivery SET headers = '{' WHERE id = 2", "cannot be read whole", None),
        ("UPDATE delivery SET problem = CAST(x'ff' AS TEXT) WHERE id = 2", "cannot be read", None),
    ],
)
def test_damages(
    archive: Archive, reader: Reader, script: str, sentence: str, message: int | None
) -> None:
    """Each change of stored data is named with its delivery; other deliveries are whole."""
    for _ in range(3):
        pull(archive, BODY)
    copy_bytes(archive)
    tamper(archive, script.replace("'{}'", "CAST('{}' AS BLOB)"))

    found = reader.verify(check_progress)

    assert found.damaged == 1
    [damage] = found.damages
    assert sentence in damage.sentence
    assert (damage.delivery, damage.message) == (2, message)
    assert (
        found.deliveries[DeliveryCondition.WHOLE],
        found.deliveries[DeliveryCondition.DAMAGED],
    ) == (2, 1)


@pytest.mark.parametrize(
    ("script", "sentences"),
    [
        ("UPDATE chunk SET bytes = CAST(bytes || x'20' AS BLOB) WHERE delivery = 2", ["SHA-256"]),
        (
            "DELETE FROM content WHERE delivery = 2",
            ["body of delivery 2 is missing", "text of message 3", "text of message 4"],
        ),
        ("UPDATE message SET start = start + 1 WHERE id = 4", ["Message 4 is not what"]),
        ("UPDATE message SET start = NULL WHERE id = 3", ["text of message 3 is missing"]),
        (
            "UPDATE message SET (start, size) = (SELECT start, size FROM message WHERE id = 4)"
            " WHERE id = 3",
            ["Message 3 is not what"],
        ),
    ],
)
def test_damages_of_messages_in_their_body(
    archive: Archive, reader: Reader, script: str, sentences: list[str]
) -> None:
    """A message that is stored once, in its body, is verified there."""
    for _ in range(3):
        pull(archive, BODY)
    tamper(archive, script)

    found = reader.verify(check_progress)

    assert found.damaged == len(sentences)
    for damage, sentence in zip(found.damages, sentences, strict=True):
        assert sentence in damage.sentence
        assert damage.delivery == 2


def test_messages_without_a_span(archive: Archive, reader: Reader) -> None:
    """Messages without a span, as older versions stored them, are searched in the whole body."""
    pull(archive, BODY)
    copy_bytes(archive)
    tamper(archive, "UPDATE message SET start = NULL, size = NULL")
    assert reader.verify(check_progress).damaged == 0

    tamper(archive, "UPDATE element SET body = x'31' WHERE message = 2")
    assert [damage.message for damage in reader.verify(check_progress).damages] == [2]


@pytest.mark.parametrize("name", ["messages", "pull", "forward"])
def test_counters(archive: Archive, reader: Reader, name: str) -> None:
    """A stored counter that differs from the number of rows is damage."""
    pull(archive, BODY)
    tamper(archive, "UPDATE counter SET value = value + 5 WHERE name = ?", name)

    [damage] = reader.verify(check_progress).damages
    assert repr(name) in damage.sentence
    assert damage.delivery is None


def test_orphaned_rows(archive: Archive, reader: Reader) -> None:
    """Rows whose delivery does not exist are damage."""
    pull(archive, BODY)
    tamper(archive, "DELETE FROM delivery")
    tamper(archive, "UPDATE counter SET value = 0 WHERE name = 'pull'")

    assert {
        "A row of the table message (1) belongs to no delivery.",
        "A row of the table content (1) belongs to no delivery.",
    } <= {damage.sentence for damage in reader.verify(check_progress).damages}


def test_a_corrupt_page(path: Path) -> None:
    """If the disk has corrupted a page, the affected deliveries are named, and only these."""
    big = batch({"messageId": "big", "text": "x" * 200_000})
    with Archive(path) as archive:
        for body in (BODY, big, BODY):
            pull(archive, body)
    data = bytearray(path.read_bytes())
    page = data.index(b"x" * 4_000) // 4096 * 4096
    data[page : page + 4 * 4096] = b"\xee" * (4 * 4096)
    path.write_bytes(data)

    with Reader(path) as reader:
        found = reader.verify(check_progress)

    assert found.damaged > 0
    assert found.deliveries[DeliveryCondition.DAMAGED] == 1
    assert found.deliveries[DeliveryCondition.WHOLE] == 2


def test_progress_and_cancellation(archive: Archive, reader: Reader) -> None:
    """Verification reports progress, and can be cancelled at each step."""
    for _ in range(3):
        pull(archive, BODY)
    reported: list[Progress] = []
    reader.verify(reported.append)
    assert reported[0].stage == "Looking at the file's structure"
    assert reported[-1] == Progress("Looking at what was received", 3, 3)

    for step in reported:

        def cancel(progress: Progress, step: Progress = step) -> None:
            if progress == step:
                raise JobCancelled("enough")

        with pytest.raises(JobCancelled):
            reader.verify(cancel)

    assert reader.verify(check_progress).damaged == 0
    pull(archive, BODY)


def test_many_damages(archive: Archive, reader: Reader) -> None:
    """All damages are counted, and the first thousand named, so that memory stays bounded."""
    pull(archive, batch(*({"messageId": str(number)} for number in range(1_200))))
    tamper(archive, "UPDATE message SET start = start + 1")

    found = reader.verify(check_progress)

    assert (found.damaged, len(found.damages)) == (1_200, 1_000)
