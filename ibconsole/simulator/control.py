"""The control endpoint: looks at a running simulator and changes it, from this machine only.

GET    /_simulator/           counters, pending faults, settings
GET    /_simulator/messages   every message made, and where it went
POST   /_simulator/messages   {"count", "application"?, "fields"?} or {"messages": [raw, …]}
POST   /_simulator/faults     {"fault", "times"?, "match"?, "operation"?, "every"?, "seconds"?}
DELETE /_simulator/faults
DELETE /_simulator/tokens     refuses every access token that was given so far
DELETE /_simulator/session    refuses the session token from now on
POST   /_simulator/clock      {"speed"}
POST   /_simulator/settings   {switch: value, …}
"""

from collections.abc import Callable, Mapping
from typing import Any

from ibconsole.http1 import Request, Response
from ibconsole.simulator import answers
from ibconsole.simulator.action_parsing import Refusal, read_json
from ibconsole.simulator.faults import Order
from ibconsole.simulator.forwarding import is_loopback
from ibconsole.simulator.inbox import ROOM
from ibconsole.simulator.settings import shown
from ibconsole.simulator.state import SimulatorState

PREFIX = "/_simulator"


def controls(request: Request) -> bool:
    """Whether a request is for the control endpoint and not for the platform."""
    return request.path == PREFIX or request.path.startswith(PREFIX + "/")


def answer(state: SimulatorState, request: Request) -> Response:
    """Carry out what is asked; 400 says what was wrong with it."""
    # A web page that a browser on this machine shows is no friend: browsers send Origin.
    if not is_loopback(request.peer) or request.header("origin"):
        return answers.forbidden()
    methods = _PLACES.get(request.path.removeprefix(PREFIX).strip("/"))
    if methods is None:
        return answers.not_found()
    if request.method not in methods:
        return answers.method_not_allowed(tuple(methods))
    try:
        return methods[request.method](state, _order(request))
    except Refusal as refusal:
        return refusal.answer
    except ValueError as error:
        return answers.failure(400, "BAD_REQUEST", str(error))


def _order(request: Request) -> dict[str, Any]:
    order = read_json(request.body) if request.body else {}
    if isinstance(order, dict):
        return order
    raise Refusal(answers.failure(400, "BAD_REQUEST", "The body must be a JSON object."))


def _show_state(state: SimulatorState, _: Mapping[str, Any]) -> Response:
    counters = state.counters
    prefix = "forward_"
    view: dict[str, Any] = {
        name: count for name, count in counters.items() if not name.startswith(prefix)
    }
    view["forwards"] = {
        name.removeprefix(prefix): count
        for name, count in counters.items()
        if name.startswith(prefix)
    }
    view["by_operation"] = dict(sorted(state.calls.items()))
    view["faults"] = state.faults.planned
    view["settings"] = shown(state.settings)
    return answers.success(view)


def _log(state: SimulatorState, _: Mapping[str, Any]) -> Response:
    return answers.success({"messages": [record.raw for record in state.mailbox.log]})


def _arrivals(state: SimulatorState, order: Mapping[str, Any]) -> Response:
    if "messages" in order:
        messages = _field(order, "messages", list, [])
        state.add_to_inbox(messages)
        return answers.success({"waiting": len(messages)})
    count = _field(order, "count", int, 1)
    if not 0 <= count <= ROOM:
        raise ValueError(f"count must be from 0 to {ROOM}.")
    application = _field(order, "application", str, "") or None
    arrived = state.generate_messages(count, application, _field(order, "fields", dict, {}))
    return answers.success({"arrived": [message["messageId"] for message in arrived]})


def _fault(state: SimulatorState, order: Mapping[str, Any]) -> Response:
    state.faults.plan(
        Order(
            _field(order, "fault", str, ""),
            times=_field(order, "times", int, 1),
            match=_field(order, "match", str, ""),
            operation=_field(order, "operation", str, ""),
            every=_field(order, "every", int, 1),
            seconds=_field(order, "seconds", (float, int), None) if "seconds" in order else None,
        )
    )
    return answers.success({"faults": state.faults.planned})


def _no_faults(state: SimulatorState, _: Mapping[str, Any]) -> Response:
    state.faults.clear()
    return answers.no_content()


def _no_tokens(state: SimulatorState, _: Mapping[str, Any]) -> Response:
    state.credentials.revoke_tokens()
    return answers.no_content()


def _no_session(state: SimulatorState, _: Mapping[str, Any]) -> Response:
    state.credentials.end_session()
    return answers.no_content()


def _clock(state: SimulatorState, order: Mapping[str, Any]) -> Response:
    state.change_settings({"clock_speed": order.get("speed")})
    return answers.success({"speed": state.settings.clock_speed})


def _switches(state: SimulatorState, order: Mapping[str, Any]) -> Response:
    state.change_settings(order)
    return _show_state(state, {})


def _field(order: Mapping[str, Any], name: str, kind: type | tuple[type, ...], default: Any) -> Any:
    """A field of the order. Raises Refusal (400) if it is of another kind."""
    value = order.get(name, default)
    if isinstance(value, kind) and not isinstance(value, bool):
        return value
    raise Refusal(answers.failure(400, "BAD_REQUEST", f"{name} is of a wrong type."))


_PLACES: Mapping[str, Mapping[str, Callable[[SimulatorState, Mapping[str, Any]], Response]]] = {
    "": {"GET": _show_state},
    "messages": {"GET": _log, "POST": _arrivals},
    "faults": {"POST": _fault, "DELETE": _no_faults},
    "tokens": {"DELETE": _no_tokens},
    "session": {"DELETE": _no_session},
    "clock": {"POST": _clock},
    "settings": {"POST": _switches},
}
