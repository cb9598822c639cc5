"""The check of a team's archive: what it says of this user, and who else is there."""

import asyncio
from collections.abc import Iterator

import msgspec

from ibconsole.errors import Severity
from ibconsole.plural import counted
from ibconsole.services.connections import CheckResult, TeamAccess
from ibconsole.team_archive import (
    SearchSupport,
    TeamArchiveError,
    TeamOverview,
    open_session,
    read_overview,
)
from ibconsole.team_archive.pulling import PullHolder, find_holder


class SeenTeam(msgspec.Struct, frozen=True):
    """A team's archive as it is seen now, and the holder of its pulls, None if there is none."""

    access: TeamAccess
    overview: TeamOverview
    holder: PullHolder | None = None


async def check_team(access: TeamAccess) -> CheckResult:
    """Ask a team's archive who this user is there; changes nothing. Every error is a result."""
    try:
        seen = await look_at_team(access)
    except TeamArchiveError as error:
        causes = (access.problem,) if access.problem else ()
        return CheckResult(Severity.DANGER, str(error), causes, error.details)
    severity, sentence = judge_team(seen)
    return CheckResult(severity, sentence, details="\n".join(describe_team(seen)))


async def look_at_team(access: TeamAccess) -> SeenTeam:
    """Read the state of a team's archive, in a thread. Raises a TeamArchiveError."""
    return await asyncio.to_thread(_look, access)


def describe_team(seen: SeenTeam) -> Iterator[str]:
    """Return facts about a team's archive as lines, without its sources."""
    overview = seen.overview
    encrypted = "encrypted connection" if overview.is_encrypted else "connection without encryption"
    yield f"PostgreSQL {overview.server}, tables of version {overview.version}, {encrypted}."
    if overview.search_support is SearchSupport.TRIGRAMS:
        yield "Texts are found by an index (pg_trgm)."
    else:
        yield "Texts are found message by message, because the server has no pg_trgm."
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
    rights = ", ".join(sorted(overview.capabilities)) or "no rights"
    subject = f"{overview.user} in {address.account} at {address.label}: {rights}."
    if overview.is_standby:
        return Severity.WARNING, (
            f"{subject} The server is a standby that can only be read, so nothing is shared from"
            " here now."
        )
    if not overview.may_ship:
        return Severity.WARNING, (
            f"{subject} This user may only read: what is received here stays on this disk."
        )
    if overview.is_remote and not overview.is_encrypted:
        return Severity.WARNING, (
            f"{subject} It works, but messages cross the network without encryption: add"
            " sslmode=verify-full to the address."
        )
    return Severity.OK, f"It works. {subject}"


def _look(access: TeamAccess) -> SeenTeam:
    with open_session(access.address, access.password, "check", read_only=True) as session:
        return SeenTeam(access, read_overview(session), find_holder(session))
