"""Bodies that an older version decoded are decoded again."""

import gzip
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from ibconsole.archive.archive import Archive
from ibconsole.archive.connection import fetch
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Flags, RedecodingResult, StoredMessage, Via
from tests.unit.archive.deliveries import (
    BODY,
    arrival,
    batch,
    check_progress,
    copy_bytes,
    pull,
    tamper,
)
from tests.unit.archive.processes import process, read_words

COLUMNS = [
    *("message_id = ''", "message_id = 'a'", "message_id = 'b'", "application_code = 'b'"),
    *("sender = 'x'", "keyword = 'x'", "text = ''", "received_at = 5"),
    *("start = NULL", "size = 7", "flags = flags | 6"),
]


def redecode(archive: Archive) -> RedecodingResult:
    """Redecode the whole archive, and return the sum of the results."""
    total = RedecodingResult(0)
    while (result := archive.redecode(total.last)).last > total.last:
        total = RedecodingResult(
            result.last,
            total.deliveries + result.deliveries,
            total.changed + result.changed,
            total.added + result.added,
            total.without_body + result.without_body,
            total.fewer + result.fewer,
        )
    return total


def all_messages(reader: Reader) -> list[StoredMessage]:
    return list(reader.messages(Filter()))


def message_counts(reader: Reader) -> tuple[int, list[int]]:
    deliveries = reader.deliveries([*reader.find_deliveries(Via.PULL)])
    return reader.counts().messages, [one.message_count for one in deliveries]


def test_unchanged_decoding(archive: Archive, reader: Reader) -> None:
    """If decoding has not changed, no row is written."""
    for body in (BODY, gzip.compress(BODY, mtime=0), BODY[:60], b"<html>", b""):
        pull(archive, body)
    before = all_messages(reader)
    changes = archive._db.total_changes()

    assert redecode(archive) == RedecodingResult(5, 5)
    assert all_messages(reader) == before
    assert archive._db.total_changes() == changes


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.sampled_from(COLUMNS), st.integers(1, 9)), max_size=6), st.booleans())
def test_any_earlier_decoding(
    archive: Archive,
    reader: Reader,
    tampered: list[tuple[str, int]],
    copied: bool,
) -> None:
    """Whatever an older version decoded, afterwards the rows are as if decoded now."""
    if not reader.counts().messages:
        for _ in range(3):
            pull(archive, batch({"messageId": "a"}, {"messageId": "b", "text": "x"}, {"text": "y"}))
    expected = all_messages(reader)
    if copied:
        copy_bytes(archive)
    for change, row in tampered:
        tamper(archive, f"UPDATE message SET {change} WHERE id = ?", row)  # noqa: S608 columns above
        tamper(archive, "UPDATE element SET body = x'31' WHERE message = ?", row)

    redecode(archive)

    assert all_messages(reader) == expected
    assert reader.verify(check_progress).damaged == 0


def test_messages_that_were_not_found_before(archive: Archive, reader: Reader) -> None:
    """Messages found only now get new ids above all others; stored ones keep theirs."""
    pull(archive, BODY)
    pull(archive, batch({"messageId": "9"}))
    tamper(archive, "DELETE FROM element WHERE message = 2")
    tamper(archive, "DELETE FROM message WHERE id = 2")
    tamper(archive, "UPDATE counter SET value = 2 WHERE name = 'messages'")
    tamper(archive, "UPDATE delivery SET message_count = 1, decoding_problem = 'Strange.'")

    assert redecode(archive) == RedecodingResult(2, 2, added=1)

    found = [(one.id, one.delivery, one.position, one.message_id) for one in all_messages(reader)]
    assert found == [(1, 1, 0, "1"), (3, 2, 0, "9"), (4, 1, 1, "2")]
    assert message_counts(reader) == (3, [2, 1])
    assert [one.problem for one in reader.deliveries([1, 2])] == ["", ""]
    assert reader.verify(check_progress).damaged == 0


