"""Events, marks and bars of a timeline as text: for tooltips, screen readers and tickets."""

from collections.abc import Iterable, Sequence
from datetime import tzinfo

from ibconsole.plural import counted
from ibconsole.services.setup.history import ChangeOrigin, EventKind, TimelineEvent
from ibconsole.ui.timeline.hour_bars import Bar
from ibconsole.ui.toolkit import one_line, times

MOST_NAMED = 6  # events of a mark that its tooltip names
_ORIGINS = {
    ChangeOrigin.HERE: "changed here",
    ChangeOrigin.ELSEWHERE: "changed elsewhere",
    ChangeOrigin.UNKNOWN: "changed",
}


def kind_of(event: TimelineEvent) -> str:
    """Return the kind of an event, with the origin of a change."""
    match event.kind:
        case EventKind.CHANGE:
            return _ORIGINS[event.origin]
        case EventKind.TEST:
            return "test failed" if event.failed else "test passed"
        case EventKind.ACT:
            return "call failed" if event.failed else "own act"
        case EventKind.MESSAGES:
            return "message"
        case EventKind.GAP:
            return "gap"


def when_of(event: TimelineEvent, zone: tzinfo | None) -> str:
    """Return the exact time of an event, or its two ends."""
    until = times.exact(event.at, zone)
    if event.since is None:
        return until
    since = times.exact(event.since, zone)
    lasts = times.span((event.at - event.since) // 1000)
    if event.kind is EventKind.GAP:
        return f"from {since} to {until} ({lasts})"
    return f"between {since} and {until} (within {lasts})"


def describe_event(event: TimelineEvent, zone: tzinfo | None) -> str:
    """Return an event with its exact times and details, a line for each."""
    details = (f"{one_line(name)}: {one_line(value)}" for name, value in event.details)
    head = (one_line(event.title), f"{kind_of(event).capitalize()}, {when_of(event, zone)}")
    return "\n".join((*head, *details))


def name_events(events: Sequence[TimelineEvent], zone: tzinfo | None) -> str:
    """Return the events of one mark, of many the first ones."""
    if len(events) == 1:
        return describe_event(events[0], zone)
    lines = [f"{times.exact(one.at, zone)}  {one_line(one.title)}" for one in events[:MOST_NAMED]]
    more = len(events) - len(lines)
    return "\n".join((*lines, *([f"and {counted(more, 'more event')}"] if more else ())))


def describe_bar(bar: Bar, zone: tzinfo | None) -> str:
    """Return the period of a bar with its messages."""
    since, until = times.exact(bar.since, zone), times.exact(bar.until, zone)
    return f"{since} to {until}\n{_messages(bar)}"


def copy_events(events: Iterable[TimelineEvent], zone: tzinfo | None) -> str:
    """Return events as lines for a ticket: time, kind, what happened, details."""
    lines = []
    for event in events:
        details = "; ".join(f"{name}: {value}" for name, value in event.details)
        cells = (when_of(event, zone), kind_of(event), event.title, details)
        lines.append("\t".join(one_line(cell) for cell in cells if cell))
    return "\n".join(lines)


def copy_bars(bars: Iterable[Bar], zone: tzinfo | None) -> str:
    """Return the figures as lines for a ticket or a spreadsheet."""
    head = "From\tTo\tPulled\tForwarded"
    rows = (
        f"{times.exact(bar.since, zone)}\t{times.exact(bar.until, zone)}"
        f"\t{bar.pulled}\t{bar.forwarded}"
        for bar in bars
    )
    return "\n".join((head, *rows))


def _messages(bar: Bar) -> str:
    return f"{counted(bar.pulled, 'message')} pulled, {counted(bar.forwarded, 'message')} forwarded"
