"""Giving messages back: which ones a URL is missing, who may have delivered them, and the job.

Reads page by page, so that memory stays flat however many messages are missing.
"""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ibconsole.archive import Progress, ProgressCallback, Via
from ibconsole.archive.ledger import (
    JobWriter,
    MissingCounts,
    MissingCriteria,
    MissingMessages,
    NewItem,
    NewRedelivery,
    RedeliveryKind,
    TeamUse,
)
from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.plural import counted
from ibconsole.services.connections import TeamAccess
from ibconsole.services.redelivery import RedeliveryRequest, require_possible
from ibconsole.services.retry_law import PUBLISHED_LAW
from ibconsole.services.setup.history import forward_urls
from ibconsole.team_archive import TeamArchiveError

if TYPE_CHECKING:
    from ibconsole.services.give_back import claims, team_ledger
    from ibconsole.services.give_back.team_ledger import TeamFindings, TeamLedger
else:  # imported for an account with a team
    claims = LazyModule("ibconsole.services.give_back.claims")
    team_ledger = LazyModule("ibconsole.services.give_back.team_ledger")

_LOOKING = "Looking for missing messages"
_MOST_CONNECTIONS = 50  # of which the history is read


class NothingMissing(UserError):
    """The URL has every message of the period, or there is none."""


class GiveBackRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Messages of an application that are to be given back to a URL, and how.

    `since` and `until` are times of arrival in milliseconds since the epoch, None for no limit;
    the end is not part of the period. `via` is how they came, None for any way. `sending` has the
    URL and everything else that any redelivery has.

    Without `with_team` the team's ledger is not asked. With `take_over`, messages that others of
    the team have claimed until `seen_at`, the `seen_at` of the plan that the user has seen, are
    taken over.
    """

    application: str
    sending: RedeliveryRequest
    since: int | None = None
    until: int | None = None
    via: Via | None = None
    with_team: bool = True
    take_over: bool = False
    seen_at: int | None = None

    @property
    def criteria(self) -> MissingCriteria:
        """The condition of what is missing."""
        return MissingCriteria(
            application=self.application,
            url=self.sending.target_url,
            since=self.since,
            until=self.until,
            via=self.via,
        )


class GiveBackPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The effect of giving back; `requests` is the number of requests, if each succeeds.

    `seconds` is the shortest time that they take by their rate, 0 without a limit. `others` are
    URLs that the platform forwarded the application's messages to in the period, as far as the
    history of the setup knows; it may have delivered the missing messages there. `team` is what
    other computers of the team have, None if none was asked; `team_unasked` is true if there is
    one.
    """

    counts: MissingCounts
    requests: int = 0
    seconds: float = 0.0
    others: tuple[str, ...] = ()
    team: "TeamFindings | None" = None
    team_unasked: bool = False


def default_sending(url: str) -> RedeliveryRequest:
    """Return how messages are given back to a URL by default: by the published law."""
    return RedeliveryRequest(url=url, kind=RedeliveryKind.GIVE_BACK, law=PUBLISHED_LAW)


def plan_give_back(
    archive: Path,
    request: GiveBackRequest,
    on_progress: ProgressCallback = lambda _: None,
    team: TeamAccess | None = None,
) -> GiveBackPlan:
    """Return what would be sent; nothing is stored, sent or claimed.

    `team` is that of the messages, None without one. Raises BadRedelivery, ArchiveError, and
    TeamNotAsked if its ledger cannot be asked.
    """
    require_possible(request.sending)
    if team is None or not request.with_team:
        plan = _plan(archive, request, on_progress, None)
        return msgspec.structs.replace(plan, team_unasked=team is not None)
    with team_ledger.looking_at_team(team, archive, request.criteria.url) as ledger:
        if request.take_over:
            ledger.take_over_all()
        return _plan(archive, request, on_progress, ledger)


def create_give_back(
    archive: Path,
    request: GiveBackRequest,
    on_progress: ProgressCallback = lambda _: None,
    team: TeamAccess | None = None,
) -> int:
    """Store a job of the missing messages, and return its id; nothing is sent.

    With a `team` each message is claimed there first; what another computer gains is left out.
    Raises NothingMissing, BadRedelivery, ArchiveError and TeamNotAsked; nothing is stored then.
    """
    require_possible(request.sending)
    if team is None or not request.with_team:
        use = TeamUse.NONE if team is None else TeamUse.WITHOUT
        return _create(archive, request, on_progress, use)
    seen_at = request.seen_at if request.take_over else None
    with team_ledger.claiming_in_team(
        team, archive, request.criteria.url, taken_before=seen_at
    ) as ledger:
        claims.settle_all(archive, ledger)
        return _create_claimed(archive, request, on_progress, ledger)


