"""Rows of `delivery_answer`, one for each forward that a rule answered.

`delivery.status` stays what the listener says of the request itself (200: stored for a path of
its own), so that whatever judges the listener or the sender is not misled by an answer on purpose;
the status that was sent is here. The columns about what was sent are empty until it is known.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import apsw
import msgspec

from ibconsole.archive import fetch, replace_surrogates
from ibconsole.model import (
    AnswerEnd,
    AnswerOutcome,
    GivenAnswer,
    PlannedAnswer,
    SentAnswer,
    encode,
)

BODY_KEPT = 16 * 1024  # bytes of a body: most answers are the same, to very many requests
_PLANNED = (
    "delivery, scenario, rule, status, headers, body, size, delay, ending, seconds, declared_length"
)
_SENT = "outcome, sent_size, sent_seconds, ended_at"
_decode_headers = msgspec.json.Decoder(tuple[tuple[str, str], ...]).decode


def add_planned(db: apsw.Connection, planned: Iterable[tuple[int, PlannedAnswer]]) -> None:
    """Insert the planned answers of new deliveries, inside their transaction.

    Of a body the first BODY_KEPT bytes are stored.
    """
    db.executemany(
        f"INSERT INTO delivery_answer ({_PLANNED}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 names above
        [(delivery, *_columns(answer)) for delivery, answer in planned],
    )


def add_given(db: apsw.Connection, delivery: int, answer: GivenAnswer) -> None:
    """Insert an imported answer, inside the transaction of its delivery."""
    add_planned(db, [(delivery, answer.planned)])
    if answer.sent:
        set_sent(db, [(delivery, answer.sent)])


def set_sent(db: apsw.Connection, sent: Sequence[tuple[int, SentAnswer]]) -> None:
    """Store what was sent of planned answers; those of deleted deliveries are left out."""
    db.executemany(
        "UPDATE delivery_answer SET outcome = ?, sent_size = ?, sent_seconds = ?, ended_at = ?"
        " WHERE delivery = ?",
        [(one.outcome, one.size, one.seconds, one.ended_at, delivery) for delivery, one in sent],
    )


def delete_given(db: apsw.Connection, delivery: int) -> None:
    """Delete the answer of a delivery, if there is one."""
    db.execute("DELETE FROM delivery_answer WHERE delivery = ?", (delivery,))


def read_given(db: apsw.Connection, deliveries: Sequence[int]) -> dict[int, GivenAnswer]:
    """Read the answers of these deliveries; those without one are left out."""
    rows = fetch(
        db,
        f"SELECT {_PLANNED}, {_SENT} FROM json_each(?) AS wanted"  # noqa: S608 names above
        " JOIN delivery_answer ON delivery = wanted.value",
        (encode(list(deliveries)).decode(),),
    )
    return {row[0]: _given(*row[1:]) for row in rows}


def _columns(answer: PlannedAnswer) -> tuple[Any, ...]:
    headers = [
        (replace_surrogates(name), replace_surrogates(value)) for name, value in answer.headers
    ]
    return (
        replace_surrogates(answer.scenario),
        replace_surrogates(answer.rule),
        answer.status,
        encode(headers).decode(),
        answer.body[:BODY_KEPT],
        max(answer.size, len(answer.body)),
        float(answer.delay),
        answer.end,
        float(answer.seconds),
        answer.declared_length,
    )


def _given(*values: Any) -> GivenAnswer:
    scenario, rule, status, headers, body, size, delay, end, seconds, length, *sent = values
    return GivenAnswer(
        PlannedAnswer(
            scenario,
            rule,
            status,
            _decode_headers(headers),
            body,
            size,
            delay,
            AnswerEnd(end),
            seconds,
            length,
        ),
        None if sent[0] is None else SentAnswer(AnswerOutcome(sent[0]), *sent[1:]),
    )
