"""The statements that write many rows of a source at once, and the columns that they take.

A row that is there already stays, or takes over what may change: whatever is shipped twice is
stored once. A collector may read neither messages nor contents: these are inserted for deliveries
that are new, and return nothing. What is shipped of others is in `revising`.
"""

from collections.abc import Callable, Iterable, Sequence
from operator import attrgetter
from typing import Generic, TypeAlias, TypeVar

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
T = TypeVar("T")

# An index takes up to 2,704 bytes. A longer identifier is whole in the message's JSON only.
_INDEXED_BYTES = 2_000


def indexed(text: str, limit: int = _INDEXED_BYTES) -> str:
    """Return a text as it fits into an index: whole, but for one of absurd length."""
    if len(text) <= limit // 4 or len(data := text.encode(errors="replace")) <= limit:
        return text
    return f"{data[:limit].decode(errors='ignore')}…"


def _identifiers(values: Iterable[str]) -> Texts:
    return Texts(map(indexed, values))


def _identifiers_of_pair(values: Iterable[str]) -> Texts:
    """Return a column whose index has another identifier as well."""
    return Texts(indexed(value, _INDEXED_BYTES // 2) for value in values)


class Statement(Generic[T]):
    """A statement about many rows; the values of a column are one parameter.

    Each of `kinds` has the kind of some columns, and their names in the order of the parameters,
    separated by spaces. A column has the name of its field in a row, or is `column=field`.
    """

    def __init__(self, sql: str, *kinds: tuple[Callable[..., Columns], str]) -> None:
        self.sql = sql
        self._readers = [
            (kind, attrgetter(name.rpartition("=")[2]))
            for kind, names in kinds
            for name in names.split()
        ]

    def columns(self, rows: Sequence[T], *first: Columns) -> list[Columns]:
        """Return the parameters for these rows, after those that are no fields of a row."""
        return [*first, *(kind(map(read, rows)) for kind, read in self._readers)]


class Insertion(Statement[T]):
    """The insertion of many rows into a table.

    `own` are the columns that all rows share, `first` those that are no fields of a row. `ending`
    says what becomes of a row that is there already.
    """

    def __init__(
        self,
        table: str,
        *kinds: tuple[Callable[..., Columns], str],
        own: str = "source account",
        first: str = "",
        ending: str = "",
    ) -> None:
        shared = own.split()
        names = [*first.split(), *(name for _, names in kinds for name in names.split())]
        columns = ", ".join([*shared, *(name.partition("=")[0] for name in names)])
        super().__init__(
            f"INSERT INTO ibconsole.{table} ({columns})"  # noqa: S608 names below
            f" SELECT {'%s, ' * len(shared)}* FROM unnest({', '.join(['%s'] * len(names))})"
            f" {ending}",
            *kinds,
        )


DELIVERIES = Insertion[DeliveryCopy](
    "delivery",
    (Integers, "arrived_at"),
    (Texts, "origin via state base_url"),
    (Integers, "began_at ended_at limit_asked"),
    (Texts, "method target peer"),
    (Integers, "status"),
    (Texts, "headers sha256"),
    (Booleans, "complete"),
    (Texts, "problem"),
    (Booleans, "interrupted"),
    (Integers, "message_count announced pending"),
    (Booleans, "salvaged"),
    (Texts, "decoding_problem"),
    (Integers, "body_size"),
    (Texts, "answer"),
    (Integers, "epoch revision"),
    own="account source",
    ending="ON CONFLICT (account, origin, arrived_at) DO NOTHING RETURNING id, origin, arrived_at",
)
CONTENTS = Insertion[DeliveryCopy](
    "content",
    (Integers, "arrived_at body_start"),
    (Bytes, "raw body"),
    own="account",
    first="delivery",  # its id in the team's archive
    ending="ON CONFLICT DO NOTHING",
)
MESSAGES = Insertion[MessageCopy](
    "message",
    (Integers, "position"),
    (_identifiers, "message_id application_code"),
    (Texts, "sender keyword text"),
    (Integers, "received_at flags start size"),
    (Bytes, "body"),
    own="account source",
    first="delivery arrived_at via searched",
)
ANSWERS = Statement[AnswerCopy](
    "UPDATE ibconsole.delivery SET answer = one.answer"
    " FROM unnest(%s, %s, %s) AS one (origin, arrived_at, answer)"
    " WHERE delivery.account = %s AND delivery.origin = one.origin"
    " AND delivery.arrived_at = one.arrived_at",
    (Texts, "origin"),
    (Integers, "arrived_at"),
    (Texts, "answer"),
)
AUDIT = Insertion[AuditCopy](
    "audit",
    (Integers, "number=key intent at"),
    (Texts, "application content hash"),
    ending="ON CONFLICT (source, number) DO NOTHING",
)
OBJECTS = Insertion[PointCopy](
    "setup_object",
    own="account",
    first="hash content",
    ending="ON CONFLICT (account, hash) DO NOTHING",
)
POINTS = Insertion[PointCopy](
    "setup_point",
    (Integers, "number=key"),
    (_identifiers, "application"),
    (Texts, "part"),
    (Integers, "seen_from seen_until checked_at"),
    (Bytes, "object=hash"),
    ending="ON CONFLICT (source, number) DO UPDATE"
    " SET seen_until = excluded.seen_until, checked_at = excluded.checked_at",
)
LISTS = Statement[ListCopy](
    "INSERT INTO ibconsole.setup_list (source, account, read_at)"
    " SELECT %s, %s, max(one) FROM unnest(%s) AS one"
    " ON CONFLICT (source, account) DO UPDATE SET read_at = excluded.read_at",
    (Integers, "read_at"),
)
TESTS = Insertion[ForwardTestCopy](
    "forward_test",
    (Integers, "number=key at"),
    (_identifiers, "url"),
    (Integers, "status"),
    (Bytes, "payload answer"),
    (Texts, "facts"),
    ending="ON CONFLICT (source, number) DO UPDATE SET status = excluded.status,"
    " payload = excluded.payload, answer = excluded.answer, facts = excluded.facts",
)
ITEMS = Insertion[LedgerItemCopy](
    "ledger_item",
    (Integers, "number=key job"),
    (Texts, "kind url"),
    (_identifiers_of_pair, "message_id application_code"),
    (Texts, "state"),
    (Integers, "attempts changed_at status"),
    (Texts, "hash"),
    ending="ON CONFLICT (source, number) DO UPDATE SET state = excluded.state,"
    " attempts = excluded.attempts, changed_at = excluded.changed_at, status = excluded.status,"
    " hash = excluded.hash",
)
ENTRIES = Insertion[LedgerEntryCopy](
    "ledger_entry",
    (Integers, "item number at"),
    (Texts, "kind content hash"),
    ending="ON CONFLICT (source, item, number) DO NOTHING",
)


def message_columns(
    rows: Sequence[MessageCopy], places: Sequence[tuple[int, int, str]]
) -> list[Columns]:
    """Return the columns of MESSAGES.

    `places` has of each row the id of its delivery in the team's archive, its arrival and its way.
    """
    return MESSAGES.columns(
        rows,
        Integers(place[0] for place in places),
        Integers(place[1] for place in places),
        Texts(place[2] for place in places),
        Texts(searched_text(row.text, row.sender, row.keyword, row.message_id) for row in rows),
    )


def object_columns(rows: Sequence[PointCopy]) -> list[Columns]:
    """Return the columns of OBJECTS: the different states of these points."""
    contents = {row.hash: row.content for row in rows if row.hash is not None}
    return OBJECTS.columns((), Bytes(contents), Bytes(contents.values()))
