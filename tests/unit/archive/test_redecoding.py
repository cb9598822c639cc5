"""Reading again what an older program had decoded."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ibconsole.archive.archive import Archive
from ibconsole.archive.connection import fetch
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Flags, RedecodingResult, StoredMessage
from tests.unit.archive.processes import arrival, batch, heard, process
from tests.unit.archive.test_verifying import BODY, pull, silent, spoil

COLUMNS = [
    *("message_id = ''", "message_id = 'a'", "message_id = 'b'", "application_code = 'b'"),
    *("sender = 'x'", "keyword = 'x'", "text = ''", "received_at = 5"),
    *("start = NULL", "size = 7", "flags = flags | 6"),
]


def redecode(archive: Archive) -> RedecodingResult:
    """All of it, as one."""
    whole = RedecodingResult(0)
    while (some := archive.redecode(whole.last)).last > whole.last:
        whole = RedecodingResult(
            some.last,
            whole.deliveries + some.deliveries,
            whole.changed + some.changed,
            whole.added + some.added,
            whole.without_body + some.without_body,
            whole.fewer + some.fewer,
        )
    return whole


def everything(reader: Reader) -> list[StoredMessage]:
    return list(reader.messages(Filter()))


def counted(reader: Reader) -> tuple[int, list[int]]:
    deliveries = reader.deliveries([*reader.find_deliveries("pull")])
    return reader.counts().messages, [one.message_count for one in deliveries]


def test_nothing_to_learn(archive: Archive, reader: Reader) -> None:
    """Where the program understands no more than before, not a row is touched."""
    for body in (BODY, gzip.compress(BODY), BODY[:60], b"<html>", b""):
        pull(archive, body)
    before = everything(reader)
    data_version = archive._db.total_changes()

    assert redecode(archive) == RedecodingResult(5, 5)
    assert everything(reader) == before
    assert archive._db.total_changes() == data_version


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(COLUMNS), st.integers(1, 9)), max_size=6))
def test_whatever_was_understood_before(
    archive: Archive, reader: Reader, spoilt: list[tuple[str, int]]
) -> None:
    """Whatever an older program made of it, afterwards it is as if decoded today."""
    if not reader.counts().messages:
        for _ in range(3):
            pull(archive, batch({"messageId": "a"}, {"messageId": "b", "text": "x"}, {"text": "y"}))
    right = everything(reader)
    for change, row in spoilt:
        spoil(archive, f"UPDATE message SET {change} WHERE id = ?", row)  # noqa: S608 as above
        spoil(archive, "UPDATE element SET body = x'31' WHERE message = ?", row)

    redecode(archive)

    assert everything(reader) == right
    assert reader.verify(silent).damaged == 0


def test_messages_that_were_not_found_before(archive: Archive, reader: Reader) -> None:
    """New ones are added behind all others; those that were there keep their ids."""
    pull(archive, BODY)
    pull(archive, batch({"messageId": "9"}))
    spoil(archive, "DELETE FROM element WHERE message = 2")
    spoil(archive, "DELETE FROM message WHERE id = 2")
    spoil(archive, "UPDATE counter SET value = 2 WHERE name = 'messages'")
    spoil(archive, "UPDATE delivery SET message_count = 1, decoding_problem = 'Strange.'")

    assert redecode(archive) == RedecodingResult(2, 2, added=1)

    found = [(one.id, one.delivery, one.position, one.message_id) for one in everything(reader)]
    assert found == [(1, 1, 0, "1"), (3, 2, 0, "9"), (4, 1, 1, "2")]
    assert counted(reader) == (3, [2, 1])
    assert [one.problem for one in reader.deliveries([1, 2])] == ["", ""]
    assert reader.verify(silent).damaged == 0


def test_fewer_messages_than_are_stored(archive: Archive, reader: Reader) -> None:
    """Where less is found than is stored, all of it stays, and is told."""
    pull(archive, BODY)
    pull(archive, BODY)
    before = everything(reader)
    spoil(archive, "UPDATE content SET body = CAST('{}' AS BLOB) WHERE delivery = 1")
    spoil(archive, "UPDATE message SET text = '' WHERE id = 3")

    assert redecode(archive) == RedecodingResult(2, 2, changed=1, fewer=(1,))
    assert everything(reader) == before


def test_imports_without_a_body(archive: Archive, reader: Reader) -> None:
    """What was imported without its body has nothing to be read, and stays."""
    pull(archive, BODY)
    spoil(archive, "DELETE FROM content")
    before = everything(reader)

    assert redecode(archive) == RedecodingResult(1, 0, without_body=1)
    assert everything(reader) == before


def test_what_is_not_decoded_yet(archive: Archive, reader: Reader) -> None:
    """What is under way, or waits for being decoded, is others' to decode."""
    archive.add_forwards([arrival(BODY)])
    archive.begin_pull(connection=None, base_url="https://x", limit=None)

    assert redecode(archive) == RedecodingResult(0)
    assert everything(reader) == []


