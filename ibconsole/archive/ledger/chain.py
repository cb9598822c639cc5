"""The chain of an item's entries: each hash covers the entry and the hash of the one before.

The first entry follows the empty text. So the entries of one item can be checked by themselves,
without the archive and without other messages.
"""

from collections.abc import Sequence
from hashlib import sha256

import msgspec

from ibconsole.archive.ledger.records import EntryKind, LedgerEntry


def entry_hash(before: str, number: int, at: int, kind: str, content: str) -> str:
    """Return the hash of an entry: over that of the one before it, and over all of its columns."""
    data = content.encode(errors="surrogatepass")
    head = msgspec.json.encode([before, number, at, kind, len(data)])
    return sha256(b"%b\n%b" % (head, data)).hexdigest()


def next_entry(
    item: int, last: tuple[int, str], at: int, kind: EntryKind, content: msgspec.Struct
) -> LedgerEntry:
    """Return the entry after the last one, which is given by its number and hash; (0, "") for none.

    `content` is a value of `records`.
    """
    number, before = last[0] + 1, last[1]
    text = msgspec.json.encode(content).decode()
    return LedgerEntry(item, number, at, kind, text, entry_hash(before, number, at, kind, text))


def chain_problem(entries: Sequence[LedgerEntry], last: tuple[int, str]) -> str:
    """Return a sentence about the first entry that is not as it was written; empty if all are.

    `last` is the number and the hash of the last entry, as noted with the item.
    """
    before = ""
    for place, entry in enumerate(entries, start=1):
        if entry.number != place:
            return f"Entry {place} is missing."
        expected = entry_hash(before, entry.number, entry.at, entry.kind, entry.content)
        if expected != entry.hash:
            return f"Entry {place} was changed after it was written, or the one before it replaced."
        before = entry.hash
    if (len(entries), before) == last:
        return ""
    if len(entries) < last[0]:
        return f"Entry {len(entries) + 1} is missing: the last one that was written was {last[0]}."
    return f"Entry {len(entries)} is not the last one that was noted, which is {last[0]}."
