"""The full text of messages: trigrams of what is searched, indexed behind what arrives.

An index kept up with each message would cut what can be stored a second to a quarter. So the
messages up to the counter `indexed` are in the index, and those above it are looked through
one by one. The index only narrows down: what it proposes is compared as exactly as the rest,
so a search finds the same with it and without it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import apsw

from ibconsole.archive.connection import fetch

_CHARACTERS = 1 << 20  # of one transaction, if it has more than one message
_TRIGRAMS = 32  # of a long text; the comparison sees the rest
_MERGED = 64  # pages that are merged in one transaction


@dataclass(frozen=True, slots=True)
class Unindexed:
    """The next messages to index, behind the id `after`; `last` is the id of their last."""

    after: int
    last: int
    rows: Sequence[tuple[int, str, str, str, str]]


def read_unindexed(db: apsw.Connection, limit: int) -> Unindexed:
    """The next messages that the index lacks. To be called outside of a transaction."""
    [(after,)] = fetch(db, "SELECT value FROM counter WHERE name = 'indexed'")
    rows: list[tuple[int, str, str, str, str]] = []
    last, characters = after, 0
    for row, *texts in fetch(
        db,
        "SELECT id, text, sender, keyword, message_id FROM message WHERE id > ? ORDER BY id"
        " LIMIT ?",
        (after, limit),
    ):
        text, sender, keyword, message_id = map(_folded, texts)
        rows.append((row, text, sender, keyword, message_id))
        last = row
        characters += len(text)
        if characters > _CHARACTERS:
            break
    return Unindexed(after, last, rows)


def index(db: apsw.Connection, some: Unindexed) -> bool:
    """Put these into the index; False if another process was quicker.

    To be called inside a transaction that holds the write lock.
    """
    db.execute(
        "UPDATE counter SET value = ? WHERE name = 'indexed' AND value = ?", (some.last, some.after)
    )
    if not db.changes():
        return False
    # Some may have been deleted since they were read, and would stay in the index for good.
    there = {
        row
        for (row,) in fetch(
            db, "SELECT id FROM message WHERE id > ? AND id <= ?", (some.after, some.last)
        )
    }
    db.executemany(
        "INSERT INTO message_words (rowid, text, sender, keyword, message_id)"
        " VALUES (?, ?, ?, ?, ?)",
        (row for row in some.rows if row[0] in there),
    )
    return True


def forget_words(db: apsw.Connection, messages: Iterable[int]) -> None:
    """Take messages out of the index that are being deleted; those not in it do no harm."""
    [(indexed,)] = fetch(db, "SELECT value FROM counter WHERE name = 'indexed'")
    db.executemany(
        "DELETE FROM message_words WHERE rowid = ?",
        ((message,) for message in messages if message <= indexed),
    )


def begin_purging(db: apsw.Connection) -> None:
    """Begin to rewrite the index without what was deleted, whose trigrams are in it until then."""
    db.execute("INSERT INTO message_words (message_words, rank) VALUES ('merge', ?)", (-_MERGED,))


def purge_some(db: apsw.Connection) -> bool:
    """Go on with that; whether there was something left to do."""
    before = db.total_changes()
    db.execute("INSERT INTO message_words (message_words, rank) VALUES ('merge', ?)", (_MERGED,))
    return db.total_changes() - before >= 2


def proposed_by(text: str) -> str | None:
    """The query for which the index proposes messages; None if it cannot help with this text."""
    folded = _folded(text.encode(errors="replace").decode())
    if "\0" in text:
        return None
    trigrams = list(dict.fromkeys(folded[place : place + 3] for place in range(len(folded) - 2)))
    step = max(1, -(-len(trigrams) // _TRIGRAMS))
    quoted = (f'"{_quoted(trigram)}"' for trigram in trigrams[::step])
    return " AND ".join(quoted) or None


def _folded(text: str) -> str:
    """As texts are compared. The tokenizer would stop at a NUL."""
    return text.casefold().replace("\0", " ")


def _quoted(trigram: str) -> str:
    return trigram.replace('"', '""')
