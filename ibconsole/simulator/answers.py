"""The platform's answers: JSON, and its error envelopes."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from ibconsole.http1 import Fault, Response
from ibconsole.simulator.settings import ConflictBody

JSON = (b"Content-Type", b"application/json")


class CallRefused(Exception):
    """A call ends with an error; `answer` is the response to the caller."""

    def __init__(self, answer: Response) -> None:
        super().__init__(f"Refused with {answer.status}.")
        self.answer = answer


def dump(value: Any) -> bytes:
    """Encode a value as compact JSON in UTF-8; in ASCII if it contains lone surrogates."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def success(value: Any) -> Response:
    """Return 200 with a JSON body."""
    return Response(200, (JSON,), dump(value))


def no_content() -> Response:
    """Return 204, as after a deletion."""
    return Response(204)


def failure(
    status: int,
    message_id: str,
    text: str,
    *,
    validation_errors: Mapping[str, Sequence[str]] | None = None,
) -> Response:
    """Return an error in the platform's envelope (platform.md §7)."""
    exception: dict[str, Any] = {"messageId": message_id, "text": text}
    if validation_errors:
        exception["validationErrors"] = validation_errors
    body = {"requestError": {"serviceException": exception}}
    return Response(status, (JSON,), dump(body))


def bad_request(validation_errors: Mapping[str, Sequence[str]] | None = None) -> Response:
    """Return 400 for an invalid request, with the errors by field."""
    return failure(400, "BAD_REQUEST", "Bad request", validation_errors=validation_errors)


def unauthorized() -> Response:
    """Return 401 for a credential that is missing or unknown."""
    return failure(401, "UNAUTHORIZED", "Invalid login details")


def oauth_failure(status: int, error: str, text: str) -> Response:
    """Return an error of the token endpoint: an OAuth2 error code and the platform's envelope."""
    message_id = "UNAUTHORIZED" if status == 401 else "BAD_REQUEST"
    exception = {"messageId": message_id, "text": text}
    body = {"error": error, "requestError": {"serviceException": exception}}
    return Response(status, (JSON,), dump(body))


def forbidden() -> Response:
    """Return 403 for a credential without the scope."""
    return failure(403, "FORBIDDEN", "Forbidden")


def refusal(status: int | None) -> Response:
    """Return an answer with this status that says nothing else; None resets the connection."""
    if status is None:
        return Response(fault=Fault(reset=True))
    if 200 <= status < 300:
        return Response(status, (JSON,), b"The setup is not in this answer.")
    by_status = {401: unauthorized, 403: forbidden, 404: not_found}
    if status in by_status:
        return by_status[status]()
    return failure(status, "REFUSED", "The request is always refused here")


def not_found() -> Response:
    """Return 404 for an unknown path."""
    return failure(404, "NOT_FOUND", "Not found")


def method_not_allowed(allowed: Sequence[str]) -> Response:
    """Return 405 with the methods that the path supports."""
    answer = failure(405, "METHOD_NOT_ALLOWED", "Method not allowed")
    allow = (b"Allow", ", ".join(sorted(allowed)).encode())
    return Response(answer.status, (*answer.headers, allow), answer.body)


def throttled() -> Response:
    """Return 429 with the request to retry after one second."""
    answer = failure(429, "THROTTLE_EXCEPTION", "Too many requests")
    return Response(answer.status, (*answer.headers, (b"Retry-After", b"1")), answer.body)


def conflict(body: ConflictBody) -> Response:
    """Return 409 with the selected body; the real one is not documented."""
    if body == ConflictBody.EMPTY:
        return Response(409)
    if body == ConflictBody.ENVELOPE:
        return failure(409, "CONFLICT", "Configuration already exists")
    new_envelope = {
        "errorCode": "E409",
        "description": "A configuration of this application exists already.",
        "action": "Use the existing configuration or delete it first.",
        "violations": [],
        "resources": [],
    }
    return Response(409, (JSON,), dump(new_envelope))
