"""The statements that insert many rows of a source at once.

A row that is there already stays, or takes over what may change: whatever is shipped twice is
stored once. A collector may read neither messages nor contents: these are inserted for deliveries
that are new, and return nothing.
"""

from collections.abc import Sequence
from typing import TypeAlias

from ibconsole.archive.outbox import (
    AnswerCopy,
    AuditCopy,
    DeliveryCopy,
    ForwardTestCopy,
    LedgerEntryCopy,
    LedgerItemCopy,
    ListCopy,
    MessageCopy,
    PointCopy,
)
from ibconsole.team_archive import searched_text
from ibconsole.team_archive.writing.arrays import Booleans, Bytes, Integers, Texts

Columns: TypeAlias = Booleans | Bytes | Integers | Texts

# An index takes up to 2,704 bytes. A longer identifier is whole in the message's JSON only.
_INDEXED_BYTES = 2_000

INSERT_DELIVERIES = """
    INSERT INTO ibconsole.delivery (
        account, source, arrived_at, origin, via, state, base_url, began_at, ended_at, limit_asked,
        method, target, peer, status, headers, sha256, complete, problem, interrupted,
        message_count, announced, pending, salvaged, decoding_problem, body_size, answer, epoch
    )
    SELECT %s, %s, * FROM unnest(
        %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s,
        %s, %s
    )
    ON CONFLICT (account, origin, arrived_at) DO NOTHING RETURNING id, origin, arrived_at
"""
INSERT_CONTENTS = """
    INSERT INTO ibconsole.content (account, delivery, arrived_at, body_start, raw, body)
    SELECT %s, * FROM unnest(%s, %s, %s, %s, %s)
"""
INSERT_MESSAGES = """
    INSERT INTO ibconsole.message (
        account, source, delivery, arrived_at, via, position, message_id, application_code, sender,
        keyword, text, searched, received_at, flags, start, size, body
    )
    SELECT %s, %s, * FROM unnest(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
UPDATE_ANSWERS = """
    UPDATE ibconsole.delivery SET answer = one.answer
    FROM unnest(%s, %s, %s) AS one (origin, arrived_at, answer)
    WHERE delivery.account = %s AND delivery.origin = one.origin
    AND delivery.arrived_at = one.arrived_at
"""
INSERT_AUDIT = """
    INSERT INTO ibconsole.audit (source, account, number, intent, at, application, content, hash)
    SELECT %s, %s, * FROM unnest(%s, %s, %s, %s, %s, %s)
    ON CONFLICT (source, number) DO NOTHING
"""
INSERT_OBJECTS = """
    INSERT INTO ibconsole.setup_object (account, hash, content)
    SELECT %s, * FROM unnest(%s, %s) ON CONFLICT (account, hash) DO NOTHING
