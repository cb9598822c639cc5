"""The calls of the published contract: what each answers, and what it changes."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from ibconsole.http1 import Request, Response
from ibconsole.simulator import answers
from ibconsole.simulator import credentials as tokens
from ibconsole.simulator.account import Application, Configuration
from ibconsole.simulator.action_parsing import Refusal, invalid_action, read_draft
from ibconsole.simulator.state import SimulatorState

PULL_PATH = "/push/1/inbox/reports"
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_FLAGS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class _Call:
    state: SimulatorState
    values: tuple[str, ...]
    query: Mapping[str, list[str]]
    request: Request

    def parameter(self, name: str) -> str | None:
        """A query parameter; None if absent. Raises Refusal (400) if it is there twice."""
        given = self.query.get(name, [])
        if len(given) > 1:
            raise Refusal(answers.bad_request({name: ["must be given once"]}))
        return given[0] if given else None


def operation(request: Request) -> str:
    """The name of a call, "METHOD /path/{}/…", or "METHOD other" for none of ours."""
    path, _ = _find(request.path)
    return f"{request.method} {path or 'other'}"


def is_open(request: Request) -> bool:
    """Whether a call needs no credential."""
    return request.path == tokens.PATH


def answer(state: SimulatorState, request: Request) -> Response:
    """Carry a call out. Its credential, if it needs any, has been checked."""
    path, values = _find(request.path)
    methods = _CALLS.get(path)
    if methods is None:
        return answers.not_found()
    if request.method not in methods:
        return answers.method_not_allowed(tuple(methods))
    try:
        query = _parsed(request.query)
        return methods[request.method](_Call(state, values, query, request))
    except Refusal as refusal:
        return refusal.answer


def _find(path: str) -> tuple[str, tuple[str, ...]]:
    """The template that a path belongs to ("" if none), and the values in it, decoded."""
    segments = path.split("/")
    for template in _CALLS:
        parts = template.split("/")
        if len(parts) == len(segments) and all(
            part == segment or (part == "{}" and segment)
            for part, segment in zip(parts, segments, strict=True)
        ):
            places = zip(parts, segments, strict=True)
            return template, tuple(unquote(segment) for part, segment in places if part == "{}")
    return "", ()


def _parsed(query: str) -> dict[str, list[str]]:
    try:
        return parse_qs(query, keep_blank_values=True, max_num_fields=100)
    except ValueError as error:
        raise Refusal(answers.bad_request()) from error


def _listed(call: _Call, name: str, items: list[Any]) -> Response:
    return answers.success(items if call.state.settings.bare_lists else {name: items})


def _applications(call: _Call) -> Response:
    raw = [application.raw for application in call.state.account.applications]
    return _listed(call, "applications", raw)


def _application(call: _Call) -> Response:
    return answers.success(_named_application(call, by_id=_by_id(call)).raw)


def _configurations(call: _Call) -> Response:
    configuration = _named_application(call).configuration
    items = [{"key": configuration.key}] if configuration else []
    return _listed(call, "configurations", items)


def _create_configuration(call: _Call) -> Response:
    application = _named_application(call)
    if application.configuration:
        return answers.conflict(call.state.settings.conflict_body)
    return answers.success({"key": call.state.account.configure(application).key})


def _configuration(call: _Call) -> Response:
    return answers.success({"key": _named_configuration(call).key})


def _delete_configuration(call: _Call) -> Response:
    _named_configuration(call)
    keep = not call.state.settings.deleting_configuration_deletes_actions
    call.state.account.unconfigure(_named_application(call), keep_actions=keep)
    return answers.no_content()


def _actions(call: _Call) -> Response:
    return _listed(call, "actions", _named_configuration(call).actions)


def _create_action(call: _Call) -> Response:
    configuration = _named_configuration(call)
    draft = read_draft(call.request.body)
    most = call.state.settings.max_actions
    if most is not None and len(configuration.actions) >= most:
        return invalid_action({"type": [f"the configuration may have {most} actions"]})
    return answers.success(call.state.account.act(configuration, draft))


def _delete_action(call: _Call) -> Response:
    configuration = _named_configuration(call)
    for action in configuration.actions:
        if action["key"] == call.values[2]:
            configuration.actions.remove(action)
            return answers.no_content()
    return answers.failure(404, "5", "Action does not exist")


def _pull(call: _Call) -> Response:
    state = call.state
    results = state.mailbox.take(_limit(call))
    state.pulls += 1
    state.pulled_messages += len(results)
    envelope = {
        "results": results,
        "messageCount": len(results),
        "pendingMessageCount": state.mailbox.pending,
    }
    return answers.success(envelope)


def _token(call: _Call) -> Response:
    return tokens.answer(call.state.credentials, call.state.settings.token_seconds, call.request)


def _limit(call: _Call) -> int:
    text = call.parameter("limit")
    settings = call.state.settings
    if text is None:
        return settings.default_limit
    if not _WHOLE.fullmatch(text) or int(text) < 1:
        raise Refusal(answers.bad_request({"limit": ["must be an integer greater than 0"]}))
    return min(int(text), settings.max_limit)


def _by_id(call: _Call) -> bool:
    text = call.parameter("useAppCodeAsAppId") or "false"
    if text not in _FLAGS:
        raise Refusal(answers.bad_request({"useAppCodeAsAppId": ["must be true or false"]}))
    return _FLAGS[text]


def _named_application(call: _Call, *, by_id: bool = False) -> Application:
    account = call.state.account
    find = account.application_with_id if by_id else account.application
    application = find(call.values[0])
    if application is None:
        raise Refusal(answers.failure(404, "1", "Application does not exist"))
    return application


def _named_configuration(call: _Call) -> Configuration:
    configuration = _named_application(call).configuration
    if configuration is None or configuration.key != call.values[1]:
        raise Refusal(answers.failure(404, "6", "Configuration does not exist"))
    return configuration


_CALLS: Mapping[str, Mapping[str, Callable[[_Call], Response]]] = {
    "/push/1/applications": {"GET": _applications},
    "/push/1/applications/{}": {"GET": _application},
    "/push/1/applications/{}/configurations": {
        "GET": _configurations,
        "POST": _create_configuration,
    },
    "/push/1/applications/{}/configurations/{}": {
        "GET": _configuration,
        "DELETE": _delete_configuration,
    },
    "/push/1/applications/{}/configurations/{}/actions": {
        "GET": _actions,
        "POST": _create_action,
    },
    "/push/1/applications/{}/configurations/{}/actions/{}": {"DELETE": _delete_action},
    PULL_PATH: {"GET": _pull},
    tokens.PATH: {"POST": _token},
}
