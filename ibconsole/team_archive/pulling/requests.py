"""Pulls that a desktop asks of the collector that holds the lock.

A request is made once for its token, taken by one holder, and never taken again: if the holder
ends without noting the outcome, the request is unknown.
"""

from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec

from ibconsole.team_archive import translated
from ibconsole.team_archive.pulling.lock import HOLDS, NOW, AccountSession

LONGEST_WAIT = 120  # seconds after which a request is not taken any more
_COLUMNS = (
    "pull_request.id, token::text, asked_by, reason, limit_asked, asked_at,"
    " CASE WHEN pull_request.state = 'taken' AND NOT EXISTS (SELECT FROM ibconsole.pull_epoch"
    " WHERE pull_epoch.account = pull_request.account AND pull_epoch.epoch = pull_request.epoch"
    f" AND {HOLDS}) THEN 'unknown' ELSE pull_request.state END,"
    " coalesce(source.label, ''), pull_request.epoch, taken_at, pull_request.ended_at, messages,"
    " pending, pull_request.origin, pull_request.problem"
)
_SELECT = (
    f"SELECT {_COLUMNS} FROM ibconsole.pull_request LEFT JOIN ibconsole.source"  # noqa: S608
    " ON source.id = pull_request.taken_by WHERE pull_request.account = %(account)s"
)
_ASK = f"""
    INSERT INTO ibconsole.pull_request
        (account, token, source, asked_by, reason, limit_asked, asked_at)
    VALUES (%(account)s, %(token)s, %(source)s, %(asked_by)s, %(reason)s, %(limit)s, {NOW})
    ON CONFLICT (account, token) DO NOTHING
"""  # noqa: S608 the clock
_WITHDRAW = f"""
    UPDATE ibconsole.pull_request SET state = 'withdrawn', ended_at = {NOW}
    WHERE account = %(account)s AND token = %(token)s AND state = 'waiting' RETURNING id
"""  # noqa: S608 the clock
_EXPIRE = f"""
    UPDATE ibconsole.pull_request SET state = 'withdrawn', ended_at = {NOW},
        problem = 'No collector took it in time; nothing was requested.'
    WHERE account = %(account)s AND state = 'waiting'
    AND asked_at < {NOW} - {1000 * LONGEST_WAIT}
"""  # noqa: S608 the clock
_TAKE = f"""
    UPDATE ibconsole.pull_request SET state = 'taken', taken_by = %(source)s,
        epoch = %(epoch)s, taken_at = {NOW}
    WHERE account = %(account)s AND state = 'waiting' AND id = (
        SELECT id FROM ibconsole.pull_request WHERE account = %(account)s AND state = 'waiting'
        AND asked_at >= {NOW} - {1000 * LONGEST_WAIT}
        ORDER BY id LIMIT 1 FOR UPDATE SKIP LOCKED
    ) RETURNING id
"""  # noqa: S608 the clock
_FINISH = f"""
    UPDATE ibconsole.pull_request SET state = %(state)s, ended_at = {NOW},
        messages = %(messages)s, pending = %(pending)s, origin = %(origin)s, problem = %(problem)s
    WHERE account = %(account)s AND id = %(id)s AND state IN ('taken', 'unknown')
"""  # noqa: S608 the clock
_WAKE = "SELECT pg_notify('ibconsole', %(payload)s)"


class PullRequestState(StrEnum):
    """The state of a request; the values are stored."""

    WAITING = "waiting"
    TAKEN = "taken"  # the pull is about to be requested, or was
    DONE = "done"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"  # before it was taken, so that nothing was requested
    UNKNOWN = "unknown"  # the lock was lost, or the collector ended, after the request was taken

    @property
    def is_open(self) -> bool:
        """True while the outcome may still come."""
        return self in {PullRequestState.WAITING, PullRequestState.TAKEN}


class PullRequest(msgspec.Struct, frozen=True):
    """A request and its outcome; times are in milliseconds since the epoch, by the server.

    `taken_by` is the label of the collector that took it, in `epoch`. `messages` and `pending` are
    those of its pull, None if unknown, and `origin` is the delivery as the team knows it.
    """

    id: int
    token: str
    asked_by: str
    reason: str
    limit: int | None
    asked_at: int
    state: PullRequestState
    taken_by: str = ""
    epoch: int | None = None
    taken_at: int | None = None
    ended_at: int | None = None
    messages: int | None = None
    pending: int | None = None
    origin: str = ""
    problem: str = ""


_FIELDS = PullRequest.__struct_fields__


class PullOutcome(msgspec.Struct, frozen=True):
    """The outcome of a pull that was asked for; `state` is DONE, FAILED or UNKNOWN."""

    state: PullRequestState
    messages: int | None = None
    pending: int | None = None
    origin: str = ""
    problem: str = ""


class PullRequests:
    """The requests for pulls from one account. One thread uses it at a time.

    Every method raises a TeamArchiveError.
    """

    def __init__(self, session: AccountSession) -> None:
        self._session = session

    def ask(
        self,
        token: UUID,
        *,
        source: int,
        asked_by: str,
        limit: int | None,
        reason: str = "",
    ) -> None:
        """Ask for one pull of up to `limit` messages; repeating it with the token is harmless."""
        with translated(self._session.address), self._session.db.transaction():
            self._execute(
                _ASK,
                token=token,
                source=source,
                asked_by=_storable(asked_by),
                reason=_storable(reason),
                limit=limit,
            )
            self._wake()

    def find(self, token: UUID) -> PullRequest | None:
        """Return the request of this token; None if it was never stored."""
        found = self._read(f"{_SELECT} AND token = %(token)s", token=token)
        return found[0] if found else None

    def withdraw(self, token: UUID) -> bool:
        """Withdraw a request; return false if it was taken, or has ended."""
        with translated(self._session.address):
            return bool(self._execute(_WITHDRAW, token=token))

    def take(self, *, source: int, epoch: int) -> PullRequest | None:
        """Take the oldest request that waits; None if there is none.

        Only the holder of the lock may call this. It pulls once, or not at all, and calls `finish`.
        """
        with translated(self._session.address), self._session.db.transaction():
            self._execute(_EXPIRE)
            taken = self._execute(_TAKE, source=source, epoch=epoch)
        if not taken:
            return None
        return self._read(f"{_SELECT} AND pull_request.id = %(id)s", id=taken[0][0])[0]

    def finish(self, request: int, outcome: PullOutcome) -> None:
        """Note the outcome of a request that was taken; on any session, also of a later epoch."""
        values = {name: getattr(outcome, name) for name in outcome.__struct_fields__}
        with translated(self._session.address), self._session.db.transaction():
            self._execute(
                _FINISH,
                **{**values, "state": outcome.state.value, "problem": _storable(outcome.problem)},
                id=request,
            )
            self._wake()

    def recent(self, count: int = 20) -> tuple[PullRequest, ...]:
        """Return the newest requests, the newest first."""
        return self._read(f"{_SELECT} ORDER BY pull_request.id DESC LIMIT %(count)s", count=count)

    def _wake(self) -> None:
        self._execute(_WAKE, payload=f"pull {self._session.account}")

    def _read(self, query: str, **values: object) -> tuple[PullRequest, ...]:
        with translated(self._session.address):
            return tuple(
                msgspec.convert(dict(zip(_FIELDS, row, strict=True)), PullRequest)
                for row in self._execute(query, **values)
            )

    def _execute(self, query: str, **values: object) -> list[tuple[Any, ...]]:
        cursor = self._session.db.execute(query, {"account": self._session.account, **values})
        return cursor.fetchall() if cursor.description else []


def _storable(text: str) -> str:
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}")
