"""The timeline of an application: changes of its setup, own calls, tests, messages and gaps.

It is read from the archive alone, without a request. All queries are bounded.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from ibconsole.archive.history import (
    HourActivity,
    SetupPart,
    SetupPoint,
    StoredTest,
)
from ibconsole.clock import now_ms
from ibconsole.plural import counted
from ibconsole.services.forward_test import Delivered, masked_url
from ibconsole.services.request_log import redact_url
from ibconsole.services.setup import InboundRoute
from ibconsole.services.setup.history.attribution import (
    AttributedChange,
    OwnCall,
    acts_of,
    calls_of,
    changes_of,
)
from ibconsole.services.setup.history.change_texts import act_event, change_event
from ibconsole.services.setup.history.differences import stored_route
from ibconsole.services.setup.history.history_source import DiskHistory, HistorySource
from ibconsole.services.setup.history.timeline_events import (
    HOUR_MS,
    ChangeOrigin,
    ChangesSinceItWorked,
    EventKind,
    HourCount,
    Timeline,
    TimelineEvent,
)

_MOST_EVENTS = 2_000
_MOST_GAPS = 50
_FEW = 0.95  # of the times between hours with messages, those that are usual
_LONGER = 1.5  # times the longest usual time: a gap


class _Facts(msgspec.Struct, frozen=True):
    """The contents of the archive about an application in a period."""

    changes: Sequence[AttributedChange]
    calls: Sequence[OwnCall]
    tests: Sequence[StoredTest]
    hours: Sequence[HourActivity]
    counted_from: int | None
    recorded_from: int | None


def read_timeline(
    path: Path,
    connection: str,
    application: str,
    since: int | None = None,
    until: int | None = None,
) -> Timeline:
    """Read the timeline of an application on this disk; see `timeline_of`."""
    return timeline_of(DiskHistory(path, connection), connection, application, since, until)


def timeline_of(
    source: HistorySource,
    connection: str,
    application: str,
    since: int | None = None,
    until: int | None = None,
) -> Timeline:
    """Read the timeline of an application from `since` until before `until`, by default until now.

    `connection` is a UUID, `application` a code. Raises ArchiveError; without an archive the
    timeline is empty.
    """
    end = now_ms() + 1 if until is None else until
    if not source.exists:
        return Timeline(connection=connection, application=application, since=since, until=end)
    facts = _read(source, application, since or 0, end)
    events = [
        *(change_event(one) for one in facts.changes if one.before < end),
        *(act_event(calls) for calls in acts_of(facts.calls)),
        *map(_test_event, facts.tests),
        *_message_events(
            facts.hours,
            from_first=since is None and facts.counted_from is None,
            until_last=until is None,
        ),
        *_gap_events(facts.hours, end if until is None else None),
    ]
    events.sort(key=lambda one: one.at)
    return Timeline(
        connection=connection,
        application=application,
        since=since,
        until=end,
        events=tuple(events[-_MOST_EVENTS:]),
        hours=tuple(HourCount(one.at, one.pulled, one.forwarded) for one in facts.hours),
        counted_from=facts.counted_from,
        recorded_from=facts.recorded_from,
        left_out=max(0, len(events) - _MOST_EVENTS),
    )


def what_changed_since_it_worked(
    path: Path, connection: str, application: str
) -> ChangesSinceItWorked:
    """Return what happened since an application worked, on this disk; see `changes_since`."""
    return changes_since(DiskHistory(path, connection), application)


def changes_since(source: HistorySource, application: str) -> ChangesSinceItWorked:
    """Return what happened since the last message of an application arrived, oldest first.

    If none ever did, since the last test of one of its URLs succeeded. Raises ArchiveError.
    """
    now = now_ms() + 1
    if not source.exists:
        return ChangesSinceItWorked(answer="There is no archive yet: nothing is known.")
    last = source.latest_arrival(application)
    facts = _read(source, application, 0, now)
    passed = [one.at for one in facts.tests if one.counts == Delivered.YES]
    worked_at = last if last is not None else max(passed, default=None)
    gap = _present_gap(facts.hours, now)
    start = worked_at or 0
    changes = [one for one in facts.changes if one.before > start]
    events = [
        *map(change_event, changes),
        *(act_event(calls) for calls in acts_of([one for one in facts.calls if one.at > start])),
        *(_test_event(one) for one in facts.tests if one.at > start),
    ]
    events.sort(key=lambda one: one.at)
    later = [at for at in passed if at > start]
    answer = " ".join(filter(None, _answer(changes, last, worked_at, gap, later, facts)))
    return ChangesSinceItWorked(
        answer=answer,
        worked_at=worked_at,
        broken_since=last if gap else None,
        events=tuple(events[-_MOST_EVENTS:]),
    )


def forward_urls(path: Path, connection: str, application: str, since: int) -> set[str]:
    """Return the URLs that an application's messages were forwarded to since then, log-ins masked.

    As far as the history knows. Raises ArchiveError.
    """
    source = DiskHistory(path, connection)
    return _forward_urls(source.points_of(application, SetupPart.ROUTE, since=since))


def _read(source: HistorySource, application: str, since: int, until: int) -> _Facts:
    messages = source.message_activity(application, since, until)
    points = list(source.points_of(application))
    urls = _forward_urls(points)
    return _Facts(
        changes=changes_of(source, application, since=since),
        calls=[one for one in calls_of(source, application) if since <= one.at < until],
        tests=source.stored_tests(sorted(urls), since, until),
        hours=messages.hours,
        counted_from=messages.complete_from,
        recorded_from=points[0].seen_from if points else None,
    )


def _forward_urls(points: Iterable[SetupPoint]) -> set[str]:
    return {
        masked_url(action.forward_url)
        for point in points
        if point.part is SetupPart.ROUTE
        for configuration in (stored_route(point.content) or InboundRoute()).configurations
        for action in configuration.actions
        if action.forward_url
    }


def _answer(
    changes: Sequence[AttributedChange],
    last: int | None,
    worked_at: int | None,
    gap: bool,  # noqa: FBT001
    later: Sequence[int],
    facts: _Facts,
) -> Iterator[str]:
    """Yield sentences on what is known."""
    if worked_at is None:
        yield "No message of this application ever arrived here, so no good time is known."
    elif last is None:
        yield "No message ever arrived here, but a forward test succeeded."
    elif gap:
        yield "No message arrives any more, for longer than usual."
    else:
        yield "Messages arrive as usual."
    origins = Counter(one.origin for one in changes)
    since = "" if worked_at is None else " since then"
    if changes:
        yield f"The setup was changed{since}: {_counted_origins(len(changes), origins)}."
    else:
        yield f"No change of the setup was seen{since}."
    if later:
        yield f"{counted(len(later), 'forward test')} succeeded since then."
    if facts.recorded_from is None:
        yield "The setup of this application was never recorded."
    elif worked_at is not None and worked_at < facts.recorded_from:
        yield "The setup is recorded only from a later time on; earlier changes are not known."


def _counted_origins(changes: int, origins: Mapping[ChangeOrigin, int]) -> str:
    """Return a number of changes with their origins: "3 changes, 1 elsewhere, 2 here"."""
    words = {
        ChangeOrigin.ELSEWHERE: "elsewhere",
        ChangeOrigin.HERE: "here",
        ChangeOrigin.UNKNOWN: "of unknown origin",
    }
    known = [(origins[origin], where) for origin, where in words.items() if origins[origin]]
    if len(known) == 1:
        return f"{counted(changes, 'change')} {known[0][1]}"
    return ", ".join([counted(changes, "change"), *(f"{n:,} {where}" for n, where in known)])


def _test_event(test: StoredTest) -> TimelineEvent:
    status = "no answer" if test.status is None else str(test.status)
    host = urlsplit(test.url).hostname or "a URL"
    return TimelineEvent(
        identity=f"test {test.id}",
        kind=EventKind.TEST,
        at=test.at,
        title=f"Forward test of {host}: {status}",
        failed=test.counts == Delivered.NO,
        details=(("URL", redact_url(test.url)), ("Verdict", test.sentence)),
    )


def _message_events(
    hours: Sequence[HourActivity], *, from_first: bool, until_last: bool
) -> Iterator[TimelineEvent]:
    """Yield the first and the last message; of a part of them, they are those of the period."""
    if not hours:
        return
    ends = {hours[0].first: ("First", from_first), hours[-1].last: ("Last", until_last)}
    for at, (end, is_known) in ends.items():
        title = f"{end} message{'' if is_known else ' of the period'}"
        yield TimelineEvent(identity=f"{end} {at}", kind=EventKind.MESSAGES, at=at, title=title)


def _gap_events(hours: Sequence[HourActivity], now: int | None) -> Iterator[TimelineEvent]:
    """Yield the longest times without messages, with the present one if `now` is given."""
    longest = _longest_usual(hours)
    spans = [(one.last, other.first) for one, other in pairwise(hours)]
    gaps = [(start, end) for start, end in spans if end - start > longest]
    gaps = sorted(gaps, key=lambda span: span[0] - span[1])[:_MOST_GAPS]
    for start, end in gaps:
        yield _gap(start, end, "No messages")
    if now is not None and _present_gap(hours, now):
        yield _gap(hours[-1].last, now, "No messages until now")


def _gap(start: int, end: int, title: str) -> TimelineEvent:
    return TimelineEvent(
        identity=f"gap {start}", kind=EventKind.GAP, at=end, since=start, title=title
    )


def _present_gap(hours: Sequence[HourActivity], now: int) -> bool:
    return bool(hours) and now - hours[-1].last > _longest_usual(hours)


def _longest_usual(hours: Sequence[HourActivity]) -> float:
    """Return the longest time in ms between messages that is no gap: an hour at least.

    Nights and week-ends are usual where they come often.
    """
    times = sorted(other.first - one.last for one, other in pairwise(hours))
    usual = times[int(_FEW * (len(times) - 1))] if times else 0
    return max(HOUR_MS, _LONGER * usual)
