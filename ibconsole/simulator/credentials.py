"""Access control of an account: credentials, the token endpoint and the rate limit.

The token endpoint exchanges client credentials for an access token (OAuth2, RFC 6749 §4.4).
"""

import base64
import binascii
import time
from collections import deque
from collections.abc import Callable
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs

from ibconsole.http1 import Request, Response
from ibconsole.simulator import answers
from ibconsole.simulator.random_ids import RandomIds
from ibconsole.simulator.settings import SimulatorSettings

TOKEN_PATH = "/auth/1/oauth2/token"  # noqa: S105 a path
_FORM = "application/x-www-form-urlencoded"


class Scope(StrEnum):
    """The scope of an accepted credential."""

    EVERYTHING = "mobile-app-messaging:manage"
    PULL = "inbound-message:read"


class Credentials:
    """The credentials of an account; those missing in the settings come from the seed.

    `expired_key`, `disabled_key` and `bound_key` (valid only from the IP address `BOUND_TO`)
    are refused as the platform refuses them: like unknown ones. `now` is the clock, in
    seconds, by which access tokens expire.
    """

    BOUND_TO = "192.0.2.10"

    def __init__(
        self, settings: SimulatorSettings, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        source = RandomIds(settings.seed, "secrets")
        # Drawn even if the settings have a key: the values after it depend on the seed alone.
        generated_key = source.code()
        self.api_key = settings.api_key or generated_key
        self.pull_only_key = source.code()
        self.expired_key, self.disabled_key, self.bound_key = (source.code() for _ in range(3))
        generated = source.uuid()
        self.user = settings.user or f"support-{generated[:4]}"
        # Characters that look different in base64, in a URL and in JSON.
        self.password = settings.password or f'p/ä"{generated[4:]}+?'
        self.session_token = settings.session_token or source.code()
        self.client_id = settings.client_id or source.uuid()
        self.client_secret = settings.client_secret or f"{source.code()}/+&="
        self.tokens_issued = 0
        self._source = source
        self._now = now
        self._session_active = True
        self._token_expiries: dict[str, float] = {}

    def authorize(self, authorization: str, peer: str) -> Scope | None:
        """Return the scope of a request with this header from this address; None if refused."""
        scheme, _, value = authorization.partition(" ")
        value = value.strip()
        if scheme == "App":
            return self._scope_of_key(value, peer)
        accepted = (
            (scheme == "Basic" and _decode_basic(value) == f"{self.user}:{self.password}")
            or (scheme == "IBSSO" and self._session_active and value == self.session_token)
            or (scheme == "Bearer" and self._now() < self._token_expiries.get(value, 0.0))
        )
        return Scope.EVERYTHING if accepted else None

    def issue_token(self, client_id: str, client_secret: str, seconds: float) -> str:
        """Issue an access token that is valid for `seconds`; "" for wrong client credentials."""
        if (client_id, client_secret) != (self.client_id, self.client_secret):
            return ""
        self.tokens_issued += 1
        token = f"{self._source.getrandbits(256):064x}.{self._source.getrandbits(128):032x}"
        self._token_expiries[token] = self._now() + seconds
        return token

    def revoke_tokens(self) -> None:
        """Refuse every access token that was issued until now."""
        self._token_expiries.clear()

    def end_session(self) -> None:
        """Refuse the session token from now on."""
        self._session_active = False

    def _scope_of_key(self, key: str, peer: str) -> Scope | None:
        if key == self.api_key or (key == self.bound_key and peer == self.BOUND_TO):
            return Scope.EVERYTHING
        return Scope.PULL if key == self.pull_only_key else None


class RateLimiter:
    """Admits at most `calls` in any period of `seconds`; refused calls do not count."""

    def __init__(
        self,
        calls: int = 10,
        seconds: float = 1.0,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._calls = calls
        self._seconds = seconds
        self._clock = clock
        self._admitted: deque[float] = deque(maxlen=calls)

    def admit(self) -> bool:
        """Count a call and return True, or return False if it exceeds the limit."""
        now = self._clock()
        if len(self._admitted) == self._calls and now - self._admitted[0] < self._seconds:
            return False
        self._admitted.append(now)
        return True


def answer_token_request(credentials: Credentials, seconds: float, request: Request) -> Response:
    """Issue a token that is valid for `seconds`, or return the OAuth2 error for the form."""
    form = _read_form(request)
    grant_type, client_id, client_secret = (
        form.get(name, "") for name in ("grant_type", "client_id", "client_secret")
    )
    if not (grant_type and client_id and client_secret):
        return answers.oauth_failure(400, "invalid_request", "Bad request")
    if grant_type != "client_credentials":
        return answers.oauth_failure(400, "unsupported_grant_type", "Bad request")
    token = credentials.issue_token(client_id, client_secret, seconds)
    if not token:
        return answers.oauth_failure(401, "invalid_client", "Invalid login details")
    lifetime: Any = int(seconds) if seconds == int(seconds) else seconds
    issued = {"access_token": token, "expires_in": lifetime, "token_type": "Bearer"}
    return answers.success(issued)


def extract_credential(authorization: str) -> str:
    """Return the part of a header after its scheme, decoded if the scheme is Basic."""
    scheme, _, value = authorization.partition(" ")
    return _decode_basic(value.strip()) if scheme == "Basic" else value.strip()


def _decode_basic(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""


def _read_form(request: Request) -> dict[str, str]:
    """Return the fields that occur exactly once; none if the body is not a form."""
    if (request.header("content-type") or "").partition(";")[0].strip().lower() != _FORM:
        return {}
    try:
        fields = parse_qs(request.body.decode(), keep_blank_values=True, max_num_fields=100)
    except ValueError:
        return {}
    return {name: values[0] for name, values in fields.items() if len(values) == 1}
