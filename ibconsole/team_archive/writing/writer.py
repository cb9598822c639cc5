"""Shipments written into a team's archive: each whole or not at all, each row once.

A row that the database refuses for good is found by dividing its shipment, and is returned with
the reason: the others are stored, and no row holds up those behind it. So is one that is too large
to be written in the time that a statement may take.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeVar

from ibconsole.archive.outbox import DeliveryCopy, MessageCopy, OutboxRow, Shipment, part_of
from ibconsole.team_archive import RowRefused, TeamSession, TeamUnavailable, is_timeout, translated
from ibconsole.team_archive.tables import END_OF_MONTHS, FIRST_MONTH
from ibconsole.team_archive.writing import revising, statements
from ibconsole.team_archive.writing.arrays import Integers, register_columns
from ibconsole.team_archive.writing.statements import Columns, Statement

CHANNEL = "ibconsole"
_SLICE = 5_000  # messages in one statement, which has a time limit
_SLICE_TEXT = 2 << 20  # characters of their texts: some 25 MB took 30 s to be indexed
_HEAVY = 1_000  # messages, or some KiB of texts, for which a database that is well may need long
_DAY_MS = 86_400_000
_MOST_DAYS = 31 * 35  # the months of which are created in one call
_NO_MONTH = (
    "It arrived before 1970 or after 2099 by the clock of its computer, which was wrong: a team's"
    " archive has no month for it. It stays on this disk."
)
T = TypeVar("T")


class RefusedRow(NamedTuple):
    """A row that the database refuses for good, and its reason."""

    row: OutboxRow
    reason: str


class TeamWriter:
    """Writes shipments of one source over a session. Not thread-safe.

    `on_answer` is called whenever the database has answered in the middle of a large shipment.
    """

    def __init__(
        self, session: TeamSession, source: int, on_answer: Callable[[], object] = int
    ) -> None:
        self._session = session
        self._on_answer = on_answer
        self._db = session.db
        self._source = source
        self._days: set[int] = set()  # of which the months are there
        register_columns(session.db)

    def write(self, shipment: Shipment) -> list[RefusedRow]:
        """Commit a shipment, what is there already being left as it is; return what was refused.

        Listeners are notified in the same transaction. Raises a TeamArchiveError if the database
        cannot be used: of what was not committed nothing is there.
        """
        if not shipment.rows:
            return []
        if refused := _without_month(shipment):
            others = [one for one in shipment.rows if one not in refused]
            return [
                *(RefusedRow(one, _NO_MONTH) for one in refused),
                *self.write(part_of(shipment, others)),
            ]
        try:
            self._create_months(shipment)
            with translated(self._session.address):
                self._write(shipment)
        except RowRefused as error:
            self._days.clear()  # a month may have been dropped
            return self._divide(shipment, str(error))
        except TeamUnavailable as error:
            if not (is_timeout(error) and _is_heavy(shipment)):
                raise
            return self._divide(
                shipment, f"The team's archive takes too long to store it ({error.__cause__})."
            )
        return []

    def _divide(self, shipment: Shipment, reason: str) -> list[RefusedRow]:
        self._on_answer()
        rows = shipment.rows
        if len(rows) == 1:
            return [RefusedRow(rows[0], reason)]
        middle = len(rows) // 2
        parts = (part_of(shipment, half) for half in (rows[:middle], rows[middle:]))
        return [refused for part in parts for refused in self.write(part)]

    def _create_months(self, shipment: Shipment) -> None:
        """Create the months of these deliveries that are missing, all at once if they are near."""
        days = {one.arrived_at // _DAY_MS for one in shipment.deliveries} - self._days
        if not days:
            return
        first, last = min(days), max(days)
        spans = [(first, last)] if last - first < _MOST_DAYS else [(day, day) for day in days]
        with translated(self._session.address):
            for begin, end in spans:
                self._db.execute(
                    "SELECT ibconsole.create_partitions(%s::bigint, %s::bigint)",
                    (begin * _DAY_MS, end * _DAY_MS),
                )
        self._days |= days

    def _write(self, shipment: Shipment) -> None:
        # In a pipeline, so that a distant server is waited for twice, not for every statement.
        with self._db.pipeline(), self._db.transaction():
            if shipment.deliveries:
                self._write_deliveries(shipment)
            self._write_others(shipment)
            self._db.execute(
                "SELECT pg_notify(%s, %s)", (CHANNEL, str(self._session.account)), prepare=True
            )

    def _write_deliveries(self, shipment: Shipment) -> None:
        account, source = self._session.account, self._source
        # In one order for all sources, so that two with the same imports do not block each other.
        rows = sorted(shipment.deliveries, key=lambda one: (one.arrived_at, one.origin))
        cursor = self._execute(
            statements.DELIVERIES, (account, source), statements.DELIVERIES.columns(rows)
        )
        ids = {(origin, at): number for number, origin, at in cursor.fetchall()}
        new = {one.key: ids[key] for one in rows if (key := _identity(one)) in ids}
        self._write_contents([(one, new[one.key]) for one in rows if one.key in new])
        places = {
            one.key: (new[one.key], one.arrived_at, one.via) for one in rows if one.key in new
        }
        for part in self._parts([one for one in shipment.messages if one.delivery in places]):
            self._execute(
                statements.MESSAGES,
                (account, source),
                statements.message_columns(part, [places[one.delivery] for one in part]),
            )
        if known := [one for one in rows if one.key not in new]:
            self._revise(known, shipment.messages)

    def _revise(self, rows: Sequence[DeliveryCopy], messages: Sequence[MessageCopy]) -> None:
        """Bring deliveries up to date that are there already, where they lack something."""
        own = (self._session.account, self._source)
        cursor = self._db.execute(
            revising.FIND_STORED, (*revising.stored_columns(rows), own[0]), prepare=True
        )
        outdated = revising.find_outdated(rows, cursor.fetchall(), self._source)
        if not outdated:
            return
        self._write_contents([(one.shipped, one.id) for one in outdated])
        keys = {one.shipped.key for one in outdated}
        for part in self._parts([one for one in messages if one.delivery in keys]):
            columns = revising.revised_message_columns(outdated, part)
            self._db.execute(revising.REVISE_MESSAGES, (*own, *columns), prepare=True)
        columns = revising.revised_delivery_columns(outdated)
        self._db.execute(revising.REVISE_DELIVERIES, (*own, *columns), prepare=True)

    def _write_contents(self, rows: Sequence[tuple[DeliveryCopy, int]]) -> None:
        """Insert the bytes of deliveries, given with their ids, that are not there yet."""
        stored = [(one, number) for one, number in rows if (one.raw, one.body) != (None, None)]
        if stored:
            deliveries = [one for one, _ in stored]
            columns = statements.CONTENTS.columns(
                deliveries, Integers(number for _, number in stored)
            )
            self._execute(statements.CONTENTS, (self._session.account,), columns)

    def _parts(self, messages: Sequence[MessageCopy]) -> Iterator[Sequence[MessageCopy]]:
        """Yield messages for one statement each, the next once the part before is stored."""
        for number, part in enumerate(_slices(messages)):
            if number:
                self._db.execute("SELECT 1").fetchone()
                self._on_answer()
            yield part

    def _write_others(self, shipment: Shipment) -> None:
        account, source = self._session.account, self._source
        own = (source, account)
        if shipment.answers:
            columns = statements.ANSWERS.columns(shipment.answers)
            self._db.execute(statements.ANSWERS.sql, (*columns, account))
        self._insert(statements.AUDIT, own, shipment.audit)
        if shipment.points:
            objects = statements.object_columns(shipment.points)
            self._execute(statements.OBJECTS, (account,), objects)
        self._insert(statements.POINTS, own, shipment.points)
        self._insert(statements.LISTS, own, shipment.lists)
        self._insert(statements.TESTS, own, shipment.tests)
        self._insert(statements.ITEMS, own, shipment.items)
        entries = [entry for item in shipment.items for entry in item.entries]
        self._insert(statements.ENTRIES, own, entries)

    def _insert(self, statement: Statement[T], own: Sequence[int], rows: Sequence[T]) -> None:
        if rows:
            self._execute(statement, own, statement.columns(rows))

    def _execute(self, statement: Statement[T], own: Sequence[int], columns: list[Columns]) -> Any:
        """Run a statement, whose first values are the source's own; return its cursor."""
        return self._db.execute(statement.sql, (*own, *columns), prepare=True)


def _identity(delivery: DeliveryCopy) -> tuple[str, int]:
    return delivery.origin, delivery.arrived_at


def _without_month(shipment: Shipment) -> list[OutboxRow]:
    """Return the rows of deliveries that arrived, by a wrong clock, at an impossible time."""
    keys = {
        one.key for one in shipment.deliveries if not FIRST_MONTH <= one.arrived_at < END_OF_MONTHS
    }
    return [one for one in shipment.rows if one.kind == "delivery" and one.key in keys]


def _slices(messages: Sequence[MessageCopy]) -> Iterator[Sequence[MessageCopy]]:
    start = size = 0
    for place, one in enumerate(messages):
        if place - start == _SLICE or (size and size + len(one.text) > _SLICE_TEXT):
            yield messages[start:place]
            start, size = place, 0
        size += len(one.text)
    if start < len(messages):
        yield messages[start:]


def _is_heavy(shipment: Shipment) -> bool:
    """Return whether storing it may take long, although the database is as fast as ever."""
    size = sum(len(one.text) + len(one.body or b"") for one in shipment.messages)
    size += sum(one.body_size for one in shipment.deliveries)
    return len(shipment.messages) > _HEAVY or size > _HEAVY << 10