def test_fewer_messages_than_are_stored(archive: Archive, reader: Reader) -> None:
    """A delivery in which fewer messages are found than stored is left unchanged and reported."""
    pull(archive, BODY)
    pull(archive, BODY)
    before = all_messages(reader)
    copy_bytes(archive)
    tamper(archive, "UPDATE content SET body = CAST('{}' AS BLOB) WHERE delivery = 1")
    tamper(archive, "UPDATE message SET text = '' WHERE id = 3")

    assert redecode(archive) == RedecodingResult(2, 2, changed=1, fewer=(1,))
    assert all_messages(reader) == before


def test_imports_without_a_body(archive: Archive, reader: Reader) -> None:
    """A delivery that was imported without its body is left unchanged."""
    pull(archive, BODY)
    tamper(archive, "DELETE FROM content")
    before = all_messages(reader)

    assert redecode(archive) == RedecodingResult(1, 0, without_body=1)
    assert all_messages(reader) == before


def test_what_is_not_decoded_yet(archive: Archive, reader: Reader) -> None:
    """Deliveries that are under way or not decoded yet are not redecoded."""
    archive.add_forwards([arrival(BODY)])
    archive.begin_pull(connection=None, base_url="https://x", limit=None)

    assert redecode(archive) == RedecodingResult(0)
    assert all_messages(reader) == []


def test_rejected_requests(archive: Archive, reader: Reader) -> None:
    """A rejected request yields no messages, however often it is decoded."""
    [one] = archive.add_forwards([arrival(BODY, status=404, problem="Not the listener's path.")])
    archive.decode([one])

    assert redecode(archive) == RedecodingResult(1, 1)
    assert all_messages(reader) == []


def duplicates(reader: Reader) -> dict[int, tuple[str, int | None, bool]]:
    return {
        one.id: (one.message_id, one.duplicate_of, bool(one.flags & Flags.DUPLICATE))
        for one in all_messages(reader)
    }


def test_duplicates(archive: Archive, reader: Reader) -> None:
    """Duplicates are determined again for every message id that changes."""
    for name in ("a", "b", "a", "b", "b"):
        pull(archive, batch({"messageId": name}))
    expected = duplicates(reader)
    tamper(archive, "UPDATE message SET message_id = 'a' WHERE id = 2")
    tamper(archive, "UPDATE message SET message_id = '', duplicate_of = NULL WHERE id IN (3, 4)")
    tamper(archive, "UPDATE message SET duplicate_of = 4 WHERE id = 5")

    assert redecode(archive).changed == 3
    assert duplicates(reader) == expected


def test_duplicates_of_what_was_deleted(archive: Archive, reader: Reader) -> None:
    """The duplicate of a deleted message stays marked as a duplicate."""
    pull(archive, batch({"messageId": "a"}))
    pull(archive, batch({"messageId": "a"}, {"messageId": "b"}), connection="d")
    archive.delete_batch("c")
    tamper(archive, "UPDATE message SET message_id = 'a' WHERE id = 3")

    redecode(archive)

    assert duplicates(reader) == {2: ("a", 1, True), 3: ("b", None, False)}


def indexed(archive: Archive) -> tuple[int, int]:
    [(value,)] = fetch(archive._db, "SELECT value FROM counter WHERE name = 'indexed'")
    [(rows,)] = fetch(archive._db, "SELECT count(*) FROM message_words")
    return value, rows


def index(archive: Archive, last: int) -> None:
    tamper(
        archive,
        "INSERT INTO message_words (rowid, text, sender, keyword, message_id)"
        " SELECT id, text, sender, keyword, message_id FROM message WHERE id <= ?",
        last,
    )
    tamper(archive, "UPDATE counter SET value = ? WHERE name = 'indexed'", last)


