"""The values of a timeline: its events, and its numbers of messages.

All instants are milliseconds since the epoch. Texts are ready to be shown: application codes in
them are masked, and none holds a secret.
"""

from enum import StrEnum

import msgspec

HOUR_MS = 3_600_000


class EventKind(StrEnum):
    """The kinds of events; each kind is one lane of a chart, in this order."""

    CHANGE = "setup change"
    ACT = "own act"
    TEST = "forward test"
    MESSAGES = "messages"  # the first or the last one of a period
    GAP = "gap"


class ChangeOrigin(StrEnum):
    """The origin of a setup change: calls of this program explain it, or none does."""

    HERE = "here"
    ELSEWHERE = "elsewhere"
    UNKNOWN = "unknown"


class TimelineEvent(msgspec.Struct, frozen=True, kw_only=True):
    """An event in the life of an application.

    It happened at `at`; or, if `since` is given, at an unknown time after `since` and not after
    `at`. A gap is a period without messages: from `since` to `at`. `identity` stays the same when
    the timeline is read again. `title` is one line; `details` are names with their values. `failed`
    is for tests and calls. Events of one command of the user have the same `act`. `seen` are the
    times at which the state before a change was seen last, and the one after it first.
    """

    identity: str
    kind: EventKind
    at: int
    title: str
    since: int | None = None
    origin: ChangeOrigin = ChangeOrigin.UNKNOWN
    failed: bool = False
    details: tuple[tuple[str, str], ...] = ()
    act: str = ""
    seen: tuple[int, int] | None = None


class HourCount(msgspec.Struct, frozen=True):
    """The messages that arrived within an hour, which begins at `at`, by way."""

    at: int
    pulled: int = 0
    forwarded: int = 0


class Timeline(msgspec.Struct, frozen=True, kw_only=True):
    """The events and messages of an application within a period, both oldest first.

    `since` is None for everything that is known. `hours` are those with messages. `recorded_from`
    is the time of the oldest setup that is known, None if none is. `left_out` counts the oldest
    events that were left out because there are too many. Messages were counted from `counted_from`
    on, None for all.
    """

    connection: str
    application: str
    until: int
    since: int | None = None
    events: tuple[TimelineEvent, ...] = ()
    hours: tuple[HourCount, ...] = ()
    recorded_from: int | None = None
    left_out: int = 0
    counted_from: int | None = None


class ChangesSinceItWorked(msgspec.Struct, frozen=True, kw_only=True):
    """The changes after the time at which an application's messages last arrived as usual.

    `worked_at` is None if no message ever arrived. `answer` is a sentence that says what `events`
    show. `broken_since` is the end of the last good time if messages are missing now.
    """

    answer: str
    worked_at: int | None = None
    broken_since: int | None = None
    events: tuple[TimelineEvent, ...] = ()
