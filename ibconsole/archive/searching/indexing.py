"""The full-text index: trigrams of the searched columns, updated some time after the messages.

Indexing each message as it is stored would reduce the messages stored per second to a quarter.
Therefore the messages with ids up to the counter `indexed` are in the index, and a search
compares the newer ones one by one. The index only narrows a search down: each message that it
proposes is compared like all others, so the result does not depend on the index.

One or two characters are searched through all trigrams that begin with them. Each text is indexed
with an end mark of two characters, so that its last characters begin trigrams, too.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import apsw
import msgspec

from ibconsole.text import fold

BATCH_CHARACTERS = 1 << 20  # in one transaction, unless a single message has more
_TRIGRAM = 3  # characters
_QUERY_TRIGRAMS = 32  # used of a long search text; the comparison checks the rest
_MERGE_PAGES = 64  # merged in one transaction
_END = "\1\1"
_HIGHEST = "\U0010ffff"
# Characters that the index does not tell from others: the end mark, what stands for NUL, and what
# the tokenizer reads for noncharacters.
_AMBIGUOUS = frozenset("\1 \ufffd")
_WORDS = "SELECT rowid AS proposed FROM message_words WHERE message_words MATCH :words"
_NONE = "SELECT rowid AS proposed FROM message_words WHERE FALSE"
_TERMS = (
    "SELECT DISTINCT words.rowid + 0 AS proposed FROM message_terms"
    " CROSS JOIN message_words AS words WHERE term >= :first AND term <= :last"
    " AND words.message_words MATCH '\"' || replace(term, '\"', '\"\"') || '\"'"
)


class UnindexedMessages(msgspec.Struct, frozen=True):
    """The next messages to index, with ids above `after`; `last` is the highest of their ids.

    Each row is an id and the folded text, sender, keyword and message id.
    """

    after: int
    last: int
    rows: Sequence[tuple[int, str, str, str, str]]


def last_indexed(db: apsw.Connection) -> int:
    """Return the id up to which messages are in the index."""
    [(indexed,)] = db.execute("SELECT value FROM counter WHERE name = 'indexed'").fetchall()
    return int(indexed or 0)


def read_unindexed(
    db: apsw.Connection, limit: int, *, characters: int = BATCH_CHARACTERS
) -> UnindexedMessages:
    """Read the next messages to index: at most `limit`, of about `characters` in total.

    To be called outside of a transaction, because reading takes time.
    """
    after = last_indexed(db)
    rows: list[tuple[int, str, str, str, str]] = []
    last, read = after, 0
    found: list[tuple[Any, ...]] = db.execute(
        "SELECT id, text, sender, keyword, message_id FROM message WHERE id > ? ORDER BY id"
        " LIMIT ?",
        (after, limit),
    ).fetchall()
    for message, *texts in found:
        text, sender, keyword, message_id = (f"{_fold(one)}{_END}" for one in texts)
        rows.append((message, text, sender, keyword, message_id))
        last = message
        read += len(text)
        if read > characters:
            break
    return UnindexedMessages(after, last, rows)


def add_to_index(db: apsw.Connection, messages: UnindexedMessages) -> bool:
    """Add these messages to the index; False if another process has done so meanwhile.

    To be called inside a transaction that holds the write lock.
    """
    db.execute(
        "UPDATE counter SET value = ? WHERE name = 'indexed' AND value = ?",
        (messages.last, messages.after),
    )
    if not db.changes():
        return False
    # A message deleted since it was read would stay in the index forever.
    existing = {
        message
        for (message,) in db.execute(
            "SELECT id FROM message WHERE id > ? AND id <= ?",
            (messages.after, messages.last),
        ).fetchall()
    }
    db.executemany(
        "INSERT INTO message_words (rowid, text, sender, keyword, message_id)"
        " VALUES (?, ?, ?, ?, ?)",
        (row for row in messages.rows if row[0] in existing),
    )
    return True


def remove_from_index(db: apsw.Connection, messages: Iterable[int]) -> None:
    """Remove messages that are being deleted; ids that are not indexed yet are skipped."""
    indexed = last_indexed(db)
    db.executemany(
        "DELETE FROM message_words WHERE rowid = ?",
        ((message,) for message in messages if message <= indexed),
    )


def begin_purge(db: apsw.Connection) -> None:
    """Begin to rewrite the index, in which the trigrams of deleted messages are still stored."""
    db.execute(
        "INSERT INTO message_words (message_words, rank) VALUES ('merge', ?)", (-_MERGE_PAGES,)
    )


def continue_purge(db: apsw.Connection) -> bool:
    """Rewrite the next pages of the index; False if there were none left."""
    before = db.total_changes()
    db.execute(
        "INSERT INTO message_words (message_words, rank) VALUES ('merge', ?)", (_MERGE_PAGES,)
    )
    # https://sqlite.org/fts5.html#the_merge_command: fewer than two changes mean a no-op.
    return db.total_changes() - before >= 2


class IndexMatch(msgspec.Struct, frozen=True):
    """The messages that the index proposes for a text: SQL that selects their ids as `proposed`.

    `exact` means that all of them have the text, so that they need not be compared.
    """

    sql: str
    values: dict[str, str]
    exact: bool = False


def query_of_text(text: str) -> str:
    """Return the index query that proposes all messages with a text; empty if there is none."""
    folded = "" if "\0" in text else _folded_query(text)
    return _trigram_query(folded) if len(folded) >= _TRIGRAM else ""


def query_of_value(value: str) -> str:
    """Return the index query for a whole value of a column; empty if there is none."""
    # With its end mark, a value of one or two characters has trigrams, too.
    return _trigram_query(f"{_folded_query(value)}{_END}") if value and "\0" not in value else ""


def look_up(
    db: apsw.Connection,
    text: str,
    values: Sequence[str] = (),
    *,
    also: str = "",
    most: int,
    joined: int,
) -> IndexMatch | None:
    """Return what the index proposes for a text, and for whole `values` of columns.

    `also` is another index query that all of them meet, if it is not empty.

    None if it cannot narrow the search down. So it is for one or two characters that begin more
    than `joined` terms, which occur in more than `most` messages in total. Fewer terms are joined
    in one query.
    """
    folded = "" if "\0" in text else _folded_query(text)
    long = folded if len(folded) >= _TRIGRAM else ""
    # A short text that is rare proposes fewer messages than a frequent value.
    is_short = folded and not long and (also or any(values))
    if is_short and (found := _look_up_short(db, folded, most, 0)):
        return found
    queries = (_trigram_query(long) if long else "", *map(query_of_value, values))
    if words := " AND ".join(filter(None, (*queries, also and f"({also})"))):
        exact = words.count(" AND ") == 0 and len(long) == _TRIGRAM and _is_told_apart(folded)
        return IndexMatch(_WORDS, {"words": words}, exact)
    return _look_up_short(db, folded, most, joined) if folded else None


def _look_up_short(db: apsw.Connection, folded: str, most: int, joined: int) -> IndexMatch | None:
    exact = _is_told_apart(folded)
    # The last possible term that the text begins; what is indexed was folded.
    span = {"first": folded, "last": folded + _HIGHEST * (_TRIGRAM - len(folded))}
    terms, total = [], 0
    counts = db.execute(
        "SELECT term, doc FROM message_terms WHERE term >= :first AND term <= :last", span
    )
    for term, count in counts:
        terms.append(str(term))
        total += count
        if len(terms) > joined and total > most:
            counts.close(force=True)
            return None
    if len(terms) > joined:
        return IndexMatch(_TERMS, span, exact)
    if not terms:  # an empty query would be an error
        return IndexMatch(_NONE, {}, exact=True)
    return IndexMatch(_WORDS, {"words": " OR ".join(map(_quoted, terms))}, exact)


def _trigram_query(folded: str) -> str:
    """Return the index query for a folded text of three and more characters."""
    trigrams = list(
        dict.fromkeys(folded[start : start + _TRIGRAM] for start in range(len(folded) - 2))
    )
    step = max(1, -(-len(trigrams) // _QUERY_TRIGRAMS))
    return " AND ".join(map(_quoted, trigrams[::step]))


def _fold(text: str) -> str:
    """Fold as the comparison does. NUL is replaced, because the tokenizer stops there."""
    return fold(text).replace("\0", " ")


def _folded_query(text: str) -> str:
    """Fold a text to look up: the tokenizer reads a replacement character for noncharacters."""
    folded = _fold(text.encode(errors="replace").decode())
    return folded.replace("\ufffe", "\ufffd").replace("\uffff", "\ufffd")


def _is_told_apart(folded: str) -> bool:
    return _AMBIGUOUS.isdisjoint(folded)


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'
