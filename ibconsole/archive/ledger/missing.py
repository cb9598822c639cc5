"""Missing messages: those that are stored, minus those that a URL has acknowledged.

Messages of one application with the same messageId are one message: the platform sends it again
with the same id. Those without an id are compared by the hash of their JSON. What the ledger has
about a message counts for the same URL only, and what it has about an edited copy does not count.

Reads in pages, each in a short transaction. Memory is bounded: hashes are kept in a temporary file.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import apsw
import msgspec

from ibconsole.archive import Filter, Reader, Via, fetch
from ibconsole.archive.ledger.jobs import NewItem
from ibconsole.archive.ledger.reader import damage_named

_PAGE = 1_000  # messages that are looked at in one transaction
_MOST_NAMES = 100  # URLs, and connections
_NO_TIME = 1 << 62
# What the ledger has about a message at this URL, the most final state first: 1 acknowledged,
# 2 decided by a user, 3 unknown, 4 in another job that is not over; 5 nothing that excludes it.
_STANDING = """
    SELECT min(CASE
        WHEN item.state = 'acknowledged' THEN 1
        WHEN item.decision = 'accept' THEN 2
        WHEN item.state IN ('unknown', 'sending') THEN 3
        WHEN item.state = 'waiting' AND job.state NOT IN ('cancelled', 'preparing') THEN 4
        ELSE 5 END)
    FROM redelivery_item AS item JOIN redelivery AS job ON job.id = item.job
    WHERE job.url = :url AND job.form <> 'edited' AND {same}
"""
_MESSAGES = f"""
    SELECT message.id, delivery, message_id, message.via, message.connection, arrived_at,
        coalesce(size, (SELECT length(body) FROM element WHERE message = message.id), 0),
        duplicate_of IS NOT NULL AND EXISTS (
            SELECT 1 FROM message AS earlier WHERE earlier.message_id = message.message_id
            AND earlier.application_code = message.application_code AND earlier.id < message.id
            AND earlier.arrived_at >= :since AND earlier.arrived_at < :until
            AND (:via IS NULL OR earlier.via = :via)),
        coalesce(iif(message_id = '',
            ({_STANDING.format(same="item.message = message.id")}),
            ({
    _STANDING.format(
        same="item.message_id = message.message_id"
        " AND item.application_code = message.application_code"
    )
})), 5)
    FROM json_each(:ids) JOIN message ON message.id = value ORDER BY message.id
"""  # noqa: S608 written above
_ELSEWHERE = """
    SELECT job.url, count(DISTINCT message.id) FROM json_each(:ids)
    JOIN message ON message.id = value
    JOIN redelivery_item AS item ON item.message_id = message.message_id
        AND item.application_code = message.application_code AND item.message_id <> ''
    JOIN redelivery AS job ON job.id = item.job
    WHERE item.state = 'acknowledged' AND job.url <> :url AND job.form <> 'edited'
    GROUP BY job.url
"""
_STORED = """
    SELECT value FROM json_each(:ids) WHERE EXISTS (
        SELECT 1 FROM message WHERE message_id = value AND application_code = :code)
"""
_ANCHORS = """
    SELECT json_extract(content, '$.message_sha256'), CASE
        WHEN item.state = 'acknowledged' THEN 1
        WHEN item.decision = 'accept' THEN 2
        WHEN item.state IN ('unknown', 'sending') THEN 3 ELSE 5 END
    FROM redelivery_item AS item JOIN redelivery AS job ON job.id = item.job
    JOIN ledger_entry AS entry ON entry.item = item.id AND entry.kind = 'anchor'
    WHERE item.message_id = '' AND item.application_code = :code AND job.url = :url
        AND job.form <> 'edited'
