"""The outbox as those who ship use it: targets, the next rows, what arrived, what was refused.

Triggers note rows for every connection with a target, in the transaction that makes them ready.
What was stored before a connection got its target is noted afterwards, in spans, so that other
writers wait for none of them.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import apsw

from ibconsole.archive import WritableConnection, fetch, snapshot, translated
from ibconsole.archive.outbox.copies import ShipmentLimits, read_shipment
from ibconsole.archive.outbox.records import (
    Backlog,
    OutboxRow,
    SetAsideRow,
    Shipment,
    ShippedKind,
)
from ibconsole.clock import now_ms
from ibconsole.model import encode

_LIMITS = ShipmentLimits()
_SPAN = 2_000  # ids noted in one transaction: other writers wait for some milliseconds
_OWN = "connection IN (SELECT connection FROM team_target WHERE target = :target)"
# Of each kind the highest id of its table, and what is noted of a span of ids.
_NOTED: Mapping[ShippedKind, tuple[str, str]] = {
    ShippedKind.DELIVERY: (
        "SELECT max(id) FROM delivery",
        "SELECT id, coalesce(ended_at, began_at) FROM delivery WHERE connection = :connection"
        " AND state IN ('decoded', 'failed') AND id BETWEEN :first AND :last ORDER BY id",
    ),
    ShippedKind.AUDIT: (
        "SELECT max(id) FROM audit",
        "SELECT id, at FROM audit WHERE connection = :connection"
        " AND id BETWEEN :first AND :last ORDER BY id",
    ),
    ShippedKind.SETUP_POINT: (
        "SELECT max(id) FROM setup_point",
        "SELECT id, seen_from FROM setup_point WHERE connection = :connection"
        " AND id BETWEEN :first AND :last ORDER BY id",
    ),
    ShippedKind.SETUP_LIST: (
        "SELECT 0",
        "SELECT 0, read_at FROM setup_list WHERE connection = :connection"
        " AND 0 BETWEEN :first AND :last",
    ),
    ShippedKind.FORWARD_TEST: (
        "SELECT max(id) FROM forward_test",
        "SELECT id, at FROM forward_test_owner JOIN forward_test ON id = test"
        " WHERE connection = :connection AND id BETWEEN :first AND :last ORDER BY id",
    ),
    ShippedKind.LEDGER_ITEM: (
        "SELECT max(id) FROM redelivery_item",
        "SELECT item.id, changed_at FROM redelivery_item AS item"
        " JOIN redelivery ON redelivery.id = item.job WHERE connection = :connection"
        " AND entries > 0 AND item.id BETWEEN :first AND :last ORDER BY item.id",
    ),
}
# Counted instead of the deliveries, which are very many.
_OTHERS = ", ".join(f"'{kind}'" for kind in ShippedKind if kind is not ShippedKind.DELIVERY)


class Outbox(WritableConnection):
    """The outbox of one archive. Not thread-safe.

    A target is a text that identifies a team's archive and an account in it; the connections of
    one target are shipped together. Every method raises ArchiveError if the file cannot be used.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        # What a power failure undoes here is only done again, and is not worth a sync.
        with translated(path):
            fetch(self._db, "PRAGMA synchronous = NORMAL")

    def archive(self) -> str:
        """Return the UUID of the archive."""
        with translated(self._path, "read"):
            [(uuid,)] = fetch(self._db, "SELECT value FROM fact WHERE name = 'archive'")
        return str(uuid)

    def set_targets(self, targets: Mapping[str, str]) -> None:
        """Ship these connections to these targets from now on; others keep theirs.

        Of a connection without a target before, what is stored already is noted as well.
        """
        with translated(self._path, "read"):
            stored = dict(fetch(self._db, "SELECT connection, target FROM team_target"))
        changed = {key: value for key, value in targets.items() if stored.get(key) != value}
        if not changed:
            return
        with self._writing() as db:
            for connection, target in changed.items():
                db.execute(
                    "INSERT INTO team_target (connection, target) VALUES (?, ?)"
                    " ON CONFLICT (connection) DO UPDATE SET target = excluded.target",
                    (connection, target),
                )
                if connection not in stored:
                    _begin_refill(db, connection)

    def remove_targets(self, connections: Sequence[str]) -> int:
        """Ship nothing more of these connections; return how many waiting rows are given up.

        The rows themselves stay in the archive.
        """
        names = encode(list(connections)).decode()
        with translated(self._path, "read"):
            found = fetch(
                self._db,
                "SELECT connection FROM team_target JOIN json_each(?) ON value = connection",
                (names,),
            )
        if not found:
            return 0
        given_up = 0
        with self._writing() as db:
            for table in ("team_target", "team_refill", "team_set_aside", "team_outbox"):
                db.execute(
                    f"DELETE FROM {table} WHERE connection IN (SELECT value FROM json_each(?))",  # noqa: S608 names above
                    (names,),
                )
                given_up = db.changes()  # in the end those of the outbox
        return given_up

    def targets(self) -> dict[str, str]:
        """Return the target of each connection that has one."""
        with translated(self._path, "read"):
            return dict(fetch(self._db, "SELECT connection, target FROM team_target"))

    def confirm_team(self, target: str, team: str) -> bool:
        """Note everything stored again if the target turns out to be another team than before.

        `team` identifies the database behind the target, which may be a new one under an old
        address, or the old one under a new address. Returns whether anything is noted again.
        """
        with translated(self._path, "read"):
            others = fetch(
                self._db,
                "SELECT connection, team FROM team_target WHERE target = ? AND team <> ?",
                (target, team),
            )
        if not others:
            return False
        is_another = False
        with self._writing() as db:
            for connection, former in others:
                db.execute(
                    "UPDATE team_target SET team = ? WHERE connection = ?", (team, connection)
                )
                if former:
                    is_another = True
                    _begin_refill(db, connection)
        return is_another

    def refill(self, target: str) -> None:
        """Note everything stored again, as for a database that was restored from a backup."""
        with self._writing() as db:
            for (connection,) in fetch(
                db, "SELECT connection FROM team_target WHERE target = ?", (target,)
            ):
                _begin_refill(db, connection)

    def note_stored(self, target: str) -> bool:
        """Note the next of what was stored before; to be called until it returns False."""
        query = f"SELECT connection, kind, next, last FROM team_refill WHERE {_OWN} LIMIT 1"  # noqa: S608 names above
        with translated(self._path, "read"):
            if not fetch(self._db, query, {"target": target}):
                return False
        with self._writing() as db:
            for connection, kind, first, last in fetch(db, query, {"target": target}):
                end = min(last, first + _SPAN - 1)
                _note_span(db, connection, ShippedKind(kind), first, end)
                _continue_refill(db, connection, kind, end + 1)
        return True

    def read(self, target: str, limits: ShipmentLimits = _LIMITS) -> Shipment:
        """Read the next rows to be shipped, oldest first, with copies of what they name."""
        with translated(self._path, "read"), snapshot(self._db):
            return read_shipment(self._db, target, limits)

    def remove(self, rows: Sequence[OutboxRow]) -> None:
        """Remove rows that arrived, unless they changed since they were read."""
        if not rows:
            return
        with self._writing() as db:
            db.execute(
                "DELETE FROM team_outbox WHERE id IN (SELECT value FROM json_each(?))",
                (encode([row.id for row in rows]).decode(),),
            )

    def set_aside(self, rows: Sequence[OutboxRow], reason: str) -> None:
        """Let rows wait no longer that the team's archive refused, and keep the reason."""
        now = now_ms()
        with self._writing() as db:
            for row in rows:
                db.execute(
                    "INSERT OR REPLACE INTO team_set_aside VALUES (?, ?, ?, ?, ?, ?)",
                    (row.connection, row.kind, row.key, row.at, reason, now),
                )
                db.execute("DELETE FROM team_outbox WHERE id = ?", (row.id,))

    def set_aside_rows(self, limit: int) -> list[SetAsideRow]:
        """Return the rows that were refused, the latest first."""
        with translated(self._path, "read"):
            found = fetch(
                self._db,
                "SELECT connection, kind, key, at, reason, set_aside_at FROM team_set_aside"
                " ORDER BY set_aside_at DESC, kind, key LIMIT ?",
                (limit,),
            )
        return [SetAsideRow(*row) for row in found]

    def retry_set_aside(self, target: str) -> int:
        """Let the rows wait again that were refused; return their number."""
        with translated(self._path, "read"):
            [(count,)] = fetch(
                self._db,
                f"SELECT count(*) FROM team_set_aside WHERE {_OWN}",  # noqa: S608 names above
                {"target": target},
            )
        if count:
            with self._writing() as db:
                db.execute(
                    "INSERT OR IGNORE INTO team_outbox (connection, kind, key, at)"  # noqa: S608 names above
                    f" SELECT connection, kind, key, at FROM team_set_aside WHERE {_OWN}"
                    " ORDER BY at",
                    {"target": target},
                )
                db.execute(f"DELETE FROM team_set_aside WHERE {_OWN}", {"target": target})  # noqa: S608 names above
        return int(count)

    def backlog(self, target: str) -> Backlog:
        """Count what waits for a target."""
        with translated(self._path, "read"), snapshot(self._db):
            return read_backlog(self._db, target)

    def data_version(self) -> int:
        """Return a number that changes when another connection has written to the archive."""
        with translated(self._path, "read"):
            return int(self._db.pragma("data_version"))


