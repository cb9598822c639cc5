"""Deliveries for the tests: made up, stored, and tampered with."""

from ibconsole.archive.archive import Archive
from ibconsole.archive.bodies import read_body
from ibconsole.archive.connection import fetch, transaction
from ibconsole.archive.records import DecodingResult, Progress
from ibconsole.archive.rows import read_values
from ibconsole.model.message import Arrival
from ibconsole.model.reading import encode


def batch(*messages: object, pending: int = 0) -> bytes:
    """Return the envelope that the platform would send with these messages."""
    return encode(
        {
            "results": list(messages),
            "messageCount": len(messages),
            "pendingMessageCount": pending,
        }
    )


BODY = batch({"messageId": "1", "text": "eins"}, {"messageId": "2", "text": "zwei \U0001f642"})


def arrival(body: bytes, *, arrived_at: int = 1_000, status: int = 200, **other: str) -> Arrival:
    """Return a forwarded request with this body."""
    return Arrival(
        connection=None,
        arrived_at=arrived_at,
        method=other.get("method", "POST"),
        target="/inbound",
        headers=(("Content-Type", "application/json"),),
        body=body,
        raw=b"POST /inbound HTTP/1.1\r\n\r\n" + body,
        peer="127.0.0.1",
        status=status,
        problem=other.get("problem", ""),
    )


def pull(
    archive: Archive,
    body: bytes,
    *,
    connection: str = "c",
    status: int = 200,
    complete: bool = True,
) -> DecodingResult:
    """Store the answer to a pull; a gzip body is declared as such."""
    delivery = archive.begin_pull(connection=connection, base_url="https://x.example", limit=50)
    archive.append_answer(delivery, body)
    headers = [("Content-Encoding", "gzip")] if body.startswith(b"\x1f\x8b") else []
    return archive.finish_pull(
        delivery, status=status, headers=headers, complete=complete, problem=""
    )


def forward(archive: Archive, *messages: dict[str, object], arrived_at: int = 1_000) -> None:
    """Store messages that were forwarded together."""
    archive.decode(archive.add_forwards([arrival(batch(*messages), arrived_at=arrived_at)]))


def received(second: int | None) -> dict[str, object]:
    """Return a message that the platform received at this second; None for no time."""
    if second is None:
        return {"text": "needle"}
    return {"text": "needle", "receivedAt": f"2026-01-01T00:00:0{second}.000+0000"}


def tamper(archive: Archive, script: str, *values: object) -> None:
    """Change stored data without the archive's checks, as a fault or an older program may."""
    archive._db.execute("PRAGMA foreign_keys = OFF").fetchall()
    archive._db.execute(script, values).fetchall()


def copy_bytes(archive: Archive) -> None:
    """Store each body and message in a copy of its own, as version 3 of the tables has them."""
    db = archive._db
    with transaction(db):
        copies = [(one.id, one.body) for one in read_values(db, "TRUE", {}, 1 << 30)]
        for (delivery,) in fetch(db, "SELECT delivery FROM content"):
            body = read_body(db, delivery)
            db.execute("UPDATE content SET body = ? WHERE delivery = ?", (body, delivery))
            db.execute("DELETE FROM chunk WHERE delivery = ?", (delivery,))
        db.execute("UPDATE delivery SET body_start = NULL")
        db.executemany("INSERT OR REPLACE INTO element VALUES (?, ?)", copies)


def check_progress(progress: Progress) -> None:
    """Be a progress callback that accepts only progress within the total."""
    assert progress.done <= progress.total
