"""The endpoint that exchanges client credentials for an access token (OAuth2, RFC 6749 §4.4)."""

from typing import Any
from urllib.parse import parse_qs

from ibconsole.http1.message import Request, Response
from ibconsole.simulator import answers
from ibconsole.simulator.credentials import Credentials

PATH = "/auth/1/oauth2/token"
_FORM = "application/x-www-form-urlencoded"


def answer(credentials: Credentials, seconds: float, request: Request) -> Response:
    """Give a token that lives so many seconds, or say what was wrong with the form."""
    form = _form(request)
    kind, client_id, client_secret = (
        form.get(name, "") for name in ("grant_type", "client_id", "client_secret")
    )
    if not (kind and client_id and client_secret):
        return answers.oauth_failure(400, "invalid_request", "Bad request")
    if kind != "client_credentials":
        return answers.oauth_failure(400, "unsupported_grant_type", "Bad request")
    token = credentials.give_token(client_id, client_secret, seconds)
    if not token:
        return answers.oauth_failure(401, "invalid_client", "Invalid login details")
    lifetime: Any = int(seconds) if seconds == int(seconds) else seconds
    given = {"access_token": token, "expires_in": lifetime, "token_type": "Bearer"}
    return answers.success(given)


def _form(request: Request) -> dict[str, str]:
    """The fields that are there exactly once; none if it is no form."""
    if (request.header("content-type") or "").partition(";")[0].strip().lower() != _FORM:
        return {}
    try:
        fields = parse_qs(request.body.decode(), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items() if len(values) == 1}
