"""The full-text index makes searches faster and never changes their result."""

import unicodedata
from pathlib import Path

import apsw
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ibconsole.archive.archive import Archive
from ibconsole.archive.connection import fetch
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Order
from ibconsole.archive.searching import indexing
from ibconsole.archive.searching.indexing import _trigram_query
from tests.unit.archive.deliveries import arrival, batch, pull

# With unusual case mappings: dotless and dotted i, long s, sharp s, ligatures, accents.
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


@pytest.mark.slow
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(texts=st.lists(TEXTS, max_size=6), late=st.lists(TEXTS, max_size=2), text=TEXTS)
def test_search_is_independent_of_the_index(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str], late: list[str], text: str
) -> None:
    """Whatever the texts and however many are indexed, a search finds the same messages."""
    path = tmp_path_factory.mktemp("index") / "archive.sqlite3"
    with Archive(path) as archive, Reader(path) as reader:
        add(archive, *texts)
        criteria = Filter(text=text)
        before = list(reader.find(criteria))
        index_all(archive)
        assert list(reader.find(criteria)) == before

        add(archive, *late)
        found = list(reader.find(criteria))
        newest = list(reader.search(criteria, limit=3).ids)
        index_all(archive)
        assert list(reader.find(criteria)) == found
        assert list(reader.search(criteria, limit=3).ids) == newest == found[-3:]


@pytest.mark.parametrize("order", Order)
def test_short_texts(archive: Archive, reader: Reader, order: Order) -> None:
    """One and two characters of any script are found through the index, also at the end."""
    texts = [
        "東京",
        "京",
        "Zürich",
        "éÉ",
        "É",
        'say "a"',
        "a\0b",
        "\1",
        "ﬁ",
        "İ",
        "\U0001d538b",
        "ok",
        "ß",
        "Ꭰꭰ",
    ]
    add(archive, *texts)
    wanted = {text[start : start + size] for text in texts for size in (1, 2) for start in range(8)}
    wanted |= {"éé", "ÜR", "日", "zz", "%", "\ud800", "ss", "fi", "i\u0307"}
    filters = [Filter(text=one) for one in sorted(wanted) if one]
    scanned = [reader.search(one, order=order) for one in filters]
    newest = [reader.search(one, order=order, limit=2) for one in filters]

    index_all(archive)
    assert [reader.search(one, order=order) for one in filters] == scanned
    assert [reader.search(one, order=order, limit=2) for one in filters] == newest


def test_exact_senders_and_keywords(archive: Archive, reader: Reader) -> None:
    """A sender or a keyword of any length is found through the index as without it."""
    names = ["ok", "OK", "okay", "o", "東京", "a\0b", 'say "a"', "\1", "ÉTÉ"]
    messages = [{"from": name, "keyword": name[::-1], "text": "ok"} for name in names]
    archive.decode(archive.add_forwards([arrival(batch(*messages))]))
    filters = [
        Filter(sender=sender, keyword=keyword, text=text)
        for sender in ("", *names, "k")
        for keyword in ("", sender[::-1], "ko")
        for text in ("", "o", "ok")
    ]
    scanned = [list(reader.find(one)) for one in filters]
    assert scanned[filters.index(Filter(sender="ok"))] == [1]

    index_all(archive)
    assert [list(reader.find(one)) for one in filters] == scanned


def test_terms_of_short_texts(archive: Archive) -> None:
    """Few terms that a short text begins are joined; of many, only rare ones are looked up."""
    add(archive, "abc", "abd", "xyz")
    index_all(archive)
    joined = indexing.look_up(archive._db, "AB", most=0, joined=2)
    single = indexing.look_up(archive._db, "AB", most=2, joined=1)

    assert joined is not None
    assert joined.values == {"words": '"abc" OR "abd"'}
    assert single is not None
    assert single.values["first"] == "ab"
    assert indexing.look_up(archive._db, "AB", most=1, joined=1) is None


@pytest.mark.parametrize(
    ("text", "exact"),
    [
        *((one, True) for one in ("q", "B", "éé", "aß", "日本語")),
        *((one, False) for one in ("ß s", "a b", "\1", "\ufffe", "abcd")),
    ],
)
def test_exact_matches(archive: Archive, text: str, *, exact: bool) -> None:
    """What the index finds for up to three characters needs no comparison, if it tells them."""
    add(archive, "abc", "éé", "aß", "a b", "ß s", "\1", "\ufffd", "日本語")
    index_all(archive)
    match = indexing.look_up(archive._db, text, most=100, joined=100)

    assert match is not None
    assert match.exact is exact


