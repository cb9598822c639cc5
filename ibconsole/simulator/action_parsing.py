"""Reads the action that a caller wants to create."""

import json
from typing import Any

from ibconsole.http1 import Response
from ibconsole.simulator.answers import bad_request, failure
from ibconsole.simulator.data import FORWARD, PULL
from ibconsole.simulator.forwarding import forwardable


class Refusal(Exception):
    """A call is answered with an error; `answer` is what the caller gets."""

    def __init__(self, answer: Response) -> None:
        super().__init__(f"Refused with {answer.status}.")
        self.answer = answer


def read_json(body: bytes) -> Any:
    """The value that a body holds. Raises Refusal (400) for what is no JSON."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Refusal(bad_request({"body": ["must be JSON"]})) from error


def read_draft(body: bytes) -> dict[str, str]:
    """The action in a request body, without key, with nothing that the contract doesn't name.

    A PULL action has no forwardUrl, whatever was given. Raises Refusal (400) with the
    validation errors.
    """
    value = read_json(body)
    if not isinstance(value, dict):
        raise Refusal(bad_request({"body": ["must be an object"]}))
    errors = _errors(value)
    if errors:
        raise Refusal(invalid_action(errors))
    names = ["type", "callbackData"]
    if value["type"] == FORWARD:
        names.insert(1, "forwardUrl")
    return {name: value[name] for name in names if name in value}


def invalid_action(errors: dict[str, list[str]]) -> Response:
    """400 as documented for an action that cannot be created."""
    return failure(400, "8", "Invalid action request", validation_errors=errors)


def _errors(value: dict[str, Any]) -> dict[str, list[str]]:
    errors: dict[str, list[str]] = {}
    if value.get("type") not in (FORWARD, PULL):
        errors["type"] = [f"must be one of {FORWARD}, {PULL}"]
    for name in ("forwardUrl", "callbackData"):
        if not isinstance(value.get(name, ""), str):
            errors[name] = ["must be a string"]
    if value.get("type") == FORWARD and "forwardUrl" not in errors:
        url = value.get("forwardUrl")
        if not url:
            errors["forwardUrl"] = ["must not be empty when type is HTTP_FORWARD"]
        elif not forwardable(url):
            errors["forwardUrl"] = ["must be a valid URL"]
    return errors
