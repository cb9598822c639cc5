"""Rows of a team's archive as they are shipped, written by tests that only read them."""

import threading
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from ibconsole.team_archive import searched_text
from tests.postgres import Connection

AT = 1_750_000_000_000  # ms, in a month of which each test has the tables
_numbers = threading.Lock()


class ShippedMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a shipped delivery; it has a span of the body if no `body` is given."""

    message_id: str = "id"
    application_code: str = "app"
    sender: str = "+385991234567"
    keyword: str = "WIN"
    text: str = "text"
    received_at: int | None = 1_000
    flags: int = 0
    body: bytes | None = None

    @property
    def element(self) -> bytes:
        """The JSON in the body of the delivery."""
        names = ("message_id", "sender", "text")
        return msgspec.json.encode({name: getattr(self, name) for name in names})


class TeamRows:
    """Writes what one member of a team received, as a superuser."""

    def __init__(self, db: Connection, *, account: int = 1, label: str = "anna@desk") -> None:
        self.db = db
        self.account = account
        self.label = label
        self.archive = f"archive-{account}-{label}"
        self.source = self._insert(
            "source",
            {
                "account": account,
                "archive": self.archive,
                "label": label,
                "first_seen_at": 0,
                "last_seen_at": 0,
            },
        )
        self._count = 0
        db.execute("SELECT ibconsole.create_partitions(%(at)s, %(at)s)", {"at": AT})

    def ship(self, at: int, *messages: ShippedMessage, via: str = "forward", **values: Any) -> int:
        """Write a delivery with its messages in one transaction, and return its id.

        It arrived `at` milliseconds after AT.
        `values` are columns of the delivery, or `raw`; by default it is a whole, accepted one. The
        messages' JSON is its body.
        """
        with _numbers:
            self._count += 1
            number = self._count
        arrived_at = AT + at
        body = b"[" + b",".join(one.element for one in messages) + b"]"
        body = values.pop("body", body)
        raw = values.pop("raw", None)
        start = values.pop("body_start", None)
        delivery: dict[str, Any] = {
            "account": self.account,
            "source": self.source,
            "origin": f"{self.archive}:{number}",
            "via": via,
            "state": "decoded",
            "began_at": arrived_at,
            "ended_at": arrived_at,
            "status": 200,
            "complete": True,
            "message_count": len(messages),
            "body_size": len(body),
            "arrived_at": arrived_at,
            "shipped_at": arrived_at,
            **values,
        }
        with self.db.transaction():
            found = self._insert("delivery", delivery)
            content: dict[str, Any] = {
                "account": self.account,
                "delivery": found,
                "arrived_at": arrived_at,
            }
            content |= {"raw": raw, "body_start": start, "body": None if start else body}
            self._insert("content", content, returned="delivery")
            offset = 1
            for position, one in enumerate(messages):
                self._insert("message", self._message(one, delivery, found, (position, offset)))
                offset += len(one.element) + 1
            self.db.execute("SELECT pg_notify('ibconsole', %s)", [str(self.account)])
        return found

    def revise(self, delivery: int, *added: ShippedMessage) -> None:
        """Write a delivery and its messages again, with more messages, as a new decoding does."""
        with self.db.transaction():
            row = self.db.execute(
                "UPDATE ibconsole.delivery SET revised = true, revision = revision + 1,"
                " xid = pg_current_xact_id() WHERE id = %s RETURNING via, arrived_at,"
                " message_count",
                [delivery],
            ).fetchone()
            assert row
            self.db.execute(
                "UPDATE ibconsole.message SET xid = pg_current_xact_id() WHERE delivery = %s",
                [delivery],
            )
            common = {"account": self.account, "source": self.source, "via": row[0]}
            for position, one in enumerate(added, start=row[2]):
                values = self._message(
                    one, {**common, "arrived_at": row[1]}, delivery, (position, 0)
                )
                self._insert("message", values)
            self.db.execute("SELECT pg_notify('ibconsole', %s)", [str(self.account)])

    def messages_of(self, delivery: int) -> Sequence[int]:
        """Return the ids of a delivery's messages, in order."""
        rows = self.db.execute(
            "SELECT id FROM ibconsole.message WHERE delivery = %s ORDER BY position", [delivery]
        ).fetchall()
        return [one for (one,) in rows]

    def _message(
        self,
        one: ShippedMessage,
        delivery: Mapping[str, Any],
        number: int,
        place: tuple[int, int],
    ) -> Mapping[str, Any]:
        texts = (one.text, one.sender, one.keyword, one.message_id)
        has_span = one.body is None
        values: Mapping[str, Any] = {
            **{name: delivery[name] for name in ("account", "source", "via", "arrived_at")},
            "delivery": number,
            "position": place[0],
            **{name: getattr(one, name) for name in ("message_id", "application_code", "sender")},
            **{name: getattr(one, name) for name in ("keyword", "text", "received_at", "flags")},
            "searched": searched_text(*texts),
            "start": place[1] if has_span else None,
            "size": len(one.element) if has_span else None,
            "body": one.body,
        }
        return values

    def _insert(self, table: str, values: Mapping[str, Any], returned: str = "id") -> int:
        names, places = ", ".join(values), ", ".join(["%s"] * len(values))
        query = f"INSERT INTO ibconsole.{table} ({names}) VALUES ({places}) RETURNING {returned}"  # noqa: S608 names in this file
        row = self.db.execute(query.encode(), list(values.values())).fetchone()
        assert row
        return int(row[0])
