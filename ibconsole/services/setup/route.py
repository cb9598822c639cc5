"""The route of an application's inbound messages, as far as its actions define it.

What the platform leaves undocumented (platform.md §8) is marked as such, not guessed.
"""

from collections.abc import Collection, Sequence
from enum import StrEnum

import msgspec

from ibconsole.hosts import host_of, is_loopback, is_private
from ibconsole.model import Action, ActionType

_UNTIL_PULLED = "until it is pulled, as any client with a key of this account can do"
_BORROWED = "This listener, for a while"
_UNHANDLED = "What else happens to a message without an action is not documented."
_SHARED = "Whether each of several actions gets every message is not documented."
_RETENTION = "How long a message waits is not documented; other channels keep messages for 48 h."


class DestinationKind(StrEnum):
    """The kinds of places where a message can end."""

    LISTENER = "listener"
    FORWARD = "forward"
    PULL = "pull"
    OTHER = "other"
    NOWHERE = "nowhere"


class Doubt(StrEnum):
    """The reasons why a message may not arrive; the values are shown to users."""

    NOT_DOCUMENTED = "outcome undocumented"
    LOOPBACK = "loopback"
    PRIVATE_NETWORK = "private network"
    OUTSIDE_SANDBOX = "not reached by the sandbox"


_DOUBT_NOTES = {
    Doubt.LOOPBACK: (
        "To the platform a loopback address is its own computer: nothing arrives here this way."
    ),
    Doubt.PRIVATE_NETWORK: (
        "The platform calls from the internet, which does not reach a private network."
    ),
    Doubt.OUTSIDE_SANDBOX: "The sandbox forwards to this computer only.",
}


class Destination(msgspec.Struct, frozen=True):
    """A place where a message ends; `detail` is the whole URL, or another explanation."""

    kind: DestinationKind
    label: str
    detail: str = ""
    doubt: Doubt | None = None


class Route(msgspec.Struct, frozen=True):
    """A route in one sentence, with its destinations and notes on what is not documented.

    A route without destinations is unknown.
    """

    sentence: str
    destinations: tuple[Destination, ...] = ()
    notes: tuple[str, ...] = ()


UNKNOWN = Route("Where an inbound message goes is not known: the actions were not loaded.")
NO_CONFIGURATION = Route(
    "Inbound messages are neither forwarded nor kept for pulling: there is no configuration.",
    (Destination(DestinationKind.NOWHERE, "No configuration", doubt=Doubt.NOT_DOCUMENTED),),
    (_UNHANDLED,),
)
NO_ACTION = Route(
    "Inbound messages are neither forwarded nor kept for pulling: there is no action.",
    (Destination(DestinationKind.NOWHERE, "No action", doubt=Doubt.NOT_DOCUMENTED),),
    (_UNHANDLED,),
)


def find_route(
    actions: Sequence[Action],
    *,
    listener_url: str = "",
    sandbox: bool = False,
    borrowed: Collection[str] = (),
) -> Route:
    """Return the route of a message through a configuration with these actions.

    `listener_url` is the address of this computer's listener, empty while it is stopped;
    `borrowed` are the URLs of borrowed routes, which lead to it for a while.
    `sandbox` means that the platform runs on this computer and reaches nothing else.
    """
    if not actions:
        return NO_ACTION
    destinations = tuple(
        Destination(DestinationKind.LISTENER, _BORROWED, one.forward_url)
        if one.forward_url in borrowed
        else _destination(one, listener_url, sandbox=sandbox)
        for one in actions
    )
    notes = [_SHARED] if len(actions) > 1 else []
    notes += [_RETENTION] if any(one.kind is DestinationKind.PULL for one in destinations) else []
    doubts = [one.doubt for one in destinations if one.doubt in _DOUBT_NOTES]
    notes += [_DOUBT_NOTES[doubt] for doubt in dict.fromkeys(doubts) if doubt]
    return Route(_sentence(destinations), destinations, tuple(notes))


def _destination(action: Action, listener_url: str, *, sandbox: bool) -> Destination:
    if action.type == ActionType.PULL:
        return Destination(DestinationKind.PULL, "Waits to be pulled", _UNTIL_PULLED)
    url = action.forward_url
    if action.type != ActionType.HTTP_FORWARD:
        label = action.type or "no type"
        return Destination(DestinationKind.OTHER, label, url, Doubt.NOT_DOCUMENTED)
    if url and url == listener_url:
        doubt = None if sandbox else Doubt.LOOPBACK
        return Destination(DestinationKind.LISTENER, "This listener", url, doubt)
    if not url:
        return Destination(DestinationKind.FORWARD, "No URL", doubt=Doubt.NOT_DOCUMENTED)
    label = url.partition("://")[2] or url
    return Destination(DestinationKind.FORWARD, label, url, _doubt(url, sandbox=sandbox))


def _doubt(url: str, *, sandbox: bool) -> Doubt | None:
    host = host_of(url)
    if sandbox:
        return None if is_loopback(host) else Doubt.OUTSIDE_SANDBOX
    if is_loopback(host):
        return Doubt.LOOPBACK
    return Doubt.PRIVATE_NETWORK if host and is_private(host) else None


def _sentence(destinations: Sequence[Destination]) -> str:
    if len(destinations) == 1:
        return f"Every inbound message {_predicate(destinations[0])}."
    posting = {DestinationKind.FORWARD, DestinationKind.LISTENER}
    forwards = [one for one in destinations if one.kind in posting]
    pulls = [one for one in destinations if one.kind is DestinationKind.PULL]
    if len(forwards) == len(destinations):
        return (
            f"Inbound messages are posted to {_listed(forwards)};"
            " whether each of them gets every message is not documented."
        )
    if len(forwards) + len(pulls) == len(destinations) and forwards and pulls:
        return (
            f"Inbound messages are posted to {_listed(forwards)}, and also wait on the platform"
            " to be pulled; whether each way gets every message is not documented."
        )
    return (
        f"{len(destinations)} actions share the inbound messages;"
        " which of them gets which message is not documented."
    )


def _predicate(destination: Destination) -> str:
    match destination.kind:
        case DestinationKind.PULL:
            return f"waits on the platform {_UNTIL_PULLED}"
        case DestinationKind.LISTENER:
            return "is posted to this listener; it is not kept for pulling"
        case DestinationKind.FORWARD if destination.detail:
            return f"is posted to {destination.detail}; it is not kept for pulling"
        case DestinationKind.FORWARD:
            return "reaches a forward without a URL; what that does is not documented"
    return f"reaches an action of type {destination.label}; what that does is not documented"


def _listed(destinations: Sequence[Destination]) -> str:
    if len(destinations) > 2:
        return f"{len(destinations)} addresses"
    return " and ".join(
        "this listener" if one.kind is DestinationKind.LISTENER else one.label
        for one in destinations
    )
