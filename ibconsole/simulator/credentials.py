"""The endpoint that exchanges client credentials for an access token (OAuth2, RFC 6749 §4.4)."""

import base64
import binascii
import time
from collections.abc import Callable
from enum import Enum
from typing import Any
from urllib.parse import parse_qs

from ibconsole.http1 import Request, Response
from ibconsole.simulator import answers
from ibconsole.simulator.random_ids import chance, code_of, uuid_of
from ibconsole.simulator.settings import SimulatorSettings


class Right(Enum):
    """What a credential that is accepted may be used for."""

    EVERYTHING = "mobile-app-messaging:manage"
    PULL = "inbound-message:read"


class Credentials:
    """The credentials of an account; those that the settings do not name are made from the seed.

    `expired_key`, `disabled_key` and `bound_key` (to the IP address of `BOUND_TO`) are
    refused as the platform refuses them: like one that does not exist. Access tokens live
    as long as they were given for, by a clock in seconds.
    """

    BOUND_TO = "192.0.2.10"

    def __init__(
        self, settings: SimulatorSettings, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        source = chance(settings.seed, "secrets")
        made_key = code_of(source)
        self.api_key = settings.api_key or made_key
        self.pull_only_key = code_of(source)
        self.expired_key, self.disabled_key, self.bound_key = (code_of(source) for _ in range(3))
        made = uuid_of(source)
        self.user = settings.user or f"support-{made[:4]}"
        # Characters that look different in base64, in a URL and in JSON.
        self.password = settings.password or f'p/ä"{made[4:]}+?'
        self.session_token = settings.session_token or code_of(source)
        self.client_id = settings.client_id or uuid_of(source)
        self.client_secret = settings.client_secret or f"{code_of(source)}/+&="
        self.tokens_given = 0
        self._source = source
        self._now = now
        self._session_lives = True
        self._tokens: dict[str, float] = {}

    def right(self, authorization: str, peer: str) -> Right | None:
        """What a request with this header from this address may do; None if it is refused."""
        scheme, _, value = authorization.partition(" ")
        value = value.strip()
        if scheme == "App":
            return self._right_of_key(value, peer)
        accepted = (
            (scheme == "Basic" and _decoded(value) == f"{self.user}:{self.password}")
            or (scheme == "IBSSO" and self._session_lives and value == self.session_token)
            or (scheme == "Bearer" and self._now() < self._tokens.get(value, 0.0))
        )
        return Right.EVERYTHING if accepted else None

    def give_token(self, client_id: str, client_secret: str, seconds: float) -> str:
        """An access token that lives so many seconds; "" for a wrong client."""
        if (client_id, client_secret) != (self.client_id, self.client_secret):
            return ""
        self.tokens_given += 1
        token = f"{self._source.getrandbits(256):064x}.{self._source.getrandbits(128):032x}"
        self._tokens[token] = self._now() + seconds
        return token

    def revoke_tokens(self) -> None:
        """Refuse every access token that was given so far."""
        self._tokens.clear()

    def end_session(self) -> None:
        """Refuse the session token from now on."""
        self._session_lives = False

    def _right_of_key(self, key: str, peer: str) -> Right | None:
        if key == self.api_key or (key == self.bound_key and peer == self.BOUND_TO):
            return Right.EVERYTHING
        return Right.PULL if key == self.pull_only_key else None


def credential_in(authorization: str) -> str:
    """What a header holds behind its scheme, decoded if it is Basic."""
    scheme, _, value = authorization.partition(" ")
    return _decoded(value.strip()) if scheme == "Basic" else value.strip()


def _decoded(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


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