def test_messages_not_indexed_yet_are_found(archive: Archive, reader: Reader) -> None:
    """New messages are found before they are indexed, together with indexed ones."""
    add(archive, "first Straße")
    index_all(archive)
    add(archive, "second STRASSE", "third")

    assert list(reader.find(Filter(text="straße"))) == [1, 2]
    assert list(reader.find(Filter(text="straße"), after=1)) == [2]


def test_a_large_backlog_is_indexed_in_batches(archive: Archive) -> None:
    """A batch is limited in characters, so that others can write between; a long text is one."""
    add(archive, "a", "b", "c", "d", "x" * 50, "e")

    batches = []
    while (unindexed := indexing.read_unindexed(archive._db, 3, characters=10)).rows:
        with archive._writing():
            assert indexing.add_to_index(archive._db, unindexed)
        batches.append(unindexed.last)

    assert batches == [3, 5, 6]


def test_two_processes_index_together(archive: Archive, path: Path, reader: Reader) -> None:
    """Messages that another process has indexed meanwhile are not indexed twice."""
    add(archive, "hello", "hello again")
    unindexed = indexing.read_unindexed(archive._db, 100)
    with Archive(path) as other:
        assert other.index(100)

    with archive._writing():
        assert not indexing.add_to_index(archive._db, unindexed)
    assert list(reader.find(Filter(text="hello"))) == [1, 2]


def test_a_message_deleted_while_it_is_read(archive: Archive, path: Path) -> None:
    """A message that is deleted before it is indexed leaves nothing in the index."""
    pull(archive, batch({"messageId": "1", "text": "qqqzzz"}))
    unindexed = indexing.read_unindexed(archive._db, 100)
    archive.delete_batch("c")

    with archive._writing():
        indexing.add_to_index(archive._db, unindexed)
    assert "qqq" not in trigrams(path)


def test_a_purge_removes_deleted_texts(archive: Archive, path: Path, reader: Reader) -> None:
    """After a purge the index has not even the trigrams of a deleted message."""
    pull(archive, batch({"messageId": "1", "text": "qqqzzz"}))
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


EQUIVALENTS = [
    "Zürich",
    "ÉÉ",
    "Åre",
    "한국",
    "ガス",
    "Straße",
    "DIŞ",
    "ΟΔΟΣ",
    "\u212a9; ok",
    "\ufb01n",
    "\uf900",
    "قهوة",
    "Привет",
    "Ⴀბ",
    "İ\0x",
    "e\u0301\u0323x",
]


@pytest.mark.parametrize("indexed", [0, 5, 100])
def test_equivalent_texts(archive: Archive, reader: Reader, indexed: int) -> None:
    """A text is found in every spelling and case, whether it is indexed or not."""
    spelled = [unicodedata.normalize(form, text) for text in EQUIVALENTS for form in ("NFC", "NFD")]
    add(archive, *spelled)
    archive.index(indexed)

    for place, text in enumerate(spelled):
        pair = [place // 2 * 2 + 1, place // 2 * 2 + 2]
        for typed in (text, text.upper(), text.lower(), text.casefold(), text[:2]):
            both = {unicodedata.normalize(form, typed) for form in ("NFC", "NFD")}
            found = [list(reader.find(Filter(text=one))) for one in both]
            assert typed == text[:2] or found[0] == pair
            assert found[0] == found[-1]


def test_a_letter_is_not_another_with_an_accent(archive: Archive, reader: Reader) -> None:
    """A letter is not found where an accent belongs to it, in either spelling."""
    add(archive, "caf\xe9", "cafe\u0301", "cafe")
    before = reader.find(Filter(text="cafe")), reader.find(Filter(text="fe"))
    index_all(archive)

    assert [list(found) for found in before] == [[3], [3]]
    assert (reader.find(Filter(text="cafe")), reader.find(Filter(text="fe"))) == before


@pytest.mark.parametrize("text", ["", "a\0bc"])
def test_texts_that_are_not_in_the_index(archive: Archive, text: str) -> None:
    """The index is not used for a text with a NUL."""
    assert indexing.look_up(archive._db, text, most=100, joined=100) is None


def test_long_texts_use_some_trigrams(archive: Archive, reader: Reader) -> None:
    """The query for a long text has only some of its trigrams, and still finds only that text."""
    text = "".join(chr(0x4E00 + number) for number in range(900))
    add(archive, text, text[:899] + "x")
    index_all(archive)

    assert _trigram_query(text).count("AND") < 40
    assert list(reader.find(Filter(text=text))) == [1]
