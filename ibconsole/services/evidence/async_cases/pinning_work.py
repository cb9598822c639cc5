"""The work of pinning, for each kind of thing: it blocks, and is done on a thread, item by item."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from typing import TypeAlias

from msgspec.structs import replace

from ibconsole.services.diagnosis import Facts, Finding, diagnose
from ibconsole.services.evidence.cases import CaseItem, Pins
from ibconsole.services.messages import Filter, RecordFinder
from ibconsole.services.request_log import Entry
from ibconsole.services.setup.history import Timeline

_HOUR = 3_600_000  # ms

# Pins something to the case of these pins; returns the items one after the other.
PinningWork: TypeAlias = Callable[[Pins], Iterator[CaseItem]]


def messages_to_pin(find: RecordFinder, ids: Sequence[int], account_name: str = "") -> PinningWork:
    """Return the work that pins messages by their ids, each with the request that brought it.

    `find` knows their record; it is called at once, and the record is opened by the work.
    Raises what `find` does; the work raises ArchiveError and CaseError.
    """
    opener, criteria = find(Filter(ids=tuple(ids)))

    def work(pins: Pins) -> Iterator[CaseItem]:
        with closing(opener()) as reader:
            for one in criteria.ids:
                yield pins.message(reader, one, account_name)

    return work


def deliveries_to_pin(find: RecordFinder, ids: Sequence[int]) -> PinningWork:
    """Return the work that pins forwards with their answers by their ids; see `messages_to_pin`."""
    opener, criteria = find(Filter(ids=tuple(ids)))

    def work(pins: Pins) -> Iterator[CaseItem]:
        with closing(opener()) as reader:
            for one in criteria.ids:
                yield pins.delivery(reader, one)

    return work


def requests_to_pin(entries: Sequence[Entry]) -> PinningWork:
    """Return the work that pins requests of the program, oldest first."""
    ordered = sorted(entries, key=lambda one: one.started_at)
    return lambda pins: (pins.request(one) for one in ordered)


def findings_to_pin(candidates: Sequence[Facts], findings: Sequence[Finding]) -> PinningWork:
    """Return the work that pins findings with the facts that led to them.

    These are the first of the candidates in which the rules find all of them again, else the first:
    what compares applications with each other is not found in the facts of one alone.
    """
    wanted = {one.id for one in findings}

    def work(pins: Pins) -> Iterator[CaseItem]:
        whole = (one for one in candidates if wanted <= {found.id for found in diagnose(one)})
        yield from pins.findings(next(whole, candidates[0]), findings)

    return work


def setup_to_pin(facts: Facts, codes: Sequence[str]) -> PinningWork:
    """Return the work that pins the setup of these applications; of all for an empty code."""
    return lambda pins: (pins.setup(facts, one) for one in codes)


def timeline_to_pin(
    timeline: Timeline, since: int | None, until: int, application_name: str = ""
) -> PinningWork:
    """Return the work that pins the part of a timeline in a period, in ms since the epoch.

    `since` is None for its beginning.
    """
    first = since if since is not None else 0
    part = replace(
        timeline,
        since=since if since is not None else timeline.since,
        until=until,
        events=tuple(one for one in timeline.events if first <= one.at <= until),
        hours=tuple(one for one in timeline.hours if first - _HOUR < one.at <= until),
    )
    return lambda pins: iter((pins.timeline(part, application_name),))
