"""Differences of two setups: what changed between two states, and two setups row by row."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any, TypeVar

import msgspec

from ibconsole.model import Action, Undecodable, encode_sorted, parse
from ibconsole.services.comparison import MASKED, ComparedValue, RowComparison, Side
from ibconsole.services.request_log import redact_url
from ibconsole.services.setup import ConfigurationState, InboundRoute, route_of
from ibconsole.services.setup.history.recorder import without_counts
from ibconsole.text import mask_code

Raw = Mapping[str, Any]
T = TypeVar("T", ConfigurationState, Action)


class ChangeKind(StrEnum):
    """The kinds of changes of a setup; the values are shown to users."""

    APPLICATION_CREATED = "application appeared"
    APPLICATION_DELETED = "application is gone"
    APPLICATION_EDITED = "application changed"
    CONFIGURATION_CREATED = "configuration created"
    CONFIGURATION_DELETED = "configuration deleted"
    CONFIGURATION_EDITED = "configuration changed"
    ACTION_CREATED = "action created"
    ACTION_DELETED = "action deleted"
    ACTION_EDITED = "action changed"


class SetupChange(msgspec.Struct, frozen=True):
    """One difference between two states of an application.

    `configuration` and `action` are keys. `former` and `current` are the objects as received, None
    where it did not exist. They may hold secrets: they are not for display.
    """

    kind: ChangeKind
    configuration: str = ""
    action: str = ""
    former: Raw | None = None
    current: Raw | None = None


class SetupState(msgspec.Struct, frozen=True):
    """The state of an application: its own object and its route, None for what is not known.

    The object of an application that does not exist is empty.
    """

    application: Raw | None = None
    route: InboundRoute | None = None


def stored_application(content: bytes | None) -> Raw | None:
    """Return the object of an application that was stored; None if it cannot be read."""
    try:
        found = parse(content or b"null")
    except Undecodable:
        return None
    return found if isinstance(found, dict) else None


def stored_route(content: bytes | None) -> InboundRoute | None:
    """Return a route that was stored; None if it cannot be read."""
    try:
        return route_of(content or b"[]")
    except Undecodable:
        return None


def application_changes(former: bytes | None, current: bytes | None) -> list[SetupChange]:
    """Return what changed between two stored states of an application's object."""
    one, other = stored_application(former), stored_application(current)
    kinds = {
        (True, False): ChangeKind.APPLICATION_DELETED,
        (False, True): ChangeKind.APPLICATION_CREATED,
        (True, True): ChangeKind.APPLICATION_EDITED,
    }
    kind = kinds.get((one is not None, other is not None))
    return [SetupChange(kind, former=one, current=other)] if kind and one != other else []


def route_changes(former: InboundRoute, current: InboundRoute) -> list[SetupChange]:
    """Return what changed between two states of a route, object by object.

    The actions of a configuration that was created or deleted follow it.
    """
    ours, theirs = _placed(former.configurations), _placed(current.configurations)
    found: list[SetupChange] = []
    for place in dict.fromkeys((*ours, *theirs)):
        one, other = ours.get(place), theirs.get(place)
        kinds = (
            ChangeKind.CONFIGURATION_DELETED,
            ChangeKind.CONFIGURATION_CREATED,
            ChangeKind.CONFIGURATION_EDITED,
        )
        before, after = _raw(one), _raw(other)
        if before != after:
            kind = _kind(before, after, kinds)
            found.append(SetupChange(kind, place[0], former=before, current=after))
        found += _action_changes(place[0], one, other)
    return found


def compare(left: SetupState, right: SetupState, *, same: bool = False) -> RowComparison:
    """Align two setups row by row, as texts to be shown.

    Keys are compared if it is the `same` application at two times. Actions are aligned by their
    content, and what is left of them by their keys or in order.
    """
    rows = [
        *_application_rows(left.application, right.application),
        *_route_rows(left.route, right.route, same=same),
    ]
    return RowComparison(tuple(rows))


def _action_changes(
    key: str, former: ConfigurationState | None, current: ConfigurationState | None
) -> Iterator[SetupChange]:
    ours = _placed(former.actions if former else ())
    theirs = _placed(current.actions if current else ())
    kinds = (ChangeKind.ACTION_DELETED, ChangeKind.ACTION_CREATED, ChangeKind.ACTION_EDITED)
    for place in dict.fromkeys((*ours, *theirs)):
        before, after = _raw(ours.get(place)), _raw(theirs.get(place))
        if before != after:
            yield SetupChange(_kind(before, after, kinds), key, place[0], before, after)


