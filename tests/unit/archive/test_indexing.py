"""The index of words, which stays behind what arrives and is behind no search."""

from pathlib import Path

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ibconsole.archive import indexing
from ibconsole.archive.archive import Archive
from ibconsole.archive.connection import fetch
from ibconsole.archive.indexing import proposed_by
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter
from tests.unit.archive.processes import arrival, batch

# Those whose case is odd: i without its dot and with it, long s, sharp s, a ligature, accents.
LETTERS = st.sampled_from(
    [
        *'abAB sS"%\0',
        *"\u0301\u0131\u0130\u017f\u00df\ufb01\u01c6\u212b\u00e5",
        "\U0001d538",
        "日",
    ]
)
TEXTS = st.text(LETTERS, max_size=12) | st.text(max_size=12)


def add(archive: Archive, *texts: str) -> None:
    messages = [{"messageId": f"id-{text}", "text": text} for text in texts]
    archive.decode(archive.add_forwards([arrival(batch(*messages))]))


def index_all(archive: Archive) -> None:
    while archive.index(100):
        pass


def trigrams(path: Path) -> set[str]:
    db = apsw.Connection(str(path))
    db.execute("CREATE VIRTUAL TABLE temp.words USING fts5vocab('main', 'message_words', 'row')")
    found = {term for (term,) in fetch(db, "SELECT term FROM temp.words")}
    db.close()
    return found


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(texts=st.lists(TEXTS, max_size=6), late=st.lists(TEXTS, max_size=2), wanted=TEXTS)
def test_index_finds_what_looking_finds(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], late: list[str], wanted: str
) -> None:
    """Whatever the text, and however far the index has come, a search finds the same."""
    path = tmp_path_factory.mktemp("index") / "archive.sqlite3"
    with Archive(path) as archive, Reader(path) as reader:
        add(archive, *texts)
        wanted_filter = Filter(text=wanted)
        before = list(reader.find(wanted_filter))
        index_all(archive)
        assert list(reader.find(wanted_filter)) == before

        add(archive, *late)
        some = list(reader.find(wanted_filter))
        newest = list(reader.search(wanted_filter, limit=3).ids)
        index_all(archive)
        assert list(reader.find(wanted_filter)) == some
        assert list(reader.search(wanted_filter, limit=3).ids) == newest == some[-3:]


def test_what_is_not_indexed_yet_is_found(archive: Archive, reader: Reader) -> None:
    """New messages are found before the index knows of them, and with those that it knows."""
    add(archive, "first Straße")
    index_all(archive)
    add(archive, "second STRASSE", "third")

    assert list(reader.find(Filter(text="straße"))) == [1, 2]
    assert list(reader.find(Filter(text="straße"), after=1)) == [2]


def test_a_large_backlog_is_taken_in_pieces(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever wants to write waits for one piece at most; a long text is a piece by itself."""
    monkeypatch.setattr(indexing, "_CHARACTERS", 10)
    add(archive, "a", "b", "c", "d", "x" * 50, "e")

    assert [archive.index(3) for _ in range(4)] == [True, True, True, False]
    [(indexed,)] = fetch(archive._db, "SELECT value FROM counter WHERE name = 'indexed'")
    assert indexed == 6


def test_two_processes_index_together(archive: Archive, path: Path, reader: Reader) -> None:
    """What another process put in meanwhile is not put in twice."""
    add(archive, "hello", "hello again")
    some = indexing.read_unindexed(archive._db, 100)
    with Archive(path) as other:
        assert other.index(100)

    with archive._writing():
        assert not indexing.index(archive._db, some)
    assert list(reader.find(Filter(text="hello"))) == [1, 2]


def test_what_was_deleted_while_it_was_read(archive: Archive, path: Path) -> None:
    """A message that goes before it is indexed leaves nothing in the index."""
    delivery = archive.begin_pull(connection="c", base_url="https://x", limit=1)
    archive.append_body(delivery, batch({"messageId": "1", "text": "qqqzzz"}))
    archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
    some = indexing.read_unindexed(archive._db, 100)
    archive.delete_batch("c")

    with archive._writing():
        indexing.index(archive._db, some)
    assert "qqq" not in trigrams(path)


def test_deleted_words_leave_the_index(archive: Archive, path: Path, reader: Reader) -> None:
    """After a purge not even the trigrams of a deleted message are in the file's index."""
    delivery = archive.begin_pull(connection="c", base_url="https://x", limit=1)
    archive.append_body(delivery, batch({"messageId": "1", "text": "qqqzzz"}))
    archive.finish_pull(delivery, status=200, headers=[], complete=True, problem="")
    add(archive, "stays here")
    index_all(archive)
    add(archive, "later")
    index_all(archive)
    assert "qqq" in trigrams(path)

    archive.delete_batch("c")
    assert list(reader.find(Filter(text="qqq"))) == []
    archive.begin_purge()
    while archive.purge():
        pass

    assert "qqq" not in trigrams(path)
    assert list(reader.find(Filter(text="stays"))) == [2]
    assert list(reader.find(Filter(text="later"))) == [3]


@pytest.mark.parametrize("text", ["", "a", "ab", "a\0bc"])
def test_texts_that_the_index_cannot_help_with(text: str) -> None:
    """Too short for a trigram, or with a character that the index does not know."""
    assert proposed_by(text) is None


def test_long_texts_propose_by_a_part(archive: Archive, reader: Reader) -> None:
    """A long text asks for some of its trigrams only, and still for nothing but itself."""
    text = "".join(chr(0x4E00 + number) for number in range(900))
    add(archive, text, text[:899] + "x")
    index_all(archive)

    assert (proposed_by(text) or "").count("AND") < 40
    assert list(reader.find(Filter(text=text))) == [1]
