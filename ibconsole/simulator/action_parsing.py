"""The parser of an action that a caller wants to create."""

import json
from typing import Any

from ibconsole.http1 import Response
from ibconsole.simulator.answers import CallRefused, bad_request, failure
from ibconsole.simulator.data import FORWARD, PULL
from ibconsole.simulator.forwarding import is_forwardable


def read_json(body: bytes) -> Any:
    """Parse a body as JSON. Raises CallRefused (400) if it is invalid."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise CallRefused(bad_request({"body": ["must be JSON"]})) from error


def read_draft(body: bytes) -> dict[str, str]:
    """Read the action in a request body, without a key.

    Fields that the contract does not name are dropped, and so is the forwardUrl of a PULL
    action. Raises CallRefused (400) with the validation errors.
    """
    value = read_json(body)
    if not isinstance(value, dict):
        raise CallRefused(bad_request({"body": ["must be an object"]}))
    errors = _find_errors(value)
    if errors:
        raise CallRefused(invalid_action(errors))
    names = ["type", "callbackData"]
    if value["type"] == FORWARD:
        names.insert(1, "forwardUrl")
    return {name: value[name] for name in names if name in value}


def invalid_action(errors: dict[str, list[str]]) -> Response:
    """Return the 400 that is documented for an action that cannot be created."""
    return failure(400, "8", "Invalid action request", validation_errors=errors)


def _find_errors(value: dict[str, Any]) -> dict[str, list[str]]:
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
        elif not is_forwardable(url):
            errors["forwardUrl"] = ["must be a valid URL"]
    return errors
