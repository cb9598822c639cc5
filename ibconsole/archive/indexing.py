"""The full-text index: trigrams of the searched columns, updated some time after the messages.

Indexing each message as it is stored would reduce the messages stored per second to a quarter.
Therefore the messages with ids up to the counter `indexed` are in the index, and a search
compares the newer ones one by one. The index only narrows a search down: each message that it
proposes is compared like all others, so the result does not depend on the index.

One or two characters are searched through all trigrams that begin with them. Each text is indexed
with an end mark of two characters, so that its last characters begin trigrams, too.
"""

from collections.abc import Iterable, Sequence

import apsw
import msgspec

from ibconsole.archive.connection import fetch
from ibconsole.text import fold

BATCH_CHARACTERS = 1 << 20  # in one transaction, unless a single message has more
_TRIGRAM = 3  # characters
_QUERY_TRIGRAMS = 32  # used of a long search text; the comparison checks the rest
_MERGE_PAGES = 64  # merged in one transaction
_END = "\1\1"
_HIGHEST = "\U0010ffff"


class UnindexedMessages(msgspec.Struct, frozen=True):
    """The next messages to index, with ids above `after`; `last` is the highest of their ids.

    Each row is an id and the folded text, sender, keyword and message id.
    """

    after: int
    last: int
    rows: Sequence[tuple[int, str, str, str, str]]


def read_unindexed(
    db: apsw.Connection, limit: int, *, characters: int = BATCH_CHARACTERS
) -> UnindexedMessages:
    """Read the next messages to index: at most `limit`, of about `characters` in total.

    To be called outside of a transaction, because reading takes time.
    """
    [(after,)] = fetch(db, "SELECT value FROM counter WHERE name = 'indexed'")
    rows: list[tuple[int, str, str, str, str]] = []
    last, read = after, 0
    for message, *texts in fetch(
        db,
        "SELECT id, text, sender, keyword, message_id FROM message WHERE id > ? ORDER BY id"
        " LIMIT ?",
        (after, limit),
    ):
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
        for (message,) in fetch(
            db,
            "SELECT id FROM message WHERE id > ? AND id <= ?",
            (messages.after, messages.last),
        )
    }
    db.executemany(
        "INSERT INTO message_words (rowid, text, sender, keyword, message_id)"
        " VALUES (?, ?, ?, ?, ?)",
        (row for row in messages.rows if row[0] in existing),
    )
    return True


def remove_from_index(db: apsw.Connection, messages: Iterable[int]) -> None:
    """Remove messages that are being deleted; ids that are not indexed yet are skipped."""
    [(indexed,)] = fetch(db, "SELECT value FROM counter WHERE name = 'indexed'")
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


def index_query(text: str) -> str | None:
    """Return the index query for a search text; None if the index cannot narrow it down."""
    folded = _fold(text.encode(errors="replace").decode())
    if "\0" in text:
        return None
    trigrams = list(
        dict.fromkeys(folded[start : start + _TRIGRAM] for start in range(len(folded) - 2))
    )
    step = max(1, -(-len(trigrams) // _QUERY_TRIGRAMS))
    quoted = (f'"{_escape(trigram)}"' for trigram in trigrams[::step])
    return " AND ".join(quoted) or None


def exact_query(value: str) -> str | None:
    """Return the index query for messages with this value in a column, as `index_query`.

    With its end mark, a value of one or two characters has trigrams, too.
    """
    return index_query(f"{value}{_END}") if value else None


def short_query(db: apsw.Connection, text: str) -> tuple[str, str] | None:
    """Return the first and the last possible term of the index that a short text begins.

    None if the text does not have one or two characters, so that `index_query` applies.
    """
    folded = _fold(text.encode(errors="replace").decode())
    if not 0 < len(folded) < _TRIGRAM or "\0" in text:
        return None
    # The tokenizer folds by tables of its own.
    tokens = db.fts5_tokenizer("trigram", [])(
        f"{folded}{_END}".encode(),
        apsw.FTS5_TOKENIZE_QUERY,
        None,
        include_offsets=False,
        include_colocated=False,
    )
    first = str(next(iter(tokens)))[: len(folded)]
    return first, first + _HIGHEST * (_TRIGRAM - len(folded))


def is_rare(db: apsw.Connection, terms: tuple[str, str], most: int) -> bool:
    """Return whether the terms of this range occur in few messages: at most `most` in total."""
    total = 0
    counts = db.execute("SELECT doc FROM message_terms WHERE term >= ? AND term <= ?", terms)
    for (count,) in counts:
        total += count
        if total > most:
            counts.close(force=True)
            return False
    return True


def _fold(text: str) -> str:
    """Fold as the comparison does. NUL is replaced, because the tokenizer stops there."""
    return fold(text).replace("\0", " ")


def _escape(trigram: str) -> str:
    return trigram.replace('"', '""')
