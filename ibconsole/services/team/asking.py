"""Asking the collector of a team to pull, from a computer that may not pull itself.

A request is stored once, however often the connection breaks. It is withdrawn if it is not taken in
time or the user gives up. What was taken is never asked again: if its outcome does not come, users
look at what arrived.
"""

import asyncio
from typing import TYPE_CHECKING
from uuid import uuid4

import msgspec

from ibconsole.archive import ArchiveError
from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.plural import counted
from ibconsole.services.team.session_thread import SessionThread, TeamOpener
from ibconsole.team_archive import TeamArchiveError, TeamUnavailable

if TYPE_CHECKING:
    from ibconsole.team_archive import TeamSession, pulling
    from ibconsole.team_archive.pulling import PullRequest
else:
    pulling = LazyModule("ibconsole.team_archive.pulling")

_INTERVAL = 0.5  # seconds between two looks at the request
_GRACE = 15.0  # seconds: time for a server to restart, and for a session to be opened again
_LONGEST = 720.0  # seconds: the collector itself waits ten minutes for the platform


class NotAsked(UserError):
    """The collector was not asked, or did not take the request: nothing was requested."""


class OutcomeUnknown(UserError):
    """The collector took the request, and whether it pulled is not known."""


class CollectorPull(msgspec.Struct, frozen=True):
    """A pull by the collector, which was asked for here.

    `messages` and `pending` are those of its answer, None if unknown, and `origin` names the
    delivery in the team's record. `problem` is a sentence, empty without one.
    """

    collector: str
    messages: int | None
    pending: int | None
    origin: str = ""
    problem: str = ""

    @property
    def sentence(self) -> str:
        """The outcome as one line."""
        pulled = "the messages" if self.messages is None else counted(self.messages, "message")
        waiting = "" if self.pending is None else f" {self.pending:,} still waiting."
        return (
            f"The collector {self.collector} pulled {pulled}; they are in the team's"
            f" record.{waiting}"
        )


class CollectorRequest:
    """One request to the collector of an account; `ask` is called once.

    `asked_by` says who asks. `interval` is the number of seconds between two looks, and `patience`
    that until a request that no collector took is withdrawn. `grace` is the number of seconds in
    which a collector that lost its session may still note the outcome.
    """

    def __init__(
        self,
        opener: TeamOpener,
        asked_by: str,
        *,
        interval: float = _INTERVAL,
        patience: float = 60.0,
        grace: float = _GRACE,
    ) -> None:
        self._session = SessionThread(opener)
        self._asked_by = asked_by
        self._interval = interval
        self._patience = patience
        self._grace = grace
        self._token = uuid4()

    async def ask(self, limit: int | None, reason: str = "") -> CollectorPull:
        """Ask for one pull of up to `limit` messages, and wait for its outcome.

        Raises NotAsked if nothing was requested, OutcomeUnknown, and the refusal of the platform as
        a UserError. A cancellation withdraws the request if it was not taken.
        """
        try:
            await self._store(limit, reason)
            request = await self._outcome()
        except asyncio.CancelledError:
            await self._withdraw()
            raise
        finally:
            await self._session.close()
        return _result(request)

    async def _store(self, limit: int | None, reason: str) -> None:
        def ask(session: "TeamSession", source: int) -> None:
            pulling.PullRequests(session).ask(
                self._token, source=source, asked_by=self._asked_by, limit=limit, reason=reason
            )

        try:
            await self._session.run(lambda *_: None)
        except ArchiveError as error:
            raise NotAsked(f"Nothing was requested. {error}") from error
        for attempt in range(3):  # the token makes it one request
            try:
                await self._session.run(ask)
            except TeamUnavailable as error:
                if attempt == 2:
                    raise OutcomeUnknown(
                        "The team's archive broke off while the collector was being asked; look at"
                        f" what arrives before you pull again. {error}"
                    ) from error
                await asyncio.sleep(self._interval)
            except TeamArchiveError as error:
                raise NotAsked(f"Nothing was requested. {error}") from error
            else:
                return

    async def _outcome(self) -> "PullRequest":
        """Look at the request until it has ended. Raises NotAsked or OutcomeUnknown."""
        loop = asyncio.get_running_loop()
        began = seen_at = loop.time()
        while True:
            request, now = await self._find(), loop.time()
            if request and request.state is pulling.PullRequestState.WAITING:
                seen_at = now
                if now - began > self._patience and await self._withdraw():
                    raise NotAsked(
                        "No collector took the request in time; it was withdrawn, and nothing was"
                        " requested."
                    )
            elif request and request.state.is_open:
                seen_at = now
            elif request and request.state is not pulling.PullRequestState.UNKNOWN:
                return request
            if now - seen_at > self._grace or now - began > _LONGEST:
                raise OutcomeUnknown(_unknown(request))
            await asyncio.sleep(self._interval)

    async def _find(self) -> "PullRequest | None":
        try:
            return await self._session.run(
                lambda session, _: pulling.PullRequests(session).find(self._token)
            )
        except TeamArchiveError:  # it is looked for again; the request itself is not repeated
            return None

    async def _withdraw(self) -> bool:
        try:
            return await self._session.run(
                lambda session, _: pulling.PullRequests(session).withdraw(self._token)
            )
        except TeamArchiveError:  # it is not taken any more once it is old
            return False


def _unknown(request: "PullRequest | None") -> str:
    collector = f"The collector {request.taken_by}" if request else "The team's archive"
    return (
        f"{collector} ended, or broke off, before the outcome was noted. Look at what arrived"
        " before you pull again."
    )


def _result(request: "PullRequest") -> CollectorPull:
    states = pulling.PullRequestState
    if request.state is states.WITHDRAWN:
        raise NotAsked(request.problem or "The request was withdrawn; nothing was requested.")
    if request.state is states.FAILED:
        raise UserError(f"The collector {request.taken_by} could not pull. {request.problem}")
    return CollectorPull(
        request.taken_by, request.messages, request.pending, request.origin, request.problem
    )