def test_strangers_slip_nothing_in(archive: Archive, reader: Reader) -> None:
    """A request that was turned away holds no messages, however often it is read."""
    [one] = archive.add_forwards([arrival(BODY, status=404, problem="Not the listener's path.")])
    archive.decode([one])

    assert redecode(archive) == RedecodingResult(1, 1)
    assert everything(reader) == []


def duplicates(reader: Reader) -> dict[int, tuple[str, int | None, bool]]:
    return {
        one.id: (one.message_id, one.duplicate_of, bool(one.flags & Flags.DUPLICATE))
        for one in everything(reader)
    }


def test_duplicates(archive: Archive, reader: Reader) -> None:
    """Who is a duplicate of whom is worked out again for every name that changes."""
    for name in ("a", "b", "a", "b", "b"):
        pull(archive, batch({"messageId": name}))
    right = duplicates(reader)
    spoil(archive, "UPDATE message SET message_id = 'a' WHERE id = 2")
    spoil(archive, "UPDATE message SET message_id = '', duplicate_of = NULL WHERE id IN (3, 4)")
    spoil(archive, "UPDATE message SET duplicate_of = 4 WHERE id = 5")

    assert redecode(archive).changed == 3
    assert duplicates(reader) == right


def test_duplicates_of_what_was_deleted(archive: Archive, reader: Reader) -> None:
    """The duplicate of a message that its user deleted stays marked as one."""
    pull(archive, batch({"messageId": "a"}))
    other = archive.begin_pull(connection="d", base_url="https://x", limit=None)
    archive.append_body(other, batch({"messageId": "a"}, {"messageId": "b"}))
    archive.finish_pull(other, status=200, headers=[], complete=True, problem="")
    archive.delete_batch("c")
    spoil(archive, "UPDATE message SET message_id = 'a' WHERE id = 3")

    redecode(archive)

    assert duplicates(reader) == {2: ("a", 1, True), 3: ("b", None, False)}


def indexed(archive: Archive) -> tuple[int, int]:
    [(value,)] = fetch(archive._db, "SELECT value FROM counter WHERE name = 'indexed'")
    [(rows,)] = fetch(archive._db, "SELECT count(*) FROM message_words")
    return value, rows


def index(archive: Archive, last: int) -> None:
    spoil(
        archive,
        "INSERT INTO message_words (rowid, text, sender, keyword, message_id)"
        " SELECT id, text, sender, keyword, message_id FROM message WHERE id <= ?",
        last,
    )
    spoil(archive, "UPDATE counter SET value = ? WHERE name = 'indexed'", last)


@pytest.mark.parametrize(
    ("change", "left"),
    [("text = 'old'", 1), ("sender = 'old'", 1), ("start = 0", 3), ("received_at = 5", 3)],
)
def test_the_index_of_words(archive: Archive, reader: Reader, change: str, left: int) -> None:
    """Words that changed are indexed again, with all behind them; where none did, nothing is."""
    pull(archive, batch(*({"text": str(number)} for number in range(4))))
    index(archive, 3)
    spoil(archive, f"UPDATE message SET {change} WHERE id IN (2, 4)")  # noqa: S608

    assert redecode(archive).changed == 2
    assert indexed(archive) == (left, left)


def test_an_index_that_is_large(archive: Archive) -> None:
    """Above many messages the index is made anew: thinning it out would hold up the writers."""
    pull(archive, batch(*({"text": str(number)} for number in range(10_010))))
    index(archive, 10_010)
    spoil(archive, "UPDATE message SET text = 'old' WHERE id = 5")

    redecode(archive)

    assert indexed(archive) == (0, 0)


KILLED = """
with Archive(path) as archive:
    after = 0
    while (some := archive.redecode(after)).last > after:
        after = some.last
        say(after, some.changed)
"""


def test_killed_in_the_middle(path: Path) -> None:
    """What was killed half-way agrees with itself, and is finished by doing it again."""
    with Archive(path) as archive:
        for number in range(300):
            pull(archive, batch({"messageId": str(number % 7), "text": "right"}))
        spoil(archive, "UPDATE message SET text = 'wrong', start = NULL, message_id = ''")
    with process(KILLED, path) as child:
        assert heard(child) == ["64", "64"]
        child.kill()
    with Archive(path) as archive, Reader(path) as reader:
        assert reader.verify(silent).damaged == 0
        first = redecode(archive)
        assert first.changed <= 300 - 64
        stored = everything(reader)
        assert {one.text for one in stored} == {"right"}
        assert [one.duplicate_of for one in stored[:9]] == [None] * 7 + [1, 2]
        assert redecode(archive).changed == 0


def test_a_body_that_is_too_large_to_wait_for(archive: Archive, reader: Reader) -> None:
    """Large bodies are taken one by one, so that others can write between."""
    large: Any = {"text": "x" * (9 << 20)}
    for _ in range(2):
        pull(archive, batch(large))

    assert archive.redecode(0).last == 1
    assert archive.redecode(1).last == 2
    assert archive.redecode(2) == RedecodingResult(2)
