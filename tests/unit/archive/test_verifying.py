"""Going through everything that is stored."""

import gzip
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import JobCancelled
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import DeliveryCondition, Progress
from tests.unit.archive.processes import arrival, batch

BODY = batch({"messageId": "1", "text": "eins"}, {"messageId": "2", "text": "zwei \U0001f642"})


def silent(progress: Progress) -> None:
    assert progress.done <= progress.total


def pull(archive: Archive, body: bytes, **facts: str) -> int:
    delivery = archive.begin_pull(connection="c", base_url="https://x.example", limit=None)
    archive.append_body(delivery, body)
    headers = [("Content-Encoding", "gzip")] if body.startswith(b"\x1f\x8b") else []
    complete = "cut" not in facts
    archive.finish_pull(delivery, status=200, headers=headers, complete=complete, problem="")
    return delivery


def spoil(archive: Archive, script: str, *values: object) -> None:
    archive._db.execute("PRAGMA foreign_keys = OFF").fetchall()
    archive._db.execute(script, values).fetchall()


def test_an_archive_of_every_kind(archive: Archive, reader: Reader) -> None:
    """Each delivery is told as what it is, and none of these is a damage."""
    pull(archive, BODY)
    pull(archive, gzip.compress(BODY))
    pull(archive, b'\xef\xbb\xbf [{"messageId":"3","text":"\xff"}, 5] ')
    cut = pull(archive, BODY[:60], how="cut")
    archive.decode(archive.add_forwards([arrival(BODY), arrival(b"", method="")]))
    [unread] = archive.add_forwards([arrival(b"<html>")])
    archive.decode([unread])
    archive.add_forwards([arrival(BODY)])
    archive.begin_pull(connection=None, base_url="https://x.example", limit=None)
    never = archive.begin_pull(connection=None, base_url="https://x.example", limit=None)
    archive.fail_pull(never, "No route.")
    archive._db.execute(
        "INSERT INTO delivery (id, via, state, owner, began_at, complete, origin)"
        " VALUES (99, 'pull', 'decoded', '', 1, 1, 'elsewhere:1')"
    ).fetchall()
    archive._db.execute("UPDATE counter SET value = value + 1 WHERE name = 'pull'").fetchall()

    found = reader.verify(silent)

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
        DeliveryCondition.CUT: (cut, unread - 1),
        DeliveryCondition.UNDECODABLE: (unread,),
    }
    assert found.messages == reader.counts().messages


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
        ("DELETE FROM element WHERE message = 3", "text of message 3 is missing", 3),
        ("UPDATE delivery SET message_count = 3 WHERE id = 2", "have 3 messages and has 2", None),
        ("UPDATE delivery SET headers = '{' WHERE id = 2", "cannot be read whole", None),
    ],
)
def test_damages(
    archive: Archive, reader: Reader, script: str, sentence: str, message: int | None
) -> None:
    """Whatever is not as it was stored is named; everything else is whole."""
    for _ in range(3):
        pull(archive, BODY)
    spoil(archive, script.replace("'{}'", "CAST('{}' AS BLOB)"))

    found = reader.verify(silent)

    assert found.damaged == 1
    [damage] = found.damages
    assert sentence in damage.sentence
    assert (damage.delivery, damage.message) == (2, message)
    assert (
        found.deliveries[DeliveryCondition.WHOLE],
        found.deliveries[DeliveryCondition.DAMAGED],
    ) == (2, 1)


def test_messages_whose_places_nobody_noted(archive: Archive, reader: Reader) -> None:
    """Messages that an older program stored are looked for in the whole body."""
    pull(archive, BODY)
    spoil(archive, "UPDATE message SET start = NULL, size = NULL")
    assert reader.verify(silent).damaged == 0

    spoil(archive, "UPDATE element SET body = x'31' WHERE message = 2")
    assert [damage.message for damage in reader.verify(silent).damages] == [2]


@pytest.mark.parametrize("name", ["messages", "pull", "forward"])
def test_counters(archive: Archive, reader: Reader, name: str) -> None:
    """A count that does not agree with what is there is told."""
    pull(archive, BODY)
    spoil(archive, "UPDATE counter SET value = value + 5 WHERE name = ?", name)

    [damage] = reader.verify(silent).damages
    assert repr(name) in damage.sentence
    assert damage.delivery is None


def test_rows_that_belong_to_nothing(archive: Archive, reader: Reader) -> None:
    """Messages whose delivery is gone are told."""
    pull(archive, BODY)
    spoil(archive, "DELETE FROM delivery")
    spoil(archive, "UPDATE counter SET value = 0 WHERE name = 'pull'")

    assert {
        "A row of the table message (1) belongs to no delivery.",
        "A row of the table content (1) belongs to no delivery.",
    } <= {damage.sentence for damage in reader.verify(silent).damages}


def test_a_spoilt_page(path: Path) -> None:
    """Where the disk has spoilt the file, it is told which deliveries that hit, and which not."""
    big = batch({"messageId": "big", "text": "x" * 200_000})
    with Archive(path) as archive:
        for body in (BODY, big, BODY):
            pull(archive, body)
    data = bytearray(path.read_bytes())
    page = data.index(b"x" * 4_000) // 4096 * 4096
    data[page : page + 4 * 4096] = b"\xee" * (4 * 4096)
    path.write_bytes(data)

    with Reader(path) as reader:
        found = reader.verify(silent)

    assert found.damaged > 0
    assert found.deliveries[DeliveryCondition.DAMAGED] == 1
    assert found.deliveries[DeliveryCondition.WHOLE] == 2


def test_progress_and_stopping(archive: Archive, reader: Reader) -> None:
    """It says how far it is, and can be stopped at every delivery and in SQLite's own check."""
    for _ in range(3):
        pull(archive, BODY)
    told: list[Progress] = []
    reader.verify(told.append)
    assert told[0].stage == "Looking at the file's structure"
    assert told[-1] == Progress("Looking at what was received", 3, 3)

    for at in told:

        def stop(progress: Progress, at: Progress = at) -> None:
            if progress == at:
                raise JobCancelled("enough")

        with pytest.raises(JobCancelled):
            reader.verify(stop)

    assert reader.verify(silent).damaged == 0
    pull(archive, BODY)


def test_many_damages(archive: Archive, reader: Reader) -> None:
    """All damages are counted, the first thousand of them named: memory stays bounded."""
    pull(archive, batch(*({"messageId": str(number)} for number in range(1_200))))
    spoil(archive, "UPDATE element SET body = x'31'")

    found = reader.verify(silent)

    assert (found.damaged, len(found.damages)) == (1_200, 1_000)
