"""The team's side of giving back: what other computers of a team gave, and claims before a job.

A session is open only in a block, on one thread, and every wait for the server ends after a bounded
time. Nothing here is used by an account without a team.
"""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

import msgspec

from ibconsole.archive import Reader
from ibconsole.archive.ledger import MissingCriteria, NewItem
from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.services.connections import TeamAccess
from ibconsole.services.team import default_label
from ibconsole.team_archive import TeamArchiveError, TeamRefused

if TYPE_CHECKING:
    from ibconsole import team_archive
    from ibconsole.team_archive import TeamSession, redelivery
    from ibconsole.team_archive.redelivery import (
        KeptMessages,
        MessageElsewhere,
        StandingElsewhere,
        StoredIds,
    )
else:
    team_archive = LazyModule("ibconsole.team_archive")
    redelivery = LazyModule("ibconsole.team_archive.redelivery")

T = TypeVar("T")
_STATEMENT = 20.0  # seconds for which the server may work on one statement
_PATIENCE = 25.0  # seconds for one answer, also of a server that is stopped
_NO_SOURCE = -1  # in place of a source that was never registered


class TeamNotAsked(UserError):
    """The team's ledger could not be asked, so nothing was created or sent."""


class TeamFindings(msgspec.Struct):
    """The share of other computers of a team in an application's messages; it grows by page.

    `given` counts messages that are not sent because of a standing, by that and the computer;
    `claimed_since` has the times of the first claims, in milliseconds since the epoch, and
    `taken_over` counts claims that are not respected, on the user's word. `received` counts those
    that only other computers have received, None if that is not known. `seen_at` is the time of the
    look, by the server's clock.
    """

    seen_at: int = 0
    given: "Counter[tuple[StandingElsewhere, str]]" = msgspec.field(default_factory=Counter)
    claimed_since: dict[str, int] = msgspec.field(default_factory=dict)
    taken_over: Counter[str] = msgspec.field(default_factory=Counter)
    received: Counter[str] | None = None

    @property
    def claimed(self) -> int:
        """The number of messages that others have claimed, and that are not sent because of it."""
        claimed = redelivery.StandingElsewhere.CLAIMED
        return sum(number for (one, _), number in self.given.items() if one is claimed)