"""
INSERT_POINTS = """
    INSERT INTO ibconsole.setup_point (
        source, account, number, application, part, seen_from, seen_until, checked_at, object
    )
    SELECT %s, %s, * FROM unnest(%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (source, number) DO UPDATE
    SET seen_until = excluded.seen_until, checked_at = excluded.checked_at
"""
INSERT_LISTS = """
    INSERT INTO ibconsole.setup_list (source, account, read_at) SELECT %s, %s, max(one)
    FROM unnest(%s) AS one
    ON CONFLICT (source, account) DO UPDATE SET read_at = excluded.read_at
"""
INSERT_TESTS = """
    INSERT INTO ibconsole.forward_test (
        source, account, number, at, url, status, payload, answer, facts
    )
    SELECT %s, %s, * FROM unnest(%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (source, number) DO UPDATE SET status = excluded.status,
    payload = excluded.payload, answer = excluded.answer, facts = excluded.facts
"""
INSERT_ITEMS = """
    INSERT INTO ibconsole.ledger_item (
        source, account, number, job, kind, url, message_id, application_code, state, attempts,
        changed_at, status, hash
    )
    SELECT %s, %s, * FROM unnest(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (source, number) DO UPDATE SET state = excluded.state,
    attempts = excluded.attempts, changed_at = excluded.changed_at, status = excluded.status,
    hash = excluded.hash
"""
INSERT_ENTRIES = """
    INSERT INTO ibconsole.ledger_entry (
        source, account, item, number, at, kind, content, hash
    )
    SELECT %s, %s, * FROM unnest(%s, %s, %s, %s, %s, %s)
    ON CONFLICT (source, item, number) DO NOTHING
"""


def delivery_columns(rows: Sequence[DeliveryCopy]) -> list[Columns]:
    """Return the columns of INSERT_DELIVERIES."""
    return [
        Integers(row.arrived_at for row in rows),
        Texts(row.origin for row in rows),
        Texts(row.via for row in rows),
        Texts(row.state for row in rows),
        Texts(row.base_url for row in rows),
        Integers(row.began_at for row in rows),
        Integers(row.ended_at for row in rows),
        Integers(row.limit_asked for row in rows),
        Texts(row.method for row in rows),
        Texts(row.target for row in rows),
        Texts(row.peer for row in rows),
        Integers(row.status for row in rows),
        Texts(row.headers for row in rows),
        Texts(row.sha256 for row in rows),
        Booleans(row.complete for row in rows),
        Texts(row.problem for row in rows),
        Booleans(row.interrupted for row in rows),
        Integers(row.message_count for row in rows),
        Integers(row.announced for row in rows),
        Integers(row.pending for row in rows),
        Booleans(row.salvaged for row in rows),
        Texts(row.decoding_problem for row in rows),
        Integers(row.body_size for row in rows),
        Texts(row.answer for row in rows),
        Integers(row.epoch for row in rows),
    ]


def content_columns(rows: Sequence[DeliveryCopy], ids: Sequence[int]) -> list[Columns]:
    """Return the columns of INSERT_CONTENTS; `ids` are those of the rows in the team's archive."""
    return [
        Integers(ids),
        Integers(row.arrived_at for row in rows),
        Integers(row.body_start for row in rows),
        Bytes(row.raw for row in rows),
        Bytes(row.body for row in rows),
    ]


def message_columns(
    rows: Sequence[MessageCopy], places: Sequence[tuple[int, int, str]]
) -> list[Columns]:
    """Return the columns of INSERT_MESSAGES.

    `places` has of each row the id of its delivery in the team's archive, its arrival and its way.
    """
    return [
        Integers(place[0] for place in places),
        Integers(place[1] for place in places),
        Texts(place[2] for place in places),
        Integers(row.position for row in rows),
        Texts(indexed(row.message_id) for row in rows),
        Texts(indexed(row.application_code) for row in rows),
        Texts(row.sender for row in rows),
        Texts(row.keyword for row in rows),
        Texts(row.text for row in rows),
        Texts(searched_text(row.text, row.sender, row.keyword, row.message_id) for row in rows),
        Integers(row.received_at for row in rows),
        Integers(row.flags for row in rows),
        Integers(row.start for row in rows),
        Integers(row.size for row in rows),
        Bytes(row.body for row in rows),
    ]


def answer_columns(rows: Sequence[AnswerCopy]) -> list[Columns]:
    """Return the columns of UPDATE_ANSWERS."""
    return [
        Texts(row.origin for row in rows),
        Integers(row.arrived_at for row in rows),
        Texts(row.answer for row in rows),
    ]


def audit_columns(rows: Sequence[AuditCopy]) -> list[Columns]:
    """Return the columns of INSERT_AUDIT."""
    return [
        Integers(row.key for row in rows),
        Integers(row.intent for row in rows),
        Integers(row.at for row in rows),
        Texts(row.application for row in rows),
        Texts(row.content for row in rows),
        Texts(row.hash for row in rows),
    ]


def object_columns(rows: Sequence[PointCopy]) -> list[Columns]:
    """Return the columns of INSERT_OBJECTS: the different states of these points."""
    contents = {row.hash: row.content for row in rows if row.hash is not None}
    return [Bytes(contents), Bytes(contents.values())]


def point_columns(rows: Sequence[PointCopy]) -> list[Columns]:
    """Return the columns of INSERT_POINTS."""
    return [
        Integers(row.key for row in rows),
        Texts(indexed(row.application) for row in rows),
        Texts(row.part for row in rows),
        Integers(row.seen_from for row in rows),
        Integers(row.seen_until for row in rows),
        Integers(row.checked_at for row in rows),
        Bytes(row.hash for row in rows),
    ]


def list_columns(rows: Sequence[ListCopy]) -> list[Columns]:
    """Return the column of INSERT_LISTS."""
    return [Integers(row.read_at for row in rows)]


def test_columns(rows: Sequence[ForwardTestCopy]) -> list[Columns]:
    """Return the columns of INSERT_TESTS."""
    return [
        Integers(row.key for row in rows),
        Integers(row.at for row in rows),
        Texts(indexed(row.url) for row in rows),
        Integers(row.status for row in rows),
        Bytes(row.payload for row in rows),
        Bytes(row.answer for row in rows),
        Texts(row.facts for row in rows),
    ]


def item_columns(rows: Sequence[LedgerItemCopy]) -> list[Columns]:
    """Return the columns of INSERT_ITEMS."""
    return [
        Integers(row.key for row in rows),
        Integers(row.job for row in rows),
        Texts(row.kind for row in rows),
        Texts(row.url for row in rows),
        Texts(indexed(row.message_id, _INDEXED_BYTES // 2) for row in rows),
        Texts(indexed(row.application_code, _INDEXED_BYTES // 2) for row in rows),
        Texts(row.state for row in rows),
        Integers(row.attempts for row in rows),
        Integers(row.changed_at for row in rows),
        Integers(row.status for row in rows),
        Texts(row.hash for row in rows),
    ]


def entry_columns(rows: Sequence[LedgerEntryCopy]) -> list[Columns]:
    """Return the columns of INSERT_ENTRIES."""
    return [
        Integers(row.item for row in rows),
        Integers(row.number for row in rows),
        Integers(row.at for row in rows),
        Texts(row.kind for row in rows),
        Texts(row.content for row in rows),
        Texts(row.hash for row in rows),
    ]


def indexed(text: str, limit: int = _INDEXED_BYTES) -> str:
    """Return a text as it fits into an index: whole, but for one of absurd length."""
    if len(text) <= limit // 4 or len(data := text.encode(errors="replace")) <= limit:
        return text
    return f"{data[:limit].decode(errors='ignore')}…"