@pytest.mark.parametrize(
    ("change", "left"),
    [("text = 'old'", 1), ("sender = 'old'", 1), ("start = 0", 3), ("received_at = 5", 3)],
)
def test_the_full_text_index(archive: Archive, reader: Reader, change: str, left: int) -> None:
    """From the first changed text on, messages are indexed again; otherwise the index stays."""
    pull(archive, batch(*({"text": str(number)} for number in range(4))))
    index(archive, 3)
    tamper(archive, f"UPDATE message SET {change} WHERE id IN (2, 4)")  # noqa: S608

    assert redecode(archive).changed == 2
    assert indexed(archive) == (left, left)


def test_a_large_index(archive: Archive) -> None:
    """A large index is rebuilt: removing many messages one by one would block writers."""
    pull(archive, batch(*({"text": str(number)} for number in range(10_010))))
    index(archive, 10_010)
    tamper(archive, "UPDATE message SET text = 'old' WHERE id = 5")

    redecode(archive)

    assert indexed(archive) == (0, 0)


KILLED = """
with Archive(path) as archive:
    after = 0
    while (result := archive.redecode(after)).last > after:
        after = result.last
        say(after, result.changed)
"""


@pytest.mark.slow
def test_killed_in_the_middle(path: Path) -> None:
    """A killed redecoding leaves a consistent archive, and can be repeated to its end."""
    with Archive(path) as archive:
        for number in range(300):
            pull(archive, batch({"messageId": str(number % 7), "text": "right"}))
        copy_bytes(archive)
        tamper(archive, "UPDATE message SET text = 'wrong', start = NULL, message_id = ''")
    with process(KILLED, path) as child:
        assert read_words(child) == ["64", "64"]
        child.kill()
    with Archive(path) as archive, Reader(path) as reader:
        assert reader.verify(check_progress).damaged == 0
        first = redecode(archive)
        assert first.changed <= 300 - 64
        stored = all_messages(reader)
        assert {one.text for one in stored} == {"right"}
        assert [one.duplicate_of for one in stored[:9]] == [None] * 7 + [1, 2]
        assert redecode(archive).changed == 0


@pytest.mark.slow
def test_large_bodies(archive: Archive, reader: Reader) -> None:
    """Large bodies are redecoded one by one, so that others can write between."""
    large: Any = {"text": "x" * (9 << 20)}
    for _ in range(2):
        pull(archive, batch(large))

    assert archive.redecode(0).last == 1
    assert archive.redecode(1).last == 2
    assert archive.redecode(2) == RedecodingResult(2)


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{"results":[{"messageId":"1","text":"Größe"}]}'.encode("latin-1"), "x; charset=latin1"),
        ('{"results":[{"messageId":"1","text":"Größe"}]}'.encode("utf-16"), "application/json"),
        (b'"{\\"results\\":[{\\"messageId\\":\\"1\\",\\"text\\":\\"Gr\\u00f6\\u00dfe\\"}]}"', ""),
    ],
)
def test_what_the_first_version_missed(
    archive: Archive, reader: Reader, body: bytes, content_type: str
) -> None:
    """Messages in other encodings and wrappings are added, or get their text, and stay sound."""
    forward = replace(arrival(body), headers=(("Content-Type", content_type),))
    [delivery] = archive.add_forwards([forward])
    archive.decode([delivery])
    [expected] = all_messages(reader)
    assert expected.text == "Größe"
    assert (expected.start, expected.flags) == (None, Flags.ODD)

    tamper(archive, "UPDATE message SET text = 'Gr\ufffd\ufffde', start = 12, size = 34, flags = 0")
    redecode(archive)
    assert all_messages(reader) == [expected]

    tamper(archive, "DELETE FROM message; UPDATE delivery SET message_count = 0")
    tamper(archive, "UPDATE counter SET value = 0 WHERE name = 'messages'; DELETE FROM element")
    assert redecode(archive).added == 1
    [added] = all_messages(reader)
    assert (added.text, added.body) == (expected.text, expected.body)
    assert reader.verify(check_progress).damaged == 0
