"""Changes of a setup and own calls as events of a timeline: texts that show no secret."""

from collections import Counter
from collections.abc import Iterator, Sequence

from ibconsole.api import CallState
from ibconsole.plural import counted
from ibconsole.services.setup.history.attribution import AttributedChange, OwnCall
from ibconsole.services.setup.history.differences import Raw, SetupChange, show_value
from ibconsole.services.setup.history.timeline_events import (
    ChangeOrigin,
    EventKind,
    TimelineEvent,
)

_NO_VALUE = "none"


def change_event(found: AttributedChange) -> TimelineEvent:
    """Return a change as an event: with its time if a call explains it, else with its interval."""
    change, call = found.change, found.call
    is_exact = call is not None and call.outcome is CallState.DONE
    at = call.ended_at if call and is_exact else None
    names = (change.kind.value, change.configuration, change.action, found.before)
    return TimelineEvent(
        identity=" ".join(map(str, names)),
        kind=EventKind.CHANGE,
        at=found.before if at is None else at,
        since=found.after if at is None else None,
        title=_title(change),
        origin=found.origin,
        details=(*_values(change), *(_caller(call) if call else _no_caller(found))),
        act=call.act if call else "",
        seen=(found.after, found.before),
    )


def act_event(calls: Sequence[OwnCall]) -> TimelineEvent:
    """Return the calls of one command of the user as an event."""
    first = calls[0]
    failed = [one for one in calls if one.outcome is not CallState.DONE]
    result = f": {failed[0].outcome.value}" if failed else ""
    problem = next((one.problem for one in failed if one.problem), "")
    return TimelineEvent(
        identity=f"act {first.row}",
        kind=EventKind.ACT,
        at=first.at,
        title=f"{_label(calls)}{result}",
        origin=ChangeOrigin.HERE,
        failed=bool(failed),
        details=(*_caller(first), *((("Problem", problem),) if problem else ())),
        act=first.act,
    )


def _label(calls: Sequence[OwnCall]) -> str:
    """Return the calls in words: "Delete 3 actions", "Create action, delete action"."""
    kinds = Counter((one.creates, one.of_action) for one in calls)
    words = []
    for (creates, of_action), number in kinds.items():
        verb, noun = "create" if creates else "delete", "action" if of_action else "configuration"
        words.append(f"{verb} {noun if number == 1 else counted(number, noun)}")
    return ", ".join(words).capitalize()


def _title(change: SetupChange) -> str:
    title = change.kind.value.capitalize()
    raw = change.current if change.current is not None else change.former
    if not raw:
        return title
    if change.action:
        target = show_value("forwardUrl", raw.get("forwardUrl") or "")
        return f"{title}: {show_value('type', raw.get('type') or 'no type')} {target}".rstrip()
    name = raw.get("name")
    return f"{title}: {show_value('name', name)}" if name else title


def _values(change: SetupChange) -> Iterator[tuple[str, str]]:
    """Yield the members that differ, or those of an object that came or went."""
    former, current = change.former, change.current
    if former is not None and current is not None:
        for name in dict.fromkeys((*former, *current)):
            if former.get(name) != current.get(name):
                values = (_shown(name, former), _shown(name, current))
                differs = " (differs in what is masked)" if values[0] == values[1] else ""
                yield name, f"{values[0]} → {values[1]}{differs}"
        return
    raw = current if current is not None else former
    for name in raw or ():
        yield name, _shown(name, raw or {})
    if change.action and change.configuration:
        yield "configuration", change.configuration


def _shown(name: str, raw: Raw) -> str:
    return show_value(name, raw[name]) if name in raw else _NO_VALUE


def _caller(call: OwnCall) -> Iterator[tuple[str, str]]:
    yield "By", f"{call.user} on {call.host}".strip()
    yield "Connection", call.account
    if call.place:
        yield "Command", call.place
    if call.reason:
        yield "Reason", call.reason
    if call.outcome is not CallState.DONE:
        yield "Outcome", call.outcome.value


def _no_caller(found: AttributedChange) -> Iterator[tuple[str, str]]:
    if found.is_recorded:
        yield "By", "not known: no call of this program explains it"
    else:
        yield "By", "not known: the audit of that time was removed"
