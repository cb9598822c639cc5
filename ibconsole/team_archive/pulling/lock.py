"""The lock of an account's pulls, and its epochs.

Each acquisition begins an epoch. The holder notes the start of each pull in the statement that
verifies the lock, directly before the request, and its end afterwards: if the lock was lost in
between, the next epoch says that a pull may overlap with it. Times are those of the server.
"""

from contextlib import suppress
from typing import Any, Protocol

import msgspec

from ibconsole.team_archive import TeamAddress, TeamArchiveError, TeamConnection, translated

# Seconds of silence after which the server ends the holder's session: a process that is stopped,
# or a computer that is gone, loses the lock then. The holder has to call `keep` more often.
SILENCE = 5
_LOCK = 4846
_SEEN_EVERY = 10_000  # milliseconds
NOW = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint"
_HELD = f"""EXISTS (
    SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = {_LOCK}
    AND objid = %(account)s::oid AND objsubid = 2 AND granted AND pid = pg_backend_pid()
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)"""  # noqa: S608 a number
_SETTINGS = """
    SET idle_session_timeout = {silence};
    SET idle_in_transaction_session_timeout = {silence};
    SET statement_timeout = 3000;
    SET lock_timeout = 2500;
    SET tcp_keepalives_idle = 2;
    SET tcp_keepalives_interval = 1;
    SET tcp_keepalives_count = 3;
    SET tcp_user_timeout = {silence};
"""
# The lock excludes a second insertion; the primary key does so again.
_BEGIN = f"""
    INSERT INTO ibconsole.pull_epoch
        (account, epoch, source, holder, is_collector, pid, began_at, seen_at, overlap)
    SELECT %(account)s, coalesce(max(epoch), 0) + 1, %(source)s, %(holder)s, %(is_collector)s,
        pg_backend_pid(), {NOW}, {NOW}, coalesce((
            SELECT format('A pull of epoch %%s was in progress since %%s when it lost the lock; it'
                ' may overlap with this epoch.', epoch,
                to_char(to_timestamp(pulling_since / 1000.0) AT TIME ZONE 'UTC',
                    'YYYY-MM-DD HH24:MI:SS "UTC"'))
            FROM ibconsole.pull_epoch WHERE account = %(account)s AND ended_at IS NULL
            AND pulling_since IS NOT NULL ORDER BY epoch DESC LIMIT 1
        ), '')
    FROM ibconsole.pull_epoch WHERE account = %(account)s
    RETURNING epoch, overlap
"""  # noqa: S608 the clock
_END_OTHERS = f"""
    UPDATE ibconsole.pull_epoch SET ended_at = {NOW}, overlap = CASE
        WHEN pulling_since IS NULL THEN overlap
        ELSE 'It lost the lock during a pull; the next epoch began before its end was noted.' END
    WHERE account = %(account)s AND epoch < %(epoch)s AND ended_at IS NULL
"""  # noqa: S608 the clock
# What the former holder took and did not finish is never taken again.
_LEAVE_REQUESTS = f"""
    UPDATE ibconsole.pull_request SET state = 'unknown', ended_at = {NOW}
    WHERE account = %(account)s AND state = 'taken' AND epoch < %(epoch)s
"""  # noqa: S608 the clock
_VERIFY = f"""
    UPDATE ibconsole.pull_epoch SET seen_at = {NOW}, pulling_since = {NOW}
    WHERE account = %(account)s AND epoch = %(epoch)s AND ended_at IS NULL
    AND pid = pg_backend_pid() AND {_HELD} RETURNING epoch
"""  # noqa: S608 the clock
_KEEP = f"""
    SELECT {_HELD} AND NOT pg_is_in_recovery(), seen_at < {NOW} - {_SEEN_EVERY}, EXISTS (
        SELECT FROM ibconsole.pull_request WHERE account = %(account)s AND state = 'waiting'
    ) FROM ibconsole.pull_epoch
    WHERE account = %(account)s AND epoch = %(epoch)s AND ended_at IS NULL
"""  # noqa: S608 the clock
_SEEN = f"UPDATE ibconsole.pull_epoch SET seen_at = {NOW}"  # noqa: S608 the clock
_THIS = " WHERE account = %(account)s AND epoch = %(epoch)s"
_END_PULL = f"UPDATE ibconsole.pull_epoch SET pulling_since = NULL, seen_at = {NOW}{_THIS}"  # noqa: S608
_END = f"UPDATE ibconsole.pull_epoch SET ended_at = {NOW}, seen_at = {NOW}{_THIS}"  # noqa: S608
# Whether the session of an epoch's row holds the lock.
HOLDS = f"""pull_epoch.ended_at IS NULL AND pull_epoch.pid IN (
    SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = {_LOCK}
    AND objid = pull_epoch.account::oid AND objsubid = 2 AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
)"""  # noqa: S608 a number
_HOLDER = f"""
    SELECT epoch, coalesce(source.label, ''), holder, pull_epoch.is_collector, began_at,
        pulling_since, pull_epoch.source
    FROM ibconsole.pull_epoch LEFT JOIN ibconsole.source ON source.id = pull_epoch.source
    WHERE pull_epoch.account = %(account)s AND {HOLDS} ORDER BY epoch DESC LIMIT 1
"""  # noqa: S608 a number


