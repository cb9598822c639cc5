"""The calls of the published contract: their answers and their effects."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from ibconsole.http1 import Request, Response
from ibconsole.simulator import answers
from ibconsole.simulator.account import SimulatedApplication, SimulatedConfiguration
from ibconsole.simulator.action_parsing import invalid_action, read_draft
from ibconsole.simulator.answers import CallRefused
from ibconsole.simulator.credentials import TOKEN_PATH, answer_token_request
from ibconsole.simulator.state import SimulatorState

PULL_PATH = "/push/1/inbox/reports"
_INTEGER = re.compile(r"[+-]?[0-9]{1,18}")
_FLAGS = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class _ContractCall:
    state: SimulatorState
    values: tuple[str, ...]
    query: Mapping[str, list[str]]
    request: Request

    def parameter(self, name: str) -> str | None:
        """Return a query parameter; None if absent. Raises CallRefused (400) if repeated."""
        values = self.query.get(name, [])
        if len(values) > 1:
            raise CallRefused(answers.bad_request({name: ["must be given once"]}))
        return values[0] if values else None


def operation_name(request: Request) -> str:
    """Return the name of a call, "METHOD /path/{}/…"; "METHOD other" for an unknown path."""
    path, _ = _match_path(request.path)
    return f"{request.method} {path or 'other'}"


def is_public(request: Request) -> bool:
    """Return whether a call needs no credential."""
    return request.path == TOKEN_PATH


def answer_call(state: SimulatorState, request: Request) -> Response:
    """Carry out a call. The caller has checked the credential, if the call needs one."""
    if state.account.is_refused(unquote(request.path)):
        return answers.refusal(state.account.refusal(unquote(request.path)))
    path, values = _match_path(request.path)
    methods = _CALLS.get(path)
    if methods is None:
        return answers.not_found()
    if request.method not in methods:
        return answers.method_not_allowed(tuple(methods))
    try:
        query = _parse_query(request.query)
        return methods[request.method](_ContractCall(state, values, query, request))
    except CallRefused as refused:
        return refused.answer


def _match_path(path: str) -> tuple[str, tuple[str, ...]]:
    """Return the template that a path matches ("" if none), and its decoded parameters."""
    segments = path.split("/")
    for template in _CALLS:
        parts = template.split("/")
        if len(parts) == len(segments) and all(
            part == segment or (part == "{}" and segment)
            for part, segment in zip(parts, segments, strict=True)
        ):
            pairs = zip(parts, segments, strict=True)
            return template, tuple(unquote(segment) for part, segment in pairs if part == "{}")
    return "", ()


def _parse_query(query: str) -> dict[str, list[str]]:
    try:
        return parse_qs(query, keep_blank_values=True, max_num_fields=100)
    except ValueError as error:
        raise CallRefused(answers.bad_request()) from error


def _answer_list(call: _ContractCall, name: str, items: list[Any]) -> Response:
    return answers.success(items if call.state.settings.bare_lists else {name: items})


def _list_applications(call: _ContractCall) -> Response:
    raw = [application.raw for application in call.state.account.applications]
    return _answer_list(call, "applications", raw)


def _show_application(call: _ContractCall) -> Response:
    return answers.success(_find_application(call, by_id=_read_by_id(call)).raw)


def _list_configurations(call: _ContractCall) -> Response:
    items = [one.raw for one in _find_application(call).configurations]
    return _answer_list(call, "configurations", items)


def _create_configuration(call: _ContractCall) -> Response:
    application = _find_application(call)
    if application.configuration:
        return answers.conflict(call.state.settings.conflict_body)
    return answers.success({"key": call.state.account.create_configuration(application).key})


def _show_configuration(call: _ContractCall) -> Response:
    return answers.success(_find_configuration(call).raw)


def _delete_configuration(call: _ContractCall) -> Response:
    configuration = _find_configuration(call)
    keep = not call.state.settings.deleting_configuration_deletes_actions
    call.state.account.delete_configuration(
        _find_application(call), configuration, keep_actions=keep
    )
    return answers.no_content()


def _list_actions(call: _ContractCall) -> Response:
    return _answer_list(call, "actions", _find_configuration(call).actions)


def _create_action(call: _ContractCall) -> Response:
    configuration = _find_configuration(call)
    draft = read_draft(call.request.body)
    limit = call.state.settings.max_actions
    if limit is not None and len(configuration.actions) >= limit:
        return invalid_action({"type": [f"the configuration may have {limit} actions"]})
    return answers.success(call.state.account.add_action(configuration, draft))


def _delete_action(call: _ContractCall) -> Response:
    configuration = _find_configuration(call)
    for action in configuration.actions:
        if action.get("key") == call.values[2]:
            configuration.actions.remove(action)
            return answers.no_content()
    return answers.failure(404, "5", "Action does not exist")


def _pull(call: _ContractCall) -> Response:
    state = call.state
    results = state.inbox.take(_read_limit(call))
    state.pulls += 1
    state.pulled_messages += len(results)
    envelope = {
        "results": results,
        "messageCount": len(results),
        "pendingMessageCount": state.inbox.pending,
    }
    return answers.success(envelope)


def _issue_token(call: _ContractCall) -> Response:
    return answer_token_request(
        call.state.credentials, call.state.settings.token_seconds, call.request
    )


def _read_limit(call: _ContractCall) -> int:
    text = call.parameter("limit")
    settings = call.state.settings
    if text is None:
        return settings.default_limit
    if not _INTEGER.fullmatch(text) or int(text) < 1:
        raise CallRefused(answers.bad_request({"limit": ["must be an integer greater than 0"]}))
    if settings.refuse_larger_limits and int(text) > settings.max_limit:
        reason = f"must not be greater than {settings.max_limit}"
        raise CallRefused(answers.bad_request({"limit": [reason]}))
    return min(int(text), settings.max_limit)


def _read_by_id(call: _ContractCall) -> bool:
    text = call.parameter("useAppCodeAsAppId") or "false"
    if text not in _FLAGS:
        raise CallRefused(answers.bad_request({"useAppCodeAsAppId": ["must be true or false"]}))
    return _FLAGS[text]


def _find_application(call: _ContractCall, *, by_id: bool = False) -> SimulatedApplication:
    account = call.state.account
    find = account.application_with_id if by_id else account.application
    application = find(call.values[0])
    if application is None:
        raise CallRefused(answers.failure(404, "1", "Application does not exist"))
    return application


def _find_configuration(call: _ContractCall) -> SimulatedConfiguration:
    for configuration in _find_application(call).configurations:
        if configuration.key == call.values[1]:
            return configuration
    raise CallRefused(answers.failure(404, "6", "Configuration does not exist"))


_CALLS: Mapping[str, Mapping[str, Callable[[_ContractCall], Response]]] = {
    "/push/1/applications": {"GET": _list_applications},
    "/push/1/applications/{}": {"GET": _show_application},
    "/push/1/applications/{}/configurations": {
        "GET": _list_configurations,
        "POST": _create_configuration,
    },
    "/push/1/applications/{}/configurations/{}": {
        "GET": _show_configuration,
        "DELETE": _delete_configuration,
    },
    "/push/1/applications/{}/configurations/{}/actions": {
        "GET": _list_actions,
        "POST": _create_action,
    },
    "/push/1/applications/{}/configurations/{}/actions/{}": {"DELETE": _delete_action},
    PULL_PATH: {"GET": _pull},
    TOKEN_PATH: {"POST": _issue_token},
}
