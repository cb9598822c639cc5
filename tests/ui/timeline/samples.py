"""A timeline with an event of each kind, in days before a fixed time."""

from ibconsole.services.setup.history.timeline_events import (
    HOUR_MS,
    ChangeOrigin,
    ChangesSinceItWorked,
    EventKind,
    HourCount,
    Timeline,
    TimelineEvent,
)

NOW = 1_795_990_000_000  # 2026-11-29 22:06:40 UTC
DAY = 24 * HOUR_MS


def days_ago(days: float) -> int:
    return int(NOW - days * DAY)


CREATED = TimelineEvent(
    identity="created",
    kind=EventKind.CHANGE,
    at=days_ago(6),
    title="Action PULL created",
    origin=ChangeOrigin.HERE,
    details=(("by", "ada@desk, window"),),
    act="a1",
)
TESTED = TimelineEvent(
    identity="tested",
    kind=EventKind.TEST,
    at=days_ago(5),
    title="Test of https://crm.example/in passed",
)
PULLED = TimelineEvent(
    identity="pulled", kind=EventKind.ACT, at=days_ago(4), title="Pull of 100 messages"
)
LAST = TimelineEvent(
    identity="last", kind=EventKind.MESSAGES, at=days_ago(2), title="Last message by forward"
)
REPLACED = TimelineEvent(
    identity="replaced",
    kind=EventKind.CHANGE,
    since=days_ago(2),
    at=days_ago(1.5),
    title="Action HTTP_FORWARD changed",
    origin=ChangeOrigin.ELSEWHERE,
    details=(("forwardUrl", "https://crm.example/in → https://crm.example/inn"),),
)
FAILED = TimelineEvent(
    identity="failed",
    kind=EventKind.TEST,
    at=days_ago(1),
    title="Test of https://crm.example/inn failed: 404",
    failed=True,
)
GAP = TimelineEvent(
    identity="gap", kind=EventKind.GAP, since=days_ago(2), at=NOW, title="No message for 2 days"
)
EVENTS = (CREATED, TESTED, PULLED, LAST, REPLACED, FAILED, GAP)
HOURS = tuple(
    HourCount(days_ago(6) // HOUR_MS * HOUR_MS + number * HOUR_MS, number % 7, (number * 5) % 11)
    for number in range(96)
)
TIMELINE = Timeline(
    connection="c",
    application="code",
    since=days_ago(7),
    until=NOW,
    events=EVENTS,
    hours=HOURS,
    recorded_from=days_ago(6.5),
)
CHANGES = ChangesSinceItWorked(
    answer="The last message arrived 2 days ago. One setup change followed, made elsewhere.",
    worked_at=days_ago(2),
    broken_since=days_ago(2),
    events=(REPLACED, FAILED),
)