class PullLockLost(TeamArchiveError):
    """The lock of the pulls is not held any more; another of the team may hold it."""


class AccountSession(Protocol):
    """The part of a session that pulling needs; `account` is the id of an account."""

    @property
    def db(self) -> TeamConnection: ...
    @property
    def account(self) -> int: ...
    @property
    def address(self) -> TeamAddress: ...


class PullHolder(msgspec.Struct, frozen=True):
    """The holder of the lock: `label` is the name of its archive, `process` says more.

    `since` is the start of its epoch and `pulling_since` that of a pull in progress, in
    milliseconds since the epoch. `source` is the id of its archive in the team's.
    """

    epoch: int
    label: str
    process: str
    is_collector: bool
    since: int
    pulling_since: int | None = None
    source: int = 0

    @property
    def name(self) -> str:
        """The holder as users recognize it."""
        kind = "the collector " if self.is_collector else ""
        return f"{kind}{self.label or self.process}"


class PullLock:
    """The lock of the pulls of one account, on a session that is used for nothing else.

    `source` is the id of this archive in the team's, `process` says who holds it, and `silence` is
    the number of seconds after which the server ends the session. One thread uses it at a time.
    """

    def __init__(
        self,
        session: AccountSession,
        source: int,
        process: str,
        *,
        is_collector: bool = False,
        silence: float = SILENCE,
    ) -> None:
        self._session = session
        self.source = source
        self._values: dict[str, Any] = {
            "account": session.account,
            "source": source,
            "holder": process.replace("\0", "\N{REPLACEMENT CHARACTER}"),
            "is_collector": is_collector,
        }
        self.epoch: int | None = None
        self.overlap = ""
        self.has_requests = False
        with translated(session.address):
            session.db.execute(_SETTINGS.format(silence=round(1000 * silence)))

    def belongs_to(self, session: AccountSession) -> bool:
        """Return whether this is the lock's session."""
        return self._session is session

    def acquire(self) -> bool:
        """Acquire the lock without waiting, and begin an epoch; return false if it is held.

        `overlap` says if a pull of the epoch before may still be in progress. Raises a
        TeamArchiveError; the lock is not held then.
        """
        with translated(self._session.address):
            if not self._fetch("SELECT pg_try_advisory_lock(%(lock)s, %(account)s)")[0]:
                return False
            try:
                self._begin()
            except Exception:
                with suppress(Exception):  # a session that is broken holds nothing
                    self._fetch("SELECT pg_advisory_unlock(%(lock)s, %(account)s)")
                raise
        return True

    def begin_pull(self) -> None:
        """Verify, directly before a request, that the lock is held, and note the pull's start.

        Raises PullLockLost, or TeamUnavailable where that cannot be known.
        """
        with translated(self._session.address):
            if not self._db.execute(_VERIFY, self._values).fetchall():
                self._lose()

    def end_pull(self, epoch: int) -> None:
        """Note that the pull of this epoch has ended, no matter how."""
        with translated(self._session.address):
            self._db.execute(_END_PULL, {**self._values, "epoch": epoch})

    def keep(self) -> None:
        """Let the server know that the holder is alive; to be called at least each second.

        `has_requests` is true afterwards if pulls are asked for. Raises as `begin_pull` does.
        """
        with translated(self._session.address):
            row = self._fetch(_KEEP)
            if not row or not row[0]:
                self._lose()
            self.has_requests = row[2]
            if row[1]:
                self._db.execute(_SEEN + _THIS, self._values)

    def release(self) -> None:
        """End the epoch and return the lock; does nothing if it is not held."""
        if self.epoch is None:
            return
        with translated(self._session.address):
            self._db.execute(_END, self._values)
            self.epoch = None
            self._fetch("SELECT pg_advisory_unlock(%(lock)s, %(account)s)")

    @property
    def _db(self) -> TeamConnection:
        return self._session.db

    def _begin(self) -> None:
        with self._db.transaction():
            epoch, self.overlap = self._fetch(_BEGIN)
            self._values["epoch"] = epoch
            self._db.execute(_END_OTHERS, self._values)
            self._db.execute(_LEAVE_REQUESTS, self._values)
        self.epoch = epoch

    def _lose(self) -> None:
        self.epoch = None
        raise PullLockLost(
            "The lock of the team's pulls was lost, and another of the team may pull now."
        )

    def _fetch(self, query: str) -> tuple[Any, ...]:
        return self._db.execute(query, {**self._values, "lock": _LOCK}).fetchone() or ()


def find_holder(session: AccountSession) -> PullHolder | None:
    """Return the holder of the lock; None if there is none, or it has begun only now."""
    with translated(session.address):
        row = session.db.execute(_HOLDER, {"account": session.account}).fetchone()
    return PullHolder(*row) if row else None
