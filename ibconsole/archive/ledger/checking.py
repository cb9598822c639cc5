"""Checking the whole ledger: each chain, the state of each item, and each recorded answer."""

from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256
from typing import Any

import apsw
import msgspec

from ibconsole.archive import fetch, snapshot
from ibconsole.archive.ledger.chain import chain_problem
from ibconsole.archive.ledger.exchange import ANSWER_CUT, ANSWER_KEPT
from ibconsole.archive.ledger.reader import read_entries, read_items
from ibconsole.archive.ledger.records import (
    Anchor,
    EntryKind,
    ItemState,
    LedgerEntry,
    LedgerItem,
    RedeliveryKind,
    RedeliveryState,
)

_PAGE = 500  # items whose ids are read in one query
# A ValueError: text that is not UTF-8, or a value that no version of the program writes.
_DAMAGED = (apsw.CorruptError, apsw.NotADBError, msgspec.ValidationError, ValueError)
_BAD_JOBS = """
    SELECT id FROM redelivery WHERE NOT json_valid(options)
        OR kind NOT IN (SELECT value FROM json_each(:kinds))
        OR state NOT IN (SELECT value FROM json_each(:states))
"""
_JSON_KINDS = msgspec.json.encode(list(RedeliveryKind)).decode()
_JSON_STATES = msgspec.json.encode(list(RedeliveryState)).decode()
_ANSWERS = (
    "SELECT id, body, size, CAST(sha256 AS BLOB) FROM redelivery_answer WHERE id > ?"
    " ORDER BY id LIMIT ?"
)


class LedgerProblem(msgspec.Struct, frozen=True):
    """Something in the ledger that is not as it was written; `item` is None if it has none."""

    sentence: str
    item: int | None = None


class _Note(msgspec.Struct, frozen=True):
    """The members of an answer or of a decision that are checked."""

    state: ItemState


def check_ledger(
    db: apsw.Connection, on_item: Callable[[], object] = bool
) -> Iterator[LedgerProblem]:
    """Yield what is not as it was written; `on_item` is called for each item.

    Each item is read in a short transaction of its own.
    """
    after = 0
    while ids := _ids_after(db, after):
        for item in ids:
            on_item()
            if problem := _item_problem(db, item):
                yield LedgerProblem(f"Item {item} of the ledger: {problem}", item)
        after = ids[-1]
    yield from _check_jobs(db)
    yield from _check_answers(db)


def _ids_after(db: apsw.Connection, after: int) -> Sequence[int]:
    query = "SELECT id FROM redelivery_item WHERE id > ? ORDER BY id LIMIT ?"
    return [item for (item,) in fetch(db, query, (after, _PAGE))]


def _item_problem(db: apsw.Connection, item: int) -> str:
    try:
        with snapshot(db):
            found = read_items(db, [item])
            entries = read_entries(db, item)
        if not found:
            return ""  # deleted meanwhile
        problem = chain_problem(entries, (found[0].entries, found[0].hash))
        problem = problem or _state_problem(found[0], entries)
        return problem or _origin_problem(db, found[0], entries)
    except _DAMAGED as error:
        return f"It cannot be read: {error}."


def _state_problem(item: LedgerItem, entries: Sequence[LedgerEntry]) -> str:
    """Return why an item does not have the state of its last entry; empty if it has."""
    state = ItemState.WAITING
    if entries and entries[-1].kind is EntryKind.ATTEMPT:
        state = ItemState.SENDING
    elif entries and entries[-1].kind is not EntryKind.ANCHOR:
        state = msgspec.json.decode(entries[-1].content, type=_Note).state
    if item.state is state:
        return ""
    return f"Its state is {item.state}, and its last entry says {state}."


def _origin_problem(db: apsw.Connection, item: LedgerItem, entries: Sequence[LedgerEntry]) -> str:
    """Return what of an item, or of its job, is not as its origin says; empty if all is."""
    for entry in entries:
        if entry.kind is EntryKind.ANCHOR:
            anchor = msgspec.json.decode(entry.content, type=Anchor)
            break
    else:
        return ""
    [(url,)] = fetch(db, "SELECT url FROM redelivery WHERE id = ?", (item.job,)) or [("",)]
    pairs = (
        ("job", item.job, anchor.job),
        ("URL", url, anchor.url),
        ("message", item.message, anchor.message),
        ("delivery", item.delivery, anchor.delivery),
        ("messageId", item.message_id, anchor.message_id),
        ("application", item.application_code, anchor.application_code),
    )
    wrong = [name for name, stored, written in pairs if stored != written]
    return f"Another {' and '.join(wrong)} is stored than its first entry says." if wrong else ""


def _check_jobs(db: apsw.Connection) -> Iterator[LedgerProblem]:
    for (job,) in fetch(db, _BAD_JOBS, {"kinds": _JSON_KINDS, "states": _JSON_STATES}):
        yield LedgerProblem(f"Redelivery {job} was changed: no version writes it so.")


def _check_answers(db: apsw.Connection) -> Iterator[LedgerProblem]:
    after = 0
    while rows := _answers_after(db, after):
        for answer, body, size, digest in rows:
            is_cut = len(body) < size and len(body) in {ANSWER_KEPT, ANSWER_CUT}
            if not is_cut and sha256(body).hexdigest().encode() != digest:
                yield LedgerProblem(
                    f"Answer {answer} of a redelivery was changed: its hash differs."
                )
        after = rows[-1][0]


def _answers_after(db: apsw.Connection, after: int) -> Sequence[tuple[Any, ...]]:
    return fetch(db, _ANSWERS, (after, _PAGE))
