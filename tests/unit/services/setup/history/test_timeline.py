"""A timeline says what happened to an application, and what changed since it last worked."""

import json
from pathlib import Path
from typing import Any

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.audit import AuditEntry, append_audit
from ibconsole.archive.history.points import SeenRoute, store_routes
from ibconsole.archive.records import ForwardTestRecord
from ibconsole.clock import TimeSpan, now_ms
from ibconsole.model.application import read_action
from ibconsole.services.forward_test import masked_url
from ibconsole.services.request_log import redact_url
from ibconsole.services.setup.history.timeline import read_timeline, what_changed_since_it_worked
from ibconsole.services.setup.history.timeline_events import (
    ChangeOrigin,
    EventKind,
    HourCount,
    Timeline,
    TimelineEvent,
)
from ibconsole.services.setup.inbound_route import ConfigurationState, InboundRoute, route_bytes
from tests.unit.archive.deliveries import forward

HOUR = 3_600_000
DAY = 24 * HOUR
FORWARD = {"key": "F", "type": "HTTP_FORWARD", "forwardUrl": "https://u:p@a.example/in?token=1"}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite3"


def see(path: Path, at: int, *actions: dict[str, Any]) -> None:
    """Store a route of application "a" with these actions."""
    state = ConfigurationState("K", tuple(map(read_action, actions)), {"key": "K"})
    content = route_bytes(InboundRoute((state,)))
    store_routes(path, "c", [SeenRoute("a", content, TimeSpan(at, at))])


def receive(path: Path, *times: int) -> None:
    with Archive(path) as archive:
        for at in times:
            forward(archive, {"applicationCode": "a"}, arrived_at=at)


def try_url(path: Path, at: int, counts: str) -> None:
    facts = json.dumps({"verdict": {"counts": counts, "sentence": "A sentence."}})
    with Archive(path) as archive:
        archive.add_forward_test(
            ForwardTestRecord(0, at, masked_url(FORWARD["forwardUrl"]), 200, b"{}", b"", facts)
        )


def kinds(events: tuple[TimelineEvent, ...]) -> list[tuple[EventKind, str]]:
    return [(one.kind, one.title) for one in events]


def test_the_life_of_an_application(path: Path) -> None:
    """Changes, tests, messages and gaps are on one axis; secrets are masked."""
    assert read_timeline(path, "c", "a", None, 9) == Timeline(
        connection="c", application="a", until=9
    )
    see(path, DAY)
    see(path, 2 * DAY, FORWARD)
    receive(path, 3 * DAY, 3 * DAY + 1, 9 * DAY)
    try_url(path, 4 * DAY, "no")

    found = read_timeline(path, "c", "a", None, 20 * DAY)

    assert kinds(found.events) == [
        (EventKind.CHANGE, f"Action created: HTTP_FORWARD {redact_url(FORWARD['forwardUrl'])}"),
        (EventKind.MESSAGES, "First message"),
        (EventKind.TEST, "Forward test of a.example: 200"),
        (EventKind.MESSAGES, "Last message of the period"),
    ]
    [change, _, test, _] = found.events
    assert (change.origin, change.since, change.at) == (ChangeOrigin.ELSEWHERE, DAY, 2 * DAY)
    assert test.failed
    assert "u:p" not in str(found)
    assert "token=1" not in str(found)
    assert found.hours == (HourCount(3 * DAY, 0, 2), HourCount(9 * DAY, 0, 1))
    assert (found.recorded_from, found.left_out) == (DAY, 0)
    later = read_timeline(path, "c", "a", 5 * DAY, 20 * DAY)
    assert kinds(later.events) == [(EventKind.MESSAGES, "Last message of the period")]
    now = read_timeline(path, "c", "a", 2 * DAY).events
    assert [one.title for one in now if one.kind is EventKind.MESSAGES] == [
        "First message of the period",
        "Last message",
    ]


def test_gaps(path: Path) -> None:
    """A time without messages is a gap if it is longer than most; nights are usual."""
    nights = [day * DAY + hour * HOUR for day in range(8) for hour in range(9, 17)]
    receive(path, *nights, 12 * DAY)

    found = read_timeline(path, "c", "a", None, 13 * DAY)

    gaps = [(one.since, one.at) for one in found.events if one.kind is EventKind.GAP]
    assert gaps == [(nights[-1], 12 * DAY)]
    open_gap = read_timeline(path, "c", "a").events[-1]
    assert (open_gap.title, open_gap.since) == ("No messages until now", 12 * DAY)


def test_own_acts(path: Path) -> None:
    """A call explains its change with its exact time; one that failed is an act alone."""
    now = now_ms()
    see(path, now - 1)
    content = {
        "kind": "change", "method": "POST", "act": "1", "place": "Create action", "user": "anna",
        "path": "/push/1/applications/a/configurations/K/actions", "reason": "ticket 7",
    }  # fmt: skip
    for state, answer in (("done", '{"key":"F"}'), ("refused", "")):
        entry = AuditEntry("c", "a", json.dumps(content))
        number = append_audit(path, entry)
        outcome = json.dumps({"state": state, "answer": answer, "problem": ""})
        append_audit(path, AuditEntry("c", "a", outcome, number))
        content["act"] = "2"
    see(path, now_ms() + 1, FORWARD)

    found = read_timeline(path, "c", "a")

    change = next(one for one in found.events if one.kind is EventKind.CHANGE)
    acts = [one for one in found.events if one.kind is EventKind.ACT]
    assert (change.origin, change.since, change.act) == (ChangeOrigin.HERE, None, "1")
    assert ("Reason", "ticket 7") in change.details
    assert [(one.title, one.failed) for one in acts] == [
        ("Create action", False),
        ("Create action: refused", True),
    ]


def test_what_changed_since_it_worked(path: Path) -> None:
    """Everything after the last message is shown, and what is not known is said."""
    now = now_ms()
    assert "no archive" in what_changed_since_it_worked(path, "c", "a").answer
    receive(path, *(now - hour * HOUR for hour in (72, 71, 70, 69, 68)))
    see(path, now - 71 * HOUR)
    see(path, now - 70 * HOUR, {**FORWARD, "key": "old"})
    see(path, now - 10 * HOUR, FORWARD)
    try_url(path, now - HOUR, "yes")

    found = what_changed_since_it_worked(path, "c", "a")

    assert found.worked_at == found.broken_since == now - 68 * HOUR
    assert [one.kind for one in found.events] == [EventKind.CHANGE] * 2 + [EventKind.TEST]
    assert found.answer == (
        "No message arrives any more, for longer than usual. The setup was changed since then:"
        " 2 changes elsewhere. 1 forward test succeeded since then."
    )


def test_messages_that_arrive(path: Path) -> None:
    """Nothing is broken then; a setup that is known only since then is said to be."""
    receive(path, now_ms() - 1_000)
    found = what_changed_since_it_worked(path, "c", "a")
    assert found.broken_since is None
    assert "never recorded" in found.answer

    see(path, now_ms())
    assert "recorded only from a later time" in what_changed_since_it_worked(path, "c", "a").answer


def test_an_application_without_messages(path: Path) -> None:
    """The last test that succeeded is a good time; without one none is known."""
    see(path, 1, FORWARD)
    assert what_changed_since_it_worked(path, "c", "a").worked_at is None
    try_url(path, 5, "yes")
    try_url(path, 7, "no")

    found = what_changed_since_it_worked(path, "c", "a")

    assert found.worked_at == 5
    assert [one.failed for one in found.events] == [True]
    assert "a forward test succeeded" in found.answer
