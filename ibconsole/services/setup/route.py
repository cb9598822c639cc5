"""Where an inbound message of an application goes, as far as its actions say.

What the platform leaves undocumented (platform.md §8) is not guessed, but labelled.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from ibconsole.hosts import host_of, is_loopback, is_private
from ibconsole.model import Action, ActionType

_BY_ANYBODY = "until somebody pulls it, which anybody with a key of this account can do"
_NOT_DOCUMENTED = "not documented"
_WHO_GETS_IT = "Whether each of several actions gets every message is not documented."
_UNHANDLED = "What else becomes of a message without an action is not documented."
_RETENTION = "For how long a message waits is not documented; other channels keep 48 h."
_HERE = "To the platform a loopback address is its own computer: nothing arrives here this way."
_PRIVATE = "The platform calls from the internet, which does not reach a private network."
_SANDBOX_ONLY = "The sandbox forwards to this computer only."


class Ends(StrEnum):
    """What a stop on the way is."""

    LISTENER = "listener"
    FORWARD = "forward"
    PULL = "pull"
    OTHER = "other"
    NOWHERE = "nowhere"


@dataclass(frozen=True, slots=True)
class Stop:
    """Where a message ends: a word for it, more in `detail`, and in `mark` what is doubtful."""

    ends: Ends
    words: str
    detail: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Route:
    """One sentence, the places where a message ends, and what is not known of it.

    Without stops nothing is known of the way.
    """

    sentence: str
    stops: tuple[Stop, ...] = ()
    notes: tuple[str, ...] = ()


UNKNOWN = Route("Where an inbound message goes is not known: the actions were not loaded.")
NO_CONFIGURATION = Route(
    "Inbound messages are neither forwarded nor kept for pulling: there is no configuration.",
    (Stop(Ends.NOWHERE, "No configuration", mark=_NOT_DOCUMENTED),),
    (_UNHANDLED,),
)
NO_ACTION = Route(
    "Inbound messages are neither forwarded nor kept for pulling: there is no action.",
    (Stop(Ends.NOWHERE, "No action", mark=_NOT_DOCUMENTED),),
    (_UNHANDLED,),
)


def find_route(
    actions: Sequence[Action], *, listener_url: str = "", sandbox: bool = False
) -> Route:
    """The way of a message through a configuration with these actions.

    `listener_url` is the address of this computer's listener, empty while it is stopped.
    The sandbox runs on this computer, and reaches nothing else.
    """
    if not actions:
        return NO_ACTION
    stops = tuple(_stop(action, listener_url, sandbox=sandbox) for action in actions)
    notes = [_WHO_GETS_IT] if len(actions) > 1 else []
    notes += [_RETENTION] if any(stop.ends is Ends.PULL for stop in stops) else []
    notes += [note for note in _reach(stops, sandbox=sandbox) if note not in notes]
    return Route(_sentence(actions, stops), stops, tuple(notes))


def _stop(action: Action, listener_url: str, *, sandbox: bool) -> Stop:
    if action.type == ActionType.PULL:
        return Stop(Ends.PULL, "Waits to be pulled", _BY_ANYBODY)
    if action.type != ActionType.HTTP_FORWARD:
        name = action.type or "no type"
        return Stop(Ends.OTHER, name, action.forward_url, _NOT_DOCUMENTED)
    url = action.forward_url
    if url and url == listener_url:
        return Stop(Ends.LISTENER, "This listener", url, "" if sandbox else "loopback")
    if not url:
        return Stop(Ends.FORWARD, "No URL", mark=_NOT_DOCUMENTED)
    return Stop(Ends.FORWARD, _short(url), url, _place(url, sandbox=sandbox))


def _place(url: str, *, sandbox: bool) -> str:
    host = host_of(url)
    if sandbox:
        return "" if is_loopback(host) else "not reached by the sandbox"
    if is_loopback(host):
        return "loopback"
    return "private network" if host and is_private(host) else ""


def _reach(stops: Sequence[Stop], *, sandbox: bool) -> list[str]:
    if sandbox:
        return [_SANDBOX_ONLY for stop in stops if stop.mark.startswith("not reached")]
    sentences = {"loopback": _HERE, "private network": _PRIVATE}
    return [sentences[stop.mark] for stop in stops if stop.mark in sentences]


def _sentence(actions: Sequence[Action], stops: Sequence[Stop]) -> str:
    if len(stops) == 1:
        return f"Every inbound message {_way(stops[0])}."
    forwards = [stop for stop in stops if stop.ends in {Ends.FORWARD, Ends.LISTENER}]
    pulls = [stop for stop in stops if stop.ends is Ends.PULL]
    if len(forwards) == len(stops):
        return (
            f"Inbound messages are posted to {_listed(forwards)};"
            " whether each of them gets every message is not documented."
        )
    if len(forwards) + len(pulls) == len(stops) and forwards and pulls:
        return (
            f"Inbound messages are posted to {_listed(forwards)}, and also wait on the platform"
            " to be pulled; whether each way gets every message is not documented."
        )
    return (
        f"{len(actions)} actions share the inbound messages;"
        " which of them gets which message is not documented."
    )


def _way(stop: Stop) -> str:
    match stop.ends:
        case Ends.PULL:
            return f"waits on the platform {_BY_ANYBODY}"
        case Ends.LISTENER:
            return "is posted to this listener; it is not kept for pulling"
        case Ends.FORWARD if stop.detail:
            return f"is posted to {stop.detail}; it is not kept for pulling"
        case Ends.FORWARD:
            return "meets a forward without a URL; what that does is not documented"
    return f"meets an action of type {stop.words}; what that does is not documented"


def _listed(stops: Sequence[Stop]) -> str:
    if len(stops) > 2:
        return f"{len(stops)} addresses"
    names = ("this listener" if stop.ends is Ends.LISTENER else stop.words for stop in stops)
    return " and ".join(names)


def _short(url: str) -> str:
    """The host and the path, without what every URL has."""
    return url.partition("://")[2] or url