"""


class MissingCriteria(msgspec.Struct, frozen=True, kw_only=True):
    """The messages of an application that are to be at a URL: those that arrived in a period.

    `since` and `until` are milliseconds since the epoch, None for no limit; the end is not part of
    the period. `via` is how they came here, None for any way.
    """

    application: str
    url: str
    since: int | None = None
    until: int | None = None
    via: Via | None = None


class MissingCounts(msgspec.Struct):
    """The numbers of messages; it grows while pages are read.

    `stored` counts all that arrived in the period, `repeated` those of them that are a message that
    was counted before. The others are divided into `acknowledged` at the URL, `accepted` by a
    decision there, `unknown` there, `under_way` in another job, `excluded` because of what is known
    elsewhere, and `missing`. Of the missing ones, `pulled` came by a pull, `size` is that of their
    JSON in bytes, `first_at` and `last_at` are times of arrival, `connections` has the UUIDs of
    their connections, and `elsewhere` the numbers that other URLs have acknowledged.
    """

    stored: int = 0
    repeated: int = 0
    acknowledged: int = 0
    accepted: int = 0
    unknown: int = 0
    under_way: int = 0
    excluded: int = 0
    missing: int = 0
    pulled: int = 0
    size: int = 0
    first_at: int | None = None
    last_at: int | None = None
    connections: set[str] = msgspec.field(default_factory=set)
    elsewhere: Counter[str] = msgspec.field(default_factory=Counter)


_STANDINGS = {1: "acknowledged", 2: "accepted", 3: "unknown", 4: "under_way"}
_NOTHING, _EXCLUDED = 5, 6  # standings as well
_NAMES = {**_STANDINGS, _NOTHING: "missing", _EXCLUDED: "excluded"}

# Returns those of some messages, by their ids, that are not missing because of what this disk does
# not know.
Exclude = Callable[[Sequence[NewItem]], Collection[int]]


class _Found(msgspec.Struct, frozen=True, array_like=True):
    message: int
    delivery: int
    message_id: str
    via: str
    connection: str | None
    arrived_at: int
    size: int
    repeated: int
    standing: int


class MissingMessages(Reader):
    """Finds missing messages; see ReadOnlyConnection."""

    def missing(
        self,
        criteria: MissingCriteria,
        counts: MissingCounts,
        on_page: Callable[[int, int], object] | None = None,
        exclude: Exclude = lambda _: (),
    ) -> Iterator[Sequence[NewItem]]:
        """Yield the missing messages in pages, oldest first, and count all into `counts`.

        `on_page` is called with the numbers of messages looked at, and in total; `exclude` with the
        messages of a page that are missing as far as this disk knows, between transactions. An
        exception that one of them raises ends the search.
        """
        ids = self.find_ids(criteria)
        hashes = _Hashes()
        try:
            with damage_named(self._path):
                self.ask(_load_hashes, criteria, hashes)
            for start in range(0, len(ids), _PAGE):
                if on_page:
                    on_page(start, len(ids))
                page = ids[start : start + _PAGE]
                missing = self._missing(criteria, list(page), hashes, counts, exclude)
                self._count_elsewhere(criteria, missing, counts)
                yield missing
        finally:
            hashes.close()

    def find_ids(self, criteria: MissingCriteria) -> "Sequence[int]":
        """Return the ids of all stored messages of the period, eight bytes each."""
        return self.search(
            Filter(
                application=criteria.application,
                via=criteria.via,
                since=criteria.since,
                until=criteria.until,
            )
        ).ids

    def stored_ids(self, application: str, message_ids: Sequence[str]) -> Collection[str]:
        """Return those of these message ids that an application's messages have here."""
        values = {"ids": msgspec.json.encode(list(message_ids)).decode(), "code": application}
        return {one for (one,) in self.ask(fetch, _STORED, values)}

    def digests(self, messages: Sequence[int]) -> Mapping[int, bytes]:
        """Return the SHA-256 of the JSON of messages, by their ids; of those that are stored."""
        digests: dict[int, bytes] = {}
        left = sorted(messages)
        while left:
            found = self.elements(left)
            digests |= {one: sha256(body).digest() for one, body in found.items()}
            left = [one for one in left if one > max(found)] if found else []
        return digests

    def _missing(
        self,
        criteria: MissingCriteria,
        ids: Sequence[int],
        hashes: "_Hashes",
        counts: MissingCounts,
        exclude: Exclude,
    ) -> Sequence[NewItem]:
        rows = self.ask(_read_page, criteria, ids)
        unnamed = [row.message for row in rows if not row.message_id]
        digests = self.digests(unnamed) if unnamed else {}
        missing: dict[int, tuple[_Found, NewItem]] = {}
        for row in rows:
            standing, repeated = row.standing, bool(row.repeated)
            digest = digests.get(row.message, b"")
            if digest:
                known = hashes.add(digest)
                repeated = known == _Hashes.SEEN
                standing = min(standing, known)
            if repeated or standing in _STANDINGS:
                _count(counts, row, standing, repeated=repeated)
                continue
            item = NewItem(
                row.message, row.delivery, row.message_id, criteria.application, digest=digest
            )
            missing[row.message] = (row, item)
        excluded = set(exclude([item for _, item in missing.values()])) if missing else set()
        for row, _ in missing.values():
            _count(counts, row, _EXCLUDED if row.message in excluded else _NOTHING, repeated=False)
        return [item for row, item in missing.values() if row.message not in excluded]

    def _count_elsewhere(
        self, criteria: MissingCriteria, missing: Sequence[NewItem], counts: MissingCounts
    ) -> None:
        for url, number in self.ask(_read_elsewhere, criteria, [one.message for one in missing]):
            if url in counts.elsewhere or len(counts.elsewhere) < _MOST_NAMES:
                counts.elsewhere[url] += number


