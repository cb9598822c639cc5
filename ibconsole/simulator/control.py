"""The control endpoint: inspects and changes a running simulator, from this computer only.

GET    /_simulator/           counters, pending faults, settings
GET    /_simulator/messages   every message generated, and its routes
POST   /_simulator/messages   {"count", "application"?, "fields"?} or {"messages": [raw, …]}
POST   /_simulator/faults     {"fault", "times"?, "match"?, "operation"?, "every"?, "seconds"?}
DELETE /_simulator/faults     cancels the pending faults
DELETE /_simulator/tokens     refuses every access token issued until now
DELETE /_simulator/session    refuses the session token from now on
POST   /_simulator/clock      {"speed"}
POST   /_simulator/settings   {setting: value, …}
"""

from collections.abc import Callable, Mapping
from typing import Any

from ibconsole.http1 import Request, Response
from ibconsole.simulator import answers
from ibconsole.simulator.action_parsing import read_json
from ibconsole.simulator.answers import CallRefused
from ibconsole.simulator.faults import FaultOrder
from ibconsole.simulator.forwarding import is_loopback
from ibconsole.simulator.inbox import CAPACITY
from ibconsole.simulator.settings import without_credentials
from ibconsole.simulator.state import SimulatorState

PREFIX = "/_simulator"


def is_control_request(request: Request) -> bool:
    """Return whether a request is for the control endpoint and not for the platform."""
    return request.path == PREFIX or request.path.startswith(PREFIX + "/")


def answer_request(state: SimulatorState, request: Request) -> Response:
    """Carry out a control request; an invalid one is answered 400 with the reason."""
    # A web page in a browser on this computer must not control it; browsers send Origin.
    if not is_loopback(request.peer) or request.header("origin"):
        return answers.forbidden()
    methods = _OPERATIONS.get(request.path.removeprefix(PREFIX).strip("/"))
    if methods is None:
        return answers.not_found()
    if request.method not in methods:
        return answers.method_not_allowed(tuple(methods))
    try:
        return methods[request.method](state, _read_fields(request))
    except CallRefused as refused:
        return refused.answer
    except ValueError as error:
        return answers.failure(400, "BAD_REQUEST", str(error))


def _read_fields(request: Request) -> dict[str, Any]:
    fields = read_json(request.body) if request.body else {}
    if isinstance(fields, dict):
        return fields
    raise CallRefused(answers.failure(400, "BAD_REQUEST", "The body must be a JSON object."))


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
    view["faults"] = state.faults.pending
    view["settings"] = without_credentials(state.settings)
    return answers.success(view)


def _list_messages(state: SimulatorState, _: Mapping[str, Any]) -> Response:
    return answers.success({"messages": [record.raw for record in state.inbox.log]})


def _add_messages(state: SimulatorState, fields: Mapping[str, Any]) -> Response:
    if "messages" in fields:
        messages = _field(fields, "messages", list, [])
        state.add_to_inbox(messages)
        return answers.success({"waiting": len(messages)})
    count = _field(fields, "count", int, 1)
    if not 0 <= count <= CAPACITY:
        raise ValueError(f"count must be from 0 to {CAPACITY}.")
    application = _field(fields, "application", str, "") or None
    arrived = state.generate_messages(count, application, _field(fields, "fields", dict, {}))
    return answers.success({"arrived": [message["messageId"] for message in arrived]})


def _add_fault(state: SimulatorState, fields: Mapping[str, Any]) -> Response:
    state.faults.add(
        FaultOrder(
            _field(fields, "fault", str, ""),
            times=_field(fields, "times", int, 1),
            match=_field(fields, "match", str, ""),
            operation=_field(fields, "operation", str, ""),
            every=_field(fields, "every", int, 1),
            seconds=_field(fields, "seconds", (float, int), None) if "seconds" in fields else None,
        )
    )
    return answers.success({"faults": state.faults.pending})


def _clear_faults(state: SimulatorState, _: Mapping[str, Any]) -> Response:
    state.faults.clear()
    return answers.no_content()


def _revoke_tokens(state: SimulatorState, _: Mapping[str, Any]) -> Response:
    state.credentials.revoke_tokens()
    return answers.no_content()


def _end_session(state: SimulatorState, _: Mapping[str, Any]) -> Response:
    state.credentials.end_session()
    return answers.no_content()


def _set_clock_speed(state: SimulatorState, fields: Mapping[str, Any]) -> Response:
    state.change_settings({"clock_speed": fields.get("speed")})
    return answers.success({"speed": state.settings.clock_speed})


def _change_settings(state: SimulatorState, fields: Mapping[str, Any]) -> Response:
    state.change_settings(fields)
    return _show_state(state, {})


def _field(
    fields: Mapping[str, Any], name: str, kind: type | tuple[type, ...], default: Any
) -> Any:
    """Return a field of the body. Raises CallRefused (400) if it has another type."""
    value = fields.get(name, default)
    if isinstance(value, kind) and not isinstance(value, bool):
        return value
    raise CallRefused(answers.failure(400, "BAD_REQUEST", f"{name} is of a wrong type."))


_OPERATIONS: Mapping[str, Mapping[str, Callable[[SimulatorState, Mapping[str, Any]], Response]]] = {
    "": {"GET": _show_state},
    "messages": {"GET": _list_messages, "POST": _add_messages},
    "faults": {"POST": _add_fault, "DELETE": _clear_faults},
    "tokens": {"DELETE": _revoke_tokens},
    "session": {"DELETE": _end_session},
    "clock": {"POST": _set_clock_speed},
    "settings": {"POST": _change_settings},
}
