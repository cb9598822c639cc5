"""Giving messages back: which ones a URL is missing, who may have delivered them, and the job.

Reads page by page, so that memory stays flat however many messages are missing.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

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
)
from ibconsole.errors import UserError
from ibconsole.services.redelivery import RedeliveryRequest, require_possible
from ibconsole.services.retry_law import PUBLISHED_LAW
from ibconsole.services.setup.history import forward_urls

_LOOKING = "Looking for missing messages"
_MOST_CONNECTIONS = 50  # of which the history is read


class NothingMissing(UserError):
    """The URL has every message of the period, or there is none."""


class GiveBackRequest(msgspec.Struct, frozen=True, kw_only=True):
    """Messages of an application that are to be given back to a URL, and how.

    `since` and `until` are times of arrival in milliseconds since the epoch, None for no limit;
    the end is not part of the period. `via` is how they came, None for any way. `sending` has the
    URL and everything else that any redelivery has.
    """

    application: str
    sending: RedeliveryRequest
    since: int | None = None
    until: int | None = None
    via: Via | None = None

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
    history of the setup knows; it may have delivered the missing messages there.
    """

    counts: MissingCounts
    requests: int = 0
    seconds: float = 0.0
    others: tuple[str, ...] = ()


def default_sending(url: str) -> RedeliveryRequest:
    """Return how messages are given back to a URL by default: by the published law."""
    return RedeliveryRequest(url=url, kind=RedeliveryKind.GIVE_BACK, law=PUBLISHED_LAW)


def plan_give_back(
    archive: Path, request: GiveBackRequest, on_progress: ProgressCallback = lambda _: None
) -> GiveBackPlan:
    """Return what would be sent; nothing is stored or sent. Raises BadRedelivery, ArchiveError."""
    require_possible(request.sending)
    counts = MissingCounts()
    with MissingMessages(archive) as reader:
        for _ in reader.missing(request.criteria, counts, _reporter(on_progress)):
            pass
    sending = request.sending
    requests = -(-counts.missing // sending.batch_size)
    return GiveBackPlan(
        counts=counts,
        requests=requests,
        seconds=requests / sending.rate if sending.rate else 0.0,
        others=_others(archive, request, counts),
    )


def create_give_back(
    archive: Path, request: GiveBackRequest, on_progress: ProgressCallback = lambda _: None
) -> int:
    """Store a job of the missing messages, and return its id; nothing is sent.

    Raises NothingMissing, BadRedelivery and ArchiveError.
    """
    require_possible(request.sending)
    sending, counts = request.sending, MissingCounts()
    with MissingMessages(archive) as reader, JobWriter(archive) as jobs:
        pages = reader.missing(request.criteria, counts, _reporter(on_progress))
        items = (item for page in pages for item in page)
        first = next(items, None)
        if first is None:
            raise NothingMissing(
                "No message is missing there, so there is nothing to send."
                f" {standing_sentence(counts)}".strip()
            )
        new = NewRedelivery(
            kind=RedeliveryKind.GIVE_BACK,
            connection=sending.connection,
            url=request.criteria.url,
            form=sending.form,
            options=sending.options,
        )
        return jobs.create(new, _chained(first, items))


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