class TeamLedger:
    """The ledger of a team for one URL, as seen by one computer. One thread uses it at a time.

    Claims that are older than `taken_before`, in milliseconds by the server's clock, are not
    respected. An answer of the server takes up to `patience` seconds. Every method raises a
    TeamArchiveError.
    """

    def __init__(
        self,
        session: "TeamSession",
        source: int,
        url: str,
        taken_before: int | None = None,
        *,
        patience: float = _PATIENCE,
    ) -> None:
        self._patience = patience
        self._session = session
        self._source = source
        self._url = url
        self._claims = redelivery.RedeliveryClaims(session, source)
        self._others = redelivery.OtherLedgers(session, source, url)
        self._taken_before = taken_before
        self._attempt = uuid4()
        self.findings = TeamFindings(seen_at=self._ask(self._others.server_time))

    def take_over_all(self) -> None:
        """Respect no claim that there is now."""
        self._taken_before = self.findings.seen_at

    def exclude(self, items: Sequence[NewItem]) -> Collection[int]:
        """Return the ids of those messages that others have given, or claimed; see `findings`."""
        found = self._ask(lambda: self._others.find(_claimed(items)))
        return [message for message, one in found.items() if self._note(one)]

    def claim(self, items: Sequence[NewItem]) -> Collection[int]:
        """Claim what no other computer has given or claimed; return the ids of the rest."""
        excluded = set(self.exclude(items))
        left = [one for one in items if one.message not in excluded]
        lost = self._claim(left)
        if lost:  # claimed in between
            found = self._ask(
                lambda: self._others.find(_claimed([one for one in left if one.message in lost]))
            )
            for one in found.values():
                self._note(one, respects_claims=True)
        return excluded | lost

    def claim_again(self, items: Sequence[NewItem], job: int) -> Mapping[int, str]:
        """Claim messages of a job that goes on; return who has claimed the others, by their ids."""
        lost = self._claim(items, job)
        if not lost:
            return {}
        left = _claimed([one for one in items if one.message in lost])
        found = self._ask(lambda: self._others.find(left))
        return {one: found[one].source if one in found else "another computer" for one in lost}

    def assign(self, job: int) -> None:
        """Note the job that was stored for what `claim` has claimed."""
        self._ask(lambda: self._claims.assign(self._attempt, job))

    def withdraw(self) -> None:
        """Release what `claim` has claimed, because no job was stored."""
        self._ask(lambda: self._claims.withdraw(self._attempt))

    def unsettled_jobs(self) -> Sequence[int | None]:
        """See `RedeliveryClaims.unsettled_jobs`."""
        return self._ask(self._claims.unsettled_jobs)

    def settle(self, job: int | None, kept: "KeptMessages") -> int:
        """See `RedeliveryClaims.settle`."""
        return self._ask(lambda: self._claims.settle(job, kept))

    def count_received(self, criteria: MissingCriteria, stored: "StoredIds") -> None:
        """Count what only others have received; the last question, as it may be given up."""
        wanted = redelivery.ReceivedCriteria(
            application=criteria.application,
            since=criteria.since,
            until=criteria.until,
            via=criteria.via.value if criteria.via else None,
        )
        with suppress(TeamArchiveError):  # too many for now, or no right to read messages
            self.findings.received = self._ask(
                lambda: redelivery.count_received_elsewhere(
                    self._session, self._source, wanted, stored
                )
            )

    def _claim(self, items: Sequence[NewItem], job: int | None = None) -> set[int]:
        """Claim messages; return the ids of those that others have claimed."""
        gained = self._ask(
            lambda: self._claims.claim(
                self._url,
                _claimed(items),
                self._attempt,
                job=job,
                taken_before=self._taken_before,
            )
        )
        return {one.message for one in items} - gained

    def _note(self, one: "MessageElsewhere", *, respects_claims: bool = False) -> bool:
        """Count what was found; return whether the message is not to be sent because of it."""
        if one.standing is redelivery.StandingElsewhere.CLAIMED:
            is_old = self._taken_before is not None and one.since < self._taken_before
            if is_old and not respects_claims:
                self.findings.taken_over[one.source] += 1
                return False
            since = self.findings.claimed_since
            since[one.source] = min(since.get(one.source, one.since), one.since)
        self.findings.given[one.standing, one.source] += 1
        return True

    def _ask(self, question: Callable[[], T]) -> T:
        """Ask within a bounded time: a server that is stopped answers nothing."""
        timer = threading.Timer(self._patience, team_archive.break_off, [self._session.db])
        timer.daemon = True
        timer.start()
        try:
            return question()
        finally:
            timer.cancel()


@contextmanager
def looking_at_team(access: TeamAccess, archive: Path, url: str) -> Iterator[TeamLedger]:
    """Open the team's ledger for a dry run, which writes nothing there. Raises TeamNotAsked."""
    with _asked(access), _session(access, read_only=True) as session:
        source = team_archive.find_source(session, _identity(archive))
        yield TeamLedger(session, _NO_SOURCE if source is None else source, url)


@contextmanager
def claiming_in_team(
    access: TeamAccess, archive: Path, url: str = "", *, taken_before: int | None = None
) -> Iterator[TeamLedger]:
    """Open the team's ledger for claims. Raises TeamNotAsked, also for a user who may only read."""
    with _asked(access), _session(access) as session:
        if not session.may_write:
            raise TeamRefused(
                f"This user may only read the account {access.address.account} of the team, and"
                " giving back needs the right of an operator or a collector. Ask its owner."
            )
        source = team_archive.register_source(
            session, _identity(archive), default_label(), is_collector=False
        )
        yield TeamLedger(session, source, url, taken_before)


@contextmanager
def _asked(access: TeamAccess) -> Iterator[None]:
    try:
        yield
    except TeamArchiveError as error:
        reason = f"{error} {access.problem}".strip()
        raise TeamNotAsked(
            "The team's ledger could not be asked what others have given back, so nothing was"
            f" created or sent. {reason}"
        ) from error


@contextmanager
def _session(access: TeamAccess, *, read_only: bool = False) -> "Iterator[TeamSession]":
    with team_archive.open_session(
        access.address,
        access.password,
        "give back",
        read_only=read_only,
        statement_timeout=_STATEMENT,
    ) as session:
        yield session


def _identity(archive: Path) -> str:
    with Reader(archive) as reader:
        return reader.identity()


def _claimed(items: Sequence[NewItem]) -> "Sequence[redelivery.ClaimedMessage]":
    return [
        redelivery.ClaimedMessage(one.message, one.message_id, one.application_code, one.digest)
        for one in items
    ]
