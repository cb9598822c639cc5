"""The platform's answers: JSON, and its error envelopes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ibconsole.http1 import Response

JSON = (b"Content-Type", b"application/json")


def dump(value: Any) -> bytes:
    """A value as compact JSON in UTF-8; escaped where UTF-8 cannot say it (lone surrogates)."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def success(value: Any) -> Response:
    """200 with a JSON body."""
    return Response(200, (JSON,), dump(value))


def no_content() -> Response:
    """204, as after a deletion."""
    return Response(204)


def failure(
    status: int,
    message_id: str,
    text: str,
    *,
    validation_errors: Mapping[str, Sequence[str]] | None = None,
) -> Response:
    """An error in the platform's envelope (platform.md §7)."""
    exception: dict[str, Any] = {"messageId": message_id, "text": text}
    if validation_errors:
        exception["validationErrors"] = validation_errors
    body = {"requestError": {"serviceException": exception}}
    return Response(status, (JSON,), dump(body))


def bad_request(validation_errors: Mapping[str, Sequence[str]] | None = None) -> Response:
    """400 for a request that is no request of this call."""
    return failure(400, "BAD_REQUEST", "Bad request", validation_errors=validation_errors)


def unauthorized() -> Response:
    """401 for a credential that is missing or unknown."""
    return failure(401, "UNAUTHORIZED", "Invalid login details")


def oauth_failure(status: int, error: str, text: str) -> Response:
    """An error of the token endpoint: OAuth's word, and the platform's envelope beside it."""
    message_id = "UNAUTHORIZED" if status == 401 else "BAD_REQUEST"
    exception = {"messageId": message_id, "text": text}
    body = {"error": error, "requestError": {"serviceException": exception}}
    return Response(status, (JSON,), dump(body))


def forbidden() -> Response:
    """403 for a credential without the scope."""
    return failure(403, "FORBIDDEN", "Forbidden")


def not_found() -> Response:
    """404 for a path that is nobody's."""
    return failure(404, "NOT_FOUND", "Not found")


def method_not_allowed(allowed: Sequence[str]) -> Response:
    """405, with the methods that the path has."""
    answer = failure(405, "METHOD_NOT_ALLOWED", "Method not allowed")
    allow = (b"Allow", ", ".join(sorted(allowed)).encode())
    return Response(answer.status, (*answer.headers, allow), answer.body)


def throttled() -> Response:
    """429, to be tried again after a second."""
    answer = failure(429, "THROTTLE_EXCEPTION", "Too many requests")
    return Response(answer.status, (*answer.headers, (b"Retry-After", b"1")), answer.body)


def conflict(body: str) -> Response:
    """409 with one of the bodies that Settings.conflict_body names."""
    if body == "empty":
        return Response(409)
    if body == "envelope":
        return failure(409, "CONFLICT", "Configuration already exists")
    newer = {
        "errorCode": "E409",
        "description": "A configuration of this application exists already.",
        "action": "Use the existing configuration or delete it first.",
        "violations": [],
        "resources": [],
    }
    return Response(409, (JSON,), dump(newer))
