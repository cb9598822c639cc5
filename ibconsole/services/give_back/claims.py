"""The claims of jobs that go on, or have ended, in the archive of a team.

A job claims what waits of it again when it goes on, because another computer may have taken it over
meanwhile. What an ended job has not sent is released; what it has sent, or may have, stays claimed.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from ibconsole.archive.ledger import (
    OURSELVES,
    Decision,
    ItemState,
    JobWriter,
    LedgerItem,
    LedgerReader,
    MissingMessages,
    NewItem,
    RedeliveryState,
    TeamUse,
)
from ibconsole.errors import UserError
from ibconsole.plural import counted
from ibconsole.services.connections import TeamAccess
from ibconsole.services.give_back.team_ledger import TeamLedger, TeamNotAsked, claiming_in_team

_ENDED = {RedeliveryState.FINISHED, RedeliveryState.CANCELLED}


class ClaimsRemain(UserError):
    """A job has ended, and what it did not send stays claimed in the team's archive for now."""


def claim_again(archive: Path, job: int, access: TeamAccess | None) -> int:
    """Claim what waits of a job before it goes on; return how many messages are skipped.

    They are those that another computer of the team has claimed meanwhile. Does nothing for a job
    that was made without a team, or whose connection has none any more. Raises TeamNotAsked and
    ArchiveError.
    """
    with JobWriter(archive) as writer:
        found = writer.job(job)
        if access is None or found.options.team is not TeamUse.CLAIMED:
            return 0
        skipped = 0
        with claiming_in_team(access, archive, found.url) as ledger:
            for items in _waiting(archive, job):
                lost = ledger.claim_again(_new_items(archive, items), job)
                by_reason: dict[str, list[int]] = {}
                for item in items:
                    if other := lost.get(item.message):
                        by_reason.setdefault(other, []).append(item.id)
                for other, ids in by_reason.items():
                    reason = f"{other} of the team has claimed it for this URL meanwhile."
                    skipped += writer.decide(Decision.SKIP, ids, by=OURSELVES, reason=reason)
        return skipped


def settle_claims(archive: Path, job: int, access: TeamAccess | None) -> int:
    """Release what this computer's ended jobs have claimed and not sent; return the number.

    `job` is the one that has just ended, or was paused. Raises ClaimsRemain if it has ended and the
    team's archive cannot be reached: the next job of this computer with that team releases its
    claims.
    """
    with JobWriter(archive) as writer:
        found = writer.job(job)
        counts = writer.counts(job)
    if found.options.team is not TeamUse.CLAIMED or found.state not in _ENDED:
        return 0
    left = counts.skipped + counts.undelivered
    if access is None:
        return 0
    try:
        with claiming_in_team(access, archive) as ledger:
            return settle_all(archive, ledger)
    except TeamNotAsked as error:
        if not left:
            return 0
        raise ClaimsRemain(
            f"Redelivery {job} is {found.state}. {counted(left, 'message')} that it has not"
            " delivered may stay claimed for this computer in the team's archive, which cannot be"
            " used now. The next job that gives back with this team releases them."
            f" {error.__cause__ or error}"
        ) from error


def settle_all(archive: Path, ledger: TeamLedger) -> int:
    """Settle the claims of all jobs of this computer that have ended; return the released ones.

    Raises a TeamArchiveError or an ArchiveError.
    """
    released = 0
    with LedgerReader(archive) as reader:
        for job in ledger.unsettled_jobs():
            found = None if job is None else reader.job(job)
            if found is None or found.state in _ENDED:
                released += ledger.settle(job, reader.held_at)
    return released


def _waiting(archive: Path, job: int) -> Iterator[Sequence[LedgerItem]]:
    """Yield the items of a job that wait, in pages."""
    after: int | None = 0
    while after is not None:
        with LedgerReader(archive) as reader:
            page = reader.items(job, ItemState.WAITING, after, size=1_000)
        if page.items:
            yield page.items
        after = page.rest


def _new_items(archive: Path, items: Sequence[LedgerItem]) -> Sequence[NewItem]:
    """Return items with the hashes of those messages that have no id."""
    unnamed = [one.message for one in items if not one.message_id]
    digests: Mapping[int, bytes] = {}
    if unnamed:
        with MissingMessages(archive) as reader:
            digests = reader.digests(unnamed)
    return [
        NewItem(
            one.message,
            one.delivery,
            one.message_id,
            one.application_code,
            digest=digests.get(one.message, b""),
        )
        for one in items
        if one.message_id or one.message in digests
    ]
