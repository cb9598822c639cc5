"""Storing a pull: its intent before the request, its answer, its end.

What changes the archive is to be called inside a transaction.
"""

from collections.abc import Callable, Sequence

import apsw

from ibconsole.archive.bodies import AnswerBytes, start_of, store_answer
from ibconsole.archive.connection import fetch
from ibconsole.archive.decoding import DecodingInput, undo_content_encoding
from ibconsole.archive.errors import ArchiveError
from ibconsole.archive.records import DeliveryState, ParsedAnswer, Via
from ibconsole.archive.storing import (
    add_to_counter,
    headers_text,
    next_id,
    read_state,
    replace_surrogates,
)

Mask = Callable[[bytes], bytes]  # replaces secrets

_MASKED = "The answer was compressed and repeated a credential: it is kept decompressed and masked."
_INSERT_PULL = (
    "INSERT INTO delivery (id, via, state, owner, connection, base_url, began_at, limit_asked)"
    " VALUES (?, 'pull', 'asking', ?, ?, ?, ?, ?)"
)
_END_PULL = (
    "UPDATE delivery SET state = 'received', ended_at = ?, status = ?, headers = ?, complete = ?,"
    " problem = ?, sha256 = ? WHERE id = ?"
)


def begin_pull(
    db: apsw.Connection,
    owner: str,
    began_at: int,
    *,
    connection: str | None,
    base_url: str,
    limit: int | None,
) -> int:
    """Insert the intent to pull, and return the delivery's id."""
    add_to_counter(db, Via.PULL, 1)
    delivery = next_id(db, "delivery")
    url = replace_surrogates(base_url)
    db.execute(_INSERT_PULL, (delivery, owner, connection, url, began_at, limit))
    return db.last_insert_rowid()


def fail_pull(db: apsw.Connection, delivery: int, ended_at: int, problem: str) -> None:
    """Record that the request was never sent. Raises ArchiveError if the pull has ended."""
    require_asking(db, delivery)
    db.execute(
        "UPDATE delivery SET state = 'failed', ended_at = ?, problem = ? WHERE id = ?",
        (ended_at, replace_surrogates(problem), delivery),
    )


def received_answer(
    raw: bytes, parsed: ParsedAnswer, *, complete: bool, mask: Mask | None
) -> tuple[DecodingInput, AnswerBytes]:
    """Return what is decoded and what is kept of an answer, both without secrets."""
    kept = _kept_bytes(raw, parsed, mask)
    headers: Sequence[tuple[str, str]] = parsed.headers
    problem = parsed.problem
    if mask and (masked := _masked(kept.body, headers, mask)) is not None:
        kept = AnswerBytes(masked)
        headers = [pair for pair in headers if pair[0].lower() != "content-encoding"]
        problem = f"{problem} {_MASKED}".lstrip()
    problem = replace_surrogates(problem)
    return DecodingInput(Via.PULL, parsed.status, headers, kept.body, complete, problem), kept


def end_pull(
    db: apsw.Connection, delivery: int, ended_at: int, answer: DecodingInput, kept: AnswerBytes
) -> None:
    """Store the whole answer; the pull is "received" then.

    Raises ArchiveError if it has ended already.
    """
    require_asking(db, delivery)
    digest = store_answer(db, delivery, kept)
    headers = headers_text(answer.headers)
    db.execute(
        _END_PULL,
        (ended_at, answer.status, headers, answer.complete, answer.problem, digest, delivery),
    )
    if answer.status is not None and answer.accepted:
        db.execute(
            "UPDATE counter SET value = max(coalesce(value, 0), ?) WHERE name = 'last_pull_at'",
            (ended_at,),
        )


def is_received(db: apsw.Connection, delivery: int, owner: str) -> bool:
    """Return whether this owner has stored the answer, but not all of its messages."""
    return bool(
        fetch(
            db,
            "SELECT 1 FROM delivery WHERE id = ? AND state = 'received' AND owner = ?",
            (delivery, owner),
        )
    )


def require_asking(db: apsw.Connection, delivery: int) -> None:
    """Raise ArchiveError if the pull has ended."""
    if read_state(db, delivery) is not DeliveryState.ASKING:
        raise ArchiveError(
            f"Pull {delivery} was already finished, by this program or by another one that"
            " took this one for dead. The bytes that arrived are kept."
        )


def _kept_bytes(raw: bytes, parsed: ParsedAnswer, mask: Mask | None) -> AnswerBytes:
    """Return what is kept of an answer; only its body if more would contain a secret."""
    body = parsed.body
    if mask and (joined := mask(body)) != body:  # the framing divided a secret
        return AnswerBytes(joined)
    start = start_of(body, raw)
    if mask and start and mask(raw[:start]) != raw[:start]:
        return AnswerBytes(body)
    return AnswerBytes(body, raw if parsed.keeps_raw else None, start)


def _masked(body: bytes, headers: Sequence[tuple[str, str]], mask: Mask) -> bytes | None:
    """Return the decompressed body with its secrets masked; None unless both apply."""
    plain, _ = undo_content_encoding(body, headers)
    if plain is body or (masked := mask(plain)) == plain:
        return None
    return masked
