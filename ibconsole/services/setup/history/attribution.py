"""Attribution of changes: which calls of this program explain a difference, if any does.

A change came between the last time at which the old state was seen, and the first at which the new
one was. A call explains it if the audit has it in that time and it was about that object. What no
call explains was changed elsewhere: in the vendor's portal, or by another computer.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import unquote

import msgspec

from ibconsole.api import CallKind, CallState
from ibconsole.archive import AuditRow
from ibconsole.archive.history import SetupPart, SetupPoint
from ibconsole.model import encode
from ibconsole.services.audit import redact
from ibconsole.services.setup import InboundRoute
from ibconsole.services.setup.history.differences import (
    ChangeKind,
    SetupChange,
    application_changes,
    route_changes,
    stored_application,
    stored_route,
)
from ibconsole.services.setup.history.history_source import HistorySource
from ibconsole.services.setup.history.timeline_events import ChangeOrigin

# ms in which a call may have its effect that was interrupted, or that got no answer.
_LATE_EFFECT = 600_000
_PATH = re.compile(
    r"/applications/[^/?]+/configurations(?:/(?P<key>[^/?]+))?"
    r"(?P<actions>/actions)?(?:/(?P<action>[^/?]+))?$"
)


class OwnCall(msgspec.Struct, frozen=True, kw_only=True):
    """A change that this program sent: a row of the audit, with the object that it was about.

    `at` and `ended_at` are milliseconds since the epoch; `ended_at` is None, and `outcome` not
    known, if the call was interrupted. `act` is shared by the calls of one command of the user.
    `sent` and `answered` are the bodies as recorded, redacted.
    """

    row: int
    connection: str
    at: int
    ended_at: int | None
    outcome: CallState
    act: str
    user: str
    host: str
    account: str
    place: str
    reason: str
    problem: str
    creates: bool
    configuration: str
    of_action: bool
    action: str
    sent: Any
    answered: Any

    @property
    def may_have_changed(self) -> bool:
        """True unless it certainly changed nothing."""
        return self.outcome in {CallState.DONE, CallState.UNKNOWN}

    @property
    def last_effect(self) -> int:
        """The last time at which it may have taken effect."""
        if self.ended_at is not None and self.outcome is CallState.DONE:
            return self.ended_at
        return (self.ended_at or self.at) + _LATE_EFFECT


class AttributedChange(msgspec.Struct, frozen=True):
    """A change of a setup that came after `after` and not after `before`.

    `call` explains it. Without one it was made elsewhere; that is unknown if the audit of that
    time was removed. Times are milliseconds since the epoch.
    """

    change: SetupChange
    after: int
    before: int
    call: OwnCall | None = None
    is_recorded: bool = True

    @property
    def origin(self) -> ChangeOrigin:
        """The origin of the change."""
        if self.call:
            return ChangeOrigin.HERE
        return ChangeOrigin.ELSEWHERE if self.is_recorded else ChangeOrigin.UNKNOWN


def changes_of(
    source: HistorySource, application: str, *, since: int = 0
) -> Sequence[AttributedChange]:
    """Return the changes of an application that may have come after `since`, oldest first.

    `application` is its code. Raises ArchiveError; without an archive there are no changes.
    """
    if not source.exists:
        return []
    calls, recorded_from = calls_of(source, application), source.attributable_from()
    found: list[AttributedChange] = []
    for part in SetupPart:
        points = filter(_is_readable, source.points_of(application, part, since=since))
        for former, current in pairwise(points):
            found += attribute(former, current, calls, recorded_from)
    return sorted((one for one in found if one.before > since), key=lambda one: one.before)


def attribute(
    former: SetupPoint, current: SetupPoint, calls: Sequence[OwnCall], recorded_from: int = 0
) -> Sequence[AttributedChange]:
    """Return what changed between two neighbouring points, with the calls that explain it.

    The audit has all calls since `recorded_from`.
    """
    if former.part is SetupPart.APPLICATION:
        changes = application_changes(former.content, current.content)
    else:
        routes = [stored_route(one.content) or InboundRoute() for one in (former, current)]
        changes = route_changes(*routes)
    after, before = former.seen_until, current.seen_from
    near = [
        one
        for one in calls
        if one.may_have_changed and one.at <= before and one.last_effect >= after
    ]
    explained = _explain(changes, near)
    return [
        AttributedChange(change, after, before, explained.get(number), after >= recorded_from)
        for number, change in enumerate(changes)
    ]


def calls_of(source: HistorySource, application: str) -> Sequence[OwnCall]:
    """Return the changes of an application that this program sent, oldest first.

    On any connection: two may lead to one account. Raises ArchiveError.
    """
    return [call for row in source.audit(application) if (call := _call_of(row))]


def _is_readable(point: SetupPoint) -> bool:
    """Return whether a state can be compared: a damaged one would look like deletions."""
    if point.part is SetupPart.ROUTE:
        return stored_route(point.content) is not None
    return point.content is None or stored_application(point.content) is not None


def _explain(changes: Sequence[SetupChange], calls: Sequence[OwnCall]) -> Mapping[int, OwnCall]:
    """Return the calls that explain changes, by the number of the change.

    A call explains one creation or deletion, and with a configuration all that was in it. First
    those that name the object are matched, then those whose answer did not name what they made.
    """
    explained: dict[int, OwnCall] = {}
    left = list(calls)
    for exact in (True, False):
        for number, change in enumerate(changes):
            found = [one for one in left if _explains(one, change, exact=exact)]
            if found and number not in explained:
                explained[number] = found[0]
                left.remove(found[0])
    for number, change in enumerate(changes):
        if change.kind is ChangeKind.ACTION_DELETED and number not in explained:
            around = [one for one in calls if _deletes_around(one, change)]
            if around:
                explained[number] = around[-1]
    return explained


def _explains(call: OwnCall, change: SetupChange, *, exact: bool) -> bool:
    match change.kind:
        case ChangeKind.ACTION_CREATED if call.creates and call.of_action:
            if call.configuration != change.configuration:
                return False
            named = _keys_in(call.answered)
            return change.action in named if named or exact else _is_like(call.sent, change)
        case ChangeKind.ACTION_DELETED if not call.creates and call.of_action:
            place = (call.configuration, call.action)
            return exact and place == (change.configuration, change.action)
        case ChangeKind.CONFIGURATION_CREATED if call.creates and not call.of_action:
            named = _keys_in(call.answered)
            return change.configuration in named if named or exact else True
        case ChangeKind.CONFIGURATION_DELETED if not call.creates and not call.of_action:
            return exact and call.configuration == change.configuration
    return False


def _deletes_around(call: OwnCall, change: SetupChange) -> bool:
    is_deletion = not call.creates and not call.of_action
    return is_deletion and call.configuration == change.configuration


def _is_like(sent: Any, change: SetupChange) -> bool:
    """Return whether an action is as it was sent, as far as the audit shows that."""
    if not isinstance(sent, dict):
        return False
    current = _object(redact(encode(change.current)))
    return all(current.get(name) == value for name, value in sent.items())


def _keys_in(answered: Any) -> frozenset[str]:
    """Return the keys of objects in an answer, with or without an envelope."""
    if isinstance(answered, dict):
        own = {answered["key"]} if isinstance(answered.get("key"), str) else set()
        return frozenset(own).union(*map(_keys_in, answered.values()))
    if isinstance(answered, list):
        return frozenset[str]().union(*map(_keys_in, answered))
    return frozenset()


def _call_of(row: AuditRow) -> OwnCall | None:
    """Return a row as a change of a setup; None for any other row, or one that is damaged."""
    found, outcome = _object(row.content), _object(row.outcome or "")
    place = _PATH.search(str(found.get("path", "")))
    if found.get("kind") != CallKind.CHANGE or not place:
        return None
    texts = {
        name: str(found.get(name, ""))
        for name in ("act", "user", "host", "account", "place", "reason")
    }
    state = str(outcome.get("state", CallState.UNKNOWN))
    return OwnCall(
        row=row.number,
        connection=row.connection,
        at=row.at,
        ended_at=row.ended_at,
        outcome=CallState(state) if state in set(CallState) else CallState.UNKNOWN,
        problem=str(outcome.get("problem", "")),
        creates=found.get("method") == "POST",
        configuration=unquote(place["key"] or ""),
        of_action=bool(place["actions"]),
        action=unquote(place["action"] or ""),
        sent=_object(str(found.get("after", ""))),
        answered=_any(str(outcome.get("answer", ""))),
        **texts,
    )


def _object(text: str) -> dict[str, Any]:
    found = _any(text)
    return found if isinstance(found, dict) else {}


def _any(text: str) -> Any:
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return None


def acts_of(calls: Sequence[OwnCall]) -> Iterator[Sequence[OwnCall]]:
    """Yield the calls of each act of the user, in the order of their beginnings."""
    acts: dict[str, list[OwnCall]] = {}
    for call in calls:
        acts.setdefault(call.act or str(call.row), []).append(call)
    yield from acts.values()
