"""Changes and calls are shown in words, with their times, without secrets."""

from typing import Any

import pytest

from ibconsole.api.gate import CallState
from ibconsole.services.setup.history.attribution import AttributedChange, OwnCall
from ibconsole.services.setup.history.change_texts import act_event, change_event
from ibconsole.services.setup.history.differences import ChangeKind, SetupChange
from ibconsole.services.setup.history.timeline_events import ChangeOrigin

SECRET = {"key": "F", "type": "HTTP_FORWARD", "forwardUrl": "https://u:p@a.example/"}


def call(outcome: CallState = CallState.DONE, **other: Any) -> OwnCall:
    values: dict[str, Any] = {
        "row": 1, "connection": "c", "at": 10, "ended_at": 12, "act": "x", "user": "anna",
        "host": "pc", "account": "Acme", "place": "Delete action", "reason": "", "problem": "",
        "creates": False, "configuration": "K", "of_action": True, "action": "F", "sent": None,
        "answered": None,
    }  # fmt: skip
    return OwnCall(**{**values, **other}, outcome=outcome)


@pytest.mark.parametrize(
    ("kind", "former", "current", "title"),
    [
        (ChangeKind.APPLICATION_EDITED, {"name": "A"}, {"name": "B"}, "Application changed: B"),
        (ChangeKind.CONFIGURATION_DELETED, {"key": "K"}, None, "Configuration deleted"),
        (ChangeKind.APPLICATION_CREATED, None, {}, "Application appeared"),
    ],
)
def test_titles(kind: ChangeKind, former: Any, current: Any, title: str) -> None:
    """The title says what changed, and names it."""
    assert (
        change_event(AttributedChange(SetupChange(kind, "K", "", former, current), 1, 2)).title
        == title
    )


def test_a_change_that_was_made_elsewhere() -> None:
    """Its time is an interval; what differs only in a secret is a difference."""
    changed = {**SECRET, "forwardUrl": "https://u:q@a.example/", "new": 1}
    change = SetupChange(ChangeKind.ACTION_EDITED, "K", "F", SECRET, changed)

    event = change_event(AttributedChange(change, 5, 9))

    assert (event.since, event.at, event.origin) == (5, 9, ChangeOrigin.ELSEWHERE)
    shown = dict(event.details)
    assert shown["forwardUrl"].endswith("(differs in what is masked)")
    assert shown["new"] == "none → 1"
    assert "no call of this program" in shown["By"]
    assert "u:p" not in str(event)


def test_a_change_that_a_call_explains() -> None:
    """It has the time of the call, unless its outcome is not known."""
    change = SetupChange(ChangeKind.ACTION_DELETED, "K", "F", SECRET, None)

    event = change_event(AttributedChange(change, 5, 20, call(reason="ticket 7")))
    doubtful = change_event(AttributedChange(change, 5, 20, call(CallState.UNKNOWN)))

    assert (event.since, event.at, event.act) == (None, 12, "x")
    assert {("By", "anna on pc"), ("Reason", "ticket 7")} <= set(event.details)
    assert ("configuration", "K") in event.details
    assert (doubtful.since, doubtful.at) == (5, 20)
    assert ("Outcome", "not known") in doubtful.details


def test_calls_of_one_act() -> None:
    """One that failed makes the act fail, and says why; each kind of call is named."""
    assert act_event([call(), call(row=2)]).title == "Delete 2 actions"
    mixed = [call(creates=True), call(), call(creates=True, of_action=False)]
    title = act_event(mixed).title
    assert title == "Create action, delete action, create configuration"
    failed = act_event([call(), call(CallState.REFUSED, problem="No.", place="")])
    assert (failed.title, failed.failed) == ("Delete 2 actions: refused", True)
    assert ("Problem", "No.") in failed.details