def _kind(
    before: Raw | None, after: Raw | None, kinds: tuple[ChangeKind, ChangeKind, ChangeKind]
) -> ChangeKind:
    deleted, created, edited = kinds
    if after is None:
        return deleted
    return created if before is None else edited


def _placed(items: Sequence[T]) -> dict[tuple[str, int], T]:
    """Return objects by their keys, and by a number that tells those without a key apart."""
    seen: Counter[str] = Counter()
    found = {}
    for one in items:
        found[one.key, seen[one.key]] = one
        seen[one.key] += 1
    return found


def _raw(one: ConfigurationState | Action | None) -> Raw | None:
    return None if one is None else one.raw


def _application_rows(left: Raw | None, right: Raw | None) -> Iterator[ComparedValue]:
    if left is None or right is None:
        yield _unknown("Application", left, right)
        return
    yield from _object_rows("Application", without_counts(left), without_counts(right))


def _unknown(group: str, left: object, right: object) -> ComparedValue:
    ours, theirs = ("not known" if one is None else "known" for one in (left, right))
    return ComparedValue(group, "", ours, theirs, Side.EQUAL if ours == theirs else Side.DIFFERENT)


def _route_rows(
    left: InboundRoute | None, right: InboundRoute | None, *, same: bool
) -> Iterator[ComparedValue]:
    if left is None or right is None:
        yield _unknown("Route", left, right)
        return
    for number in range(max(len(left.configurations), len(right.configurations))):
        pair = [
            route.configurations[number] if number < len(route.configurations) else None
            for route in (left, right)
        ]
        name = "Configuration" if not number else f"Configuration {number + 1}"
        one, other = pair
        yield from _object_rows(name, _raw(one), _raw(other), keys=same)
        yield from _actions_rows(name, one, other, same=same)


def _actions_rows(
    name: str, left: ConfigurationState | None, right: ConfigurationState | None, *, same: bool
) -> Iterator[ComparedValue]:
    pairs = _aligned(left.actions if left else (), right.actions if right else (), same=same)
    prefix = "" if name == "Configuration" else f"{name}, "
    for number, (one, other) in enumerate(pairs, start=1):
        group = f"{prefix}Action {number}"
        yield from _object_rows(group, _raw(one), _raw(other), keys=same)


def _aligned(
    left: Sequence[Action], right: Sequence[Action], *, same: bool
) -> list[tuple[Action | None, Action | None]]:
    """Pair actions that are equal, then those with equal keys, then the others in order."""
    rest = list(right)
    pairs: dict[int, Action] = {}
    for identity in [_key, _content] if same else [_content, _type_of]:
        for number, one in enumerate(left):
            if number in pairs:
                continue
            found = next((each for each in rest if identity(each) == identity(one)), None)
            if found is not None:
                pairs[number] = found
                rest.remove(found)
    aligned: list[tuple[Action | None, Action | None]] = [
        (one, pairs.get(number)) for number, one in enumerate(left)
    ]
    return [*aligned, *((None, one) for one in rest)]


def _key(action: Action) -> str:
    return action.key


def _type_of(action: Action) -> str:
    return action.type


def _content(action: Action) -> bytes:
    return encode_sorted({name: value for name, value in action.raw.items() if name != "key"})


def _object_rows(
    group: str, left: Raw | None, right: Raw | None, *, keys: bool = True
) -> Iterator[ComparedValue]:
    members = dict.fromkeys((*(left or ()), *(right or ())))
    names = [name for name in members if keys or name != "key"]
    for name in names:
        side = _side(left, right, name)
        ours, theirs = (
            show_value(name, one[name]) if one and name in one else "" for one in (left, right)
        )
        if side is Side.DIFFERENT and ours == theirs:
            theirs += MASKED
        yield ComparedValue(group, name, ours, theirs, side)
    if not names and (left is None) != (right is None):
        ours, theirs = ("" if one is None else "exists" for one in (left, right))
        side = Side.RIGHT_ONLY if left is None else Side.LEFT_ONLY
        yield ComparedValue(group, "", ours, theirs, side)


def _side(left: Raw | None, right: Raw | None, name: str) -> Side:
    if not left or name not in left:
        return Side.RIGHT_ONLY
    if not right or name not in right:
        return Side.LEFT_ONLY
    return Side.EQUAL if left[name] == right[name] else Side.DIFFERENT


def show_value(name: str, value: Any) -> str:
    """Return a member's value as a text that shows no secret."""
    text = value if isinstance(value, str) else encode_sorted(value).decode(errors="replace")
    return mask_code(text) if name == "applicationCode" else redact_url(text)
