"""The check of a team's archive: what it says of this user, and who else is there.

A server that is frozen answers nothing, not even that it is away: each question ends after a
bounded time, and so does one that is not awaited any more.
"""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from threading import Event
from typing import TypeVar

import msgspec

from ibconsole.errors import Severity
from ibconsole.plural import counted
from ibconsole.services.connections import CheckResult, TeamAccess
from ibconsole.team_archive import (
    ENCRYPTION_REMEDY,
    SearchSupport,
    TeamArchiveError,
    TeamConnection,
    TeamOverview,
    TeamSession,
    TeamUnavailable,
    break_off,
    connect,
    read_overview,
    translated,
)
from ibconsole.team_archive.pulling import PullHolder, find_holder

T = TypeVar("T")

ANSWER_TIMEOUT = 20.0  # seconds for a question: connecting to one server may take half of it


class SeenTeam(msgspec.Struct, frozen=True):
    """A team's archive as it is seen now, and the holder of its pulls, None if there is none.

    `accounts` are the names of those that this user may see.
    """

    access: TeamAccess
    overview: TeamOverview
    holder: PullHolder | None = None
    accounts: tuple[str, ...] = ()


async def check_team(access: TeamAccess, *, seconds: float = ANSWER_TIMEOUT) -> CheckResult:
    """Ask a team's archive who this user is there; changes nothing. Every error is a result."""
    try:
        seen = await look_at_team(access, seconds=seconds)
    except TeamArchiveError as error:
        causes = (access.problem,) if access.problem else ()
        return CheckResult(Severity.DANGER, str(error), causes, error.details)
    severity, sentence = judge_team(seen)
    return CheckResult(severity, sentence, details="\n".join(describe_team(seen)))


async def look_at_team(access: TeamAccess, *, seconds: float = ANSWER_TIMEOUT) -> SeenTeam:
    """Read the state of a team's archive. Raises a TeamArchiveError; see `ask_team`."""

    def look(db: TeamConnection) -> SeenTeam:
        session = TeamSession(db, access.address)
        rows = db.execute("SELECT name FROM ibconsole.account ORDER BY name").fetchall()
        accounts = tuple(name for (name,) in rows)
        return SeenTeam(access, read_overview(session), find_holder(session), accounts)

    return await ask_team(access, look, seconds=seconds)


async def ask_team(
    access: TeamAccess,
    question: Callable[[TeamConnection], T],
    *,
    seconds: float = ANSWER_TIMEOUT,
) -> T:
    """Call a function with a connection that only reads, in a thread; return its result.

    Raises a TeamArchiveError: TeamUnavailable also if it takes longer than `seconds`. The thread is
    broken off then, as it is if the caller is cancelled.
    """
    over = Event()
    opened: list[TeamConnection] = []

    def ask() -> T:
        with (
            closing(
                connect(
                    access.address,
                    access.password,
                    "check",
                    read_only=True,
                    statement_timeout=seconds / 2,
                )
            ) as db,
            translated(access.address),
        ):
            opened.append(db)
            if over.is_set():
                raise _silence(access, seconds)
            return question(db)

    try:
        async with asyncio.timeout(seconds):
            return await asyncio.to_thread(ask)
    except TimeoutError as error:
        raise _silence(access, seconds) from error
    finally:
        over.set()
        for db in opened:
            break_off(db)  # it is closed already if the answer came


def describe_team(seen: SeenTeam) -> Iterator[str]:
    """Return facts about a team's archive as lines, without its sources."""
    overview = seen.overview
    yield f"PostgreSQL {overview.server}, tables of version {overview.version}."
    yield overview.encryption.sentence
    if overview.search_support is SearchSupport.TRIGRAMS:
        yield "Texts are found by an index (pg_trgm)."
    else:
        yield "Texts are found message by message, because the server has no pg_trgm."
    if len(seen.accounts) > 1:
        yield f"This user sees {len(seen.accounts):,} accounts: {', '.join(seen.accounts)}."
    yield describe_puller(seen)


def summarize_team(seen: SeenTeam) -> Iterator[str]:
    """Return what this user may do, and who pulls, as lines."""
    yield judge_team(seen)[1]
    yield describe_puller(seen)


def describe_puller(seen: SeenTeam) -> str:
    """Return who pulls for the whole team, as a sentence."""
    collectors = seen.overview.collectors
    if seen.holder:
        return f"Pulls: {seen.holder.name} alone pulls for the team."
    if collectors:
        return f"Pulls: no process pulls now; {counted(len(collectors), 'collector')} is known."
    return "Pulls: no process pulls now, and the account has no collector."


def judge_team(seen: SeenTeam) -> tuple[Severity, str]:
    """Return how well this user can take part in the team, and a sentence about it."""
    overview, address = seen.overview, seen.access.address
    names = ", ".join(sorted(overview.capabilities)) or "without rights"
    subject = f"{overview.user} is {names} of {address.account} in {address.label}"
    if overview.is_standby:
        return Severity.WARNING, (
            f"{subject}. The server is a standby that can only be read, so nothing is shared from"
            " here now."
        )
    if not overview.may_ship:
        return Severity.WARNING, (
            f"{subject} and may only read: what is received here stays on this disk."
        )
    if not overview.encryption.is_safe:
        return Severity.WARNING, (f"{subject}. {overview.encryption.sentence} {ENCRYPTION_REMEDY}")
    return Severity.OK, f"It works: {subject}."


def _silence(access: TeamAccess, seconds: float) -> TeamUnavailable:
    return TeamUnavailable(
        f"The team's archive at {access.address.label} gave no answer within {seconds:g} seconds."
        " What is on this disk is unharmed."
    )