def _plan(
    archive: Path,
    request: GiveBackRequest,
    on_progress: ProgressCallback,
    ledger: "TeamLedger | None",
) -> GiveBackPlan:
    counts = MissingCounts()
    exclude = ledger.exclude if ledger else lambda _: ()
    with MissingMessages(archive) as reader:
        for _ in reader.missing(request.criteria, counts, _reporter(on_progress), exclude):
            pass
        if ledger:
            ledger.count_received(
                request.criteria, lambda ids: reader.stored_ids(request.application, ids)
            )
    sending = request.sending
    requests = -(-counts.missing // sending.batch_size)
    return GiveBackPlan(
        counts=counts,
        requests=requests,
        seconds=requests / sending.rate if sending.rate else 0.0,
        others=_others(archive, request, counts),
        team=ledger.findings if ledger else None,
    )


def _create_claimed(
    archive: Path, request: GiveBackRequest, on_progress: ProgressCallback, ledger: "TeamLedger"
) -> int:
    """Claim what is missing, and store a job of what was gained."""
    gained, counts = array("q"), MissingCounts()
    try:
        with MissingMessages(archive) as reader:
            for page in reader.missing(
                request.criteria, counts, _reporter(on_progress), ledger.claim
            ):
                gained.extend(one.message for one in page)
        job = _create(
            archive, request, on_progress, TeamUse.CLAIMED, _Chosen(gained, counts.excluded)
        )
    except BaseException as error:
        _withdraw(ledger, error, len(gained))
        raise
    # What is not noted is claimed again when the job goes on.
    with suppress(TeamArchiveError):
        ledger.assign(job)
    return job


def _create(
    archive: Path,
    request: GiveBackRequest,
    on_progress: ProgressCallback,
    use: TeamUse,
    chosen: "_Chosen | None" = None,
) -> int:
    """Store a job of what is missing, of the `chosen` messages alone if there are any."""
    sending, counts = request.sending, MissingCounts()
    left_out = chosen.left_out if chosen else 0
    with MissingMessages(archive) as reader, JobWriter(archive) as jobs:
        pages = reader.missing(request.criteria, counts, _reporter(on_progress))
        items = (
            item for page in pages for item in page if chosen is None or item.message in chosen
        )
        first = next(items, None)
        if first is None:
            raise _nothing_missing(counts, left_out)
        new = NewRedelivery(
            kind=RedeliveryKind.GIVE_BACK,
            connection=sending.connection,
            url=request.criteria.url,
            form=sending.form,
            options=msgspec.structs.replace(sending.options, team=use, left_out=left_out),
        )
        return jobs.create(new, _chained(first, items))


class _Chosen:
    """The ids of messages that were claimed, in their order, eight bytes each."""

    def __init__(self, messages: "array[int]", left_out: int) -> None:
        self._messages = array("q", sorted(messages))
        self.left_out = left_out

    def __contains__(self, message: int) -> bool:
        place = bisect_left(self._messages, message)
        return place < len(self._messages) and self._messages[place] == message


def _withdraw(ledger: "TeamLedger", error: BaseException, number: int) -> None:
    """Release what was claimed for a job that was not stored.

    Raises TeamNotAsked if that does not succeed after another failure of the team's archive.
    """
    try:
        ledger.withdraw()
    except TeamArchiveError:
        if number and isinstance(error, TeamArchiveError):
            raise team_ledger.TeamNotAsked(
                f"The team's archive failed while messages were claimed there, so nothing was"
                f" created or sent. {counted(number, 'message')} or more may stay claimed for this"
                f" computer, which can claim them again. {error}"
            ) from error


def _nothing_missing(counts: MissingCounts, left_out: int) -> NothingMissing:
    others = (
        f"{counted(left_out, 'message')} of them {'is' if left_out == 1 else 'are'} given by others"
        " of the team."
    )
    return NothingMissing(
        "No message is missing there, so there is nothing to send."
        f" {standing_sentence(counts)} {others if left_out else ''}".strip()
    )


def standing_sentence(counts: MissingCounts) -> str:
    """Return a sentence about the messages of a period that are not missing; empty for none."""
    parts = [
        f"{number:,} {words}"
        for number, words in (
            (counts.acknowledged, "acknowledged there"),
            (counts.accepted, "counted as delivered by a decision"),
            (counts.unknown, "unknown there, which need a decision"),
            (counts.under_way, "in another redelivery that is not over"),
        )
        if number
    ]
    return f"Of the messages, these are not sent: {', '.join(parts)}." if parts else ""


def _reporter(on_progress: ProgressCallback) -> Callable[[int, int], object]:
    return lambda done, total: on_progress(Progress(_LOOKING, done, total))


def _chained(first: NewItem, rest: Iterator[NewItem]) -> Iterator[NewItem]:
    yield first
    yield from rest


def _others(archive: Path, request: GiveBackRequest, counts: MissingCounts) -> tuple[str, ...]:
    found: set[str] = set()
    connections: Sequence[str] = sorted({*counts.connections, request.sending.connection} - {""})
    for connection in connections[:_MOST_CONNECTIONS]:
        found |= forward_urls(archive, connection, request.application, counts.first_at or 0)
    return tuple(sorted(found - {request.criteria.url}))