def read_backlog(db: apsw.Connection, target: str) -> Backlog:
    """Count what waits for a target, inside a snapshot."""
    [row] = fetch(
        db,
        "SELECT (SELECT count(*) FROM team_outbox WHERE connection IN own),"
        " (SELECT count(*) FROM team_outbox INDEXED BY sqlite_autoindex_team_outbox_1"
        " WHERE kind IN others AND connection IN own),"
        " (SELECT at FROM team_outbox WHERE id = (SELECT min((SELECT min(id) FROM team_outbox"
        " WHERE team_outbox.connection = team_target.connection)) FROM team_target"
        " WHERE target = :target)),"
        " (SELECT count(*) FROM team_set_aside WHERE connection IN own),"
        " EXISTS (SELECT 1 FROM team_refill WHERE connection IN own)".replace(
            "own", "(SELECT connection FROM team_target WHERE target = :target)"
        ).replace("others", f"({_OTHERS})"),
        {"target": target},
    )
    rows, others, oldest_at, set_aside, is_counting = row
    return Backlog(rows, rows - others, oldest_at, set_aside, bool(is_counting))


def _begin_refill(db: apsw.Connection, connection: str) -> None:
    """Have everything noted that is stored now; what becomes ready later is noted by triggers."""
    for kind, (highest, _) in _NOTED.items():
        [(last,)] = fetch(db, highest)
        if last is not None:
            db.execute(
                "INSERT OR REPLACE INTO team_refill VALUES (?, ?, 0, ?)", (connection, kind, last)
            )


def _continue_refill(db: apsw.Connection, connection: str, kind: str, following: int) -> None:
    values = {"connection": connection, "kind": kind, "following": following}
    where = "WHERE connection = :connection AND kind = :kind"
    fetch(db, f"UPDATE team_refill SET next = :following {where}", values)  # noqa: S608 written above
    fetch(db, f"DELETE FROM team_refill {where} AND next > last", values)  # noqa: S608 written above


def _note_span(
    db: apsw.Connection, connection: str, kind: ShippedKind, first: int, last: int
) -> None:
    """Note what is stored in a span of ids; what waits already keeps its place."""
    _, stored = _NOTED[kind]
    db.execute(
        "INSERT OR IGNORE INTO team_outbox (connection, kind, key, at)"  # noqa: S608 names above
        f" SELECT :connection, :kind, * FROM ({stored})",
        {"connection": connection, "kind": kind.value, "first": first, "last": last},
    )