def _count(counts: MissingCounts, row: _Found, standing: int, *, repeated: bool) -> None:
    counts.stored += 1
    if repeated:
        counts.repeated += 1
        return
    name = _NAMES[standing]
    setattr(counts, name, getattr(counts, name) + 1)
    if name == "missing":
        counts.pulled += row.via == Via.PULL
        counts.size += row.size
        if row.connection and len(counts.connections) < _MOST_NAMES:
            counts.connections.add(row.connection)
        counts.first_at = min(counts.first_at or _NO_TIME, row.arrived_at)
        counts.last_at = max(counts.last_at or 0, row.arrived_at)


def _read_page(
    db: apsw.Connection, criteria: MissingCriteria, ids: Sequence[int]
) -> Sequence[_Found]:
    values = {
        "ids": msgspec.json.encode(ids).decode(),
        "url": criteria.url,
        "since": criteria.since if criteria.since is not None else -_NO_TIME,
        "until": criteria.until if criteria.until is not None else _NO_TIME,
        "via": criteria.via.value if criteria.via else None,
    }
    return [_Found(*row) for row in fetch(db, _MESSAGES, values)]


def _read_elsewhere(
    db: apsw.Connection, criteria: MissingCriteria, ids: Sequence[int]
) -> Sequence[tuple[str, int]]:
    values = {"ids": msgspec.json.encode(ids).decode(), "url": criteria.url}
    return fetch(db, _ELSEWHERE, values) if ids else ()


def _load_hashes(db: apsw.Connection, criteria: MissingCriteria, hashes: "_Hashes") -> None:
    """Add the hashes of messages without an id that the ledger has at this URL."""
    values = {"code": criteria.application, "url": criteria.url}
    for digest, standing in db.execute(_ANCHORS, values):
        hashes.add_known(digest, standing)


class _Hashes:
    """Hashes of messages in a temporary file, with what the ledger has about them."""

    SEEN = 0  # a message of the period that was counted before

    def __init__(self) -> None:
        self._db = apsw.Connection("")
        self._db.execute(
            "CREATE TABLE hash (digest BLOB PRIMARY KEY, standing INTEGER, seen INTEGER)"
            " WITHOUT ROWID"
        )
        self._db.execute("BEGIN")

    def add_known(self, digest: str, standing: int) -> None:
        """Add what the ledger has about a hash, as 64 hexadecimal digits."""
        self._db.execute(
            "INSERT INTO hash VALUES (?, ?, 0) ON CONFLICT (digest)"
            " DO UPDATE SET standing = min(standing, excluded.standing)",
            (bytes.fromhex(digest), standing),
        )

    def add(self, digest: bytes) -> int:
        """Add a hash; return SEEN, or what the ledger has about it."""
        found: list[tuple[Any, ...]] = fetch(
            self._db, "SELECT standing, seen FROM hash WHERE digest = ?", (digest,)
        )
        if found and found[0][1]:
            return self.SEEN
        self._db.execute(
            "INSERT INTO hash VALUES (?, 5, 1) ON CONFLICT (digest) DO UPDATE SET seen = 1",
            (digest,),
        )
        return int(found[0][0]) if found else _NOTHING

    def close(self) -> None:
        """Remove the temporary file."""
        self._db.close()


def find_missing(path: Path, criteria: MissingCriteria) -> MissingCounts:
    """Count the missing messages. Raises ArchiveError."""
    counts = MissingCounts()
    with MissingMessages(path) as reader:
        for _ in reader.missing(criteria, counts):
            pass
    return counts
