"""Access tokens for client credentials (OAuth2, platform.md §6), fetched and renewed in time.

A token is renewed after half of its lifetime, long before it is refused: a refused pull cannot
be repeated by the program. Its age is measured by two clocks, because each can be wrong: the
monotonic clock, which some systems stop during sleep, and the wall clock, which can be set.
"""

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable, Mapping

from ibconsole.api import auth_causes
from ibconsole.api.authorization import Authorization, require_sendable
from ibconsole.api.error_body import ErrorBody, read_error_body
from ibconsole.api.errors import (
    ApiError,
    BadCredential,
    NoAccessToken,
    PlatformBroken,
    RateLimited,
    Refused,
    Unreachable,
    error_from_answer,
)
from ibconsole.api.exchange import FormBody, Observer, RawAnswer
from ibconsole.api.masking import Mask
from ibconsole.api.retrying import DEFAULT_TIMEOUTS, Timeouts
from ibconsole.api.transport import HttpTransport
from ibconsole.model import Undecodable, parse
from ibconsole.pasted import clean_pasted
from ibconsole.secret import MASK, Secret

PATH = "/auth/1/oauth2/token"

Clock = Callable[[], float]

# The lifetime in seconds if the platform gives none, or not a number.
_DEFAULT_LIFETIME = 300.0
_MAX_LIFETIME = 86_400.0
# Seconds until the next attempt if an early renewal fails.
_RETRY_DELAY = 30.0
_VISIBLE = re.compile(r"[!-~]+")
# A token in an answer of any format.
_TOKEN = re.compile(
    r"""((?:access|refresh|id)_?token["']?\s*[:=>]\s*["']?)[^"'&\s,}<]+""", re.IGNORECASE
)


class _Token:
    """An access token and its age."""

    def __init__(self, value: str, seconds: float, clocks: tuple[Clock, ...]) -> None:
        self.value = Secret(value)
        self.header = Secret(f"Bearer {value}")
        self._seconds = seconds
        self._clocks = clocks
        self._since = [clock() for clock in clocks]
        self._renew_at = seconds / 2

    @property
    def is_renewal_due(self) -> bool:
        """True if the token should be renewed now."""
        return self._age >= self._renew_at

    @property
    def is_expired(self) -> bool:
        """True if the token has expired."""
        return self._age >= self._seconds

    def postpone_renewal(self) -> None:
        """Keep the token for some time before the next attempt to renew it."""
        self._renew_at = self._age + _RETRY_DELAY

    @property
    def _age(self) -> float:
        """Seconds by the clock that advanced further."""
        return max(clock() - since for clock, since in zip(self._clocks, self._since, strict=True))


class ClientCredentials(Authorization):
    """A client's ID and secret, exchanged for an access token, sent as `Bearer <token>`.

    The token is fetched when it is first needed, once for all concurrent callers. Raises
    BadBaseUrl and BadCredential at once. `observe` gets every attempt to fetch a token.
    """

    def __init__(
        self,
        base_url: str,
        client_id: str,
        client_secret: Secret,
        *,
        observe: Observer | None = None,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        clocks: tuple[Clock, ...] = (time.monotonic, time.time),
    ) -> None:
        self._http = HttpTransport(base_url, timeouts)
        self._client_id = _require_entered(client_id, "client ID")
        self._client_secret = Secret(_require_entered(client_secret.reveal(), "client secret"))
        self._observe = observe
        self._clocks = clocks
        self._token: _Token | None = None
        # Answers still under way may repeat an older token.
        self._recent_tokens: deque[Secret] = deque(maxlen=8)
        self._fetching = asyncio.Lock()
        self._fetches = 0
        self._failure: ApiError | None = None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The client secret and the latest access tokens."""
        return (self._client_secret, *self._recent_tokens)

    @property
    def auth_causes(self) -> tuple[str, ...]:
        """The possible causes if the platform refuses a token that it issued."""
        return auth_causes.ACCESS_TOKEN

    async def header(self) -> Secret:
        """Return the value of `Authorization` with a current token, fetched if necessary.

        Raises NoAccessToken if the platform refuses the client, or another ApiError if it gives
        no token, unless an older token has not expired yet.
        """
        token = self._token
        if token and not token.is_renewal_due:
            return token.header
        try:
            return (await self._fetch_shared(token)).header
        except ApiError:
            if token is None or token.is_expired:
                raise
            token.postpone_renewal()
            return token.header

    async def renew(self, refused: Secret) -> bool:
        """Fetch another token after one was refused with 401; returns true.

        Raises ApiError if the platform gives none.
        """
        token = self._token
        if token and token.header == refused:
            self._token = None
            await self._fetch_shared(None)
        return True

    async def _fetch_shared(self, old: _Token | None) -> _Token:
        """Return a token other than the old one; concurrent callers share one request."""
        fetches = self._fetches
        async with self._fetching:
            if self._token and self._token is not old:
                return self._token
            if self._fetches != fetches and self._failure:
                raise self._failure
            try:
                self._token = await self._fetch()
            except ApiError as failure:
                self._failure = failure
                raise
            finally:
                self._fetches += 1
            self._failure = None
            return self._token

    # https://www.infobip.com/docs/essentials/api-essentials/api-authentication
    async def _fetch(self) -> _Token:
        fields = {
            "client_id": self._client_id,
            "client_secret": self._client_secret.reveal(),
            "grant_type": "client_credentials",
        }
        form = FormBody(PATH, fields, masked=("client_secret",))
        try:
            return await self._http.post(form, self._read, _TokenMask(self.secrets), self._observe)
        except ApiError as error:
            raise _as_token_error(error) from None

    def _read(self, answer: RawAnswer) -> _Token:
        """Return the token in an answer; raises ApiError if there is none."""
        mask = _TokenMask(self.secrets)
        headers, body = dict(mask.mask_headers(answer.headers)), mask.mask_for_log(answer.body)
        error = error_from_answer(answer.status, headers, body, outcome=_NOTHING_CHANGED)
        if isinstance(error, Refused) and not isinstance(error, RateLimited):
            raise _refusal_error(error, read_error_body(body, mask.mask_text))
        if error:
            raise error
        decoded = _object(answer.body)
        kind, value = decoded.get("token_type", "Bearer"), decoded.get("access_token")
        if not isinstance(kind, str) or kind.lower() != "bearer":
            raise _unusable_answer(answer, "The token that it sent is of an unknown kind")
        if not isinstance(value, str) or not _VISIBLE.fullmatch(value):
            raise _unusable_answer(answer, "Its answer contains none")
        token = _Token(value, _lifetime(decoded.get("expires_in")), self._clocks)
        self._recent_tokens += (token.value, token.header)
        return token


class _TokenMask(Mask):
    """A mask that also covers the token in an answer, which is unknown until it is read."""

    def mask_text(self, text: str) -> str:
        return _TOKEN.sub(rf"\1{MASK}", super().mask_text(text))

    def mask_for_log(self, data: bytes) -> bytes:
        return self.mask_text(data.decode("utf-8", "replace")).encode("utf-8", "replace")


_NOTHING_CHANGED = "Nothing was changed; try again in a moment."


def _require_entered(text: str, name: str) -> str:
    """Return the entered text as `clean_pasted` does; raises BadCredential if unusable."""
    cleaned = clean_pasted(text)
    require_sendable(cleaned, name)
    if not cleaned:
        raise BadCredential(f"The {name} is empty; enter the {name} of your account.")
    return cleaned


def _as_token_error(error: ApiError) -> ApiError:
    """Return the failure reworded for a token; the request that needed it was not sent."""
    sentence = f"The platform gave no access token. {error}"
    if isinstance(error, Unreachable):
        return Unreachable(sentence, lasting=error.lasting)
    if isinstance(error, PlatformBroken):
        return PlatformBroken(sentence, status=error.status, details=error.details)
    return error


def _refusal_error(error: Refused, error_body: ErrorBody) -> ApiError:
    if error.status not in {404, 405}:
        return NoAccessToken(error.status, error_body)
    facts = f"{error.status} {error_body}".strip()
    return PlatformBroken(
        f"This base URL does not issue any ({facts}). Nothing was changed: check the base URL.",
        status=error.status,
        details=error.details,
    )


def _unusable_answer(answer: RawAnswer, reason: str) -> PlatformBroken:
    return PlatformBroken(
        f"{reason} ({answer.status}). Nothing was changed: check the base URL.",
        status=answer.status,
    )


def _object(body: bytes) -> Mapping[str, object]:
    try:
        decoded = parse(body)
    except Undecodable:
        return {}
    return decoded if isinstance(decoded, dict) else {}


def _lifetime(expires_in: object) -> float:
    """Return the lifetime in seconds, limited to a day; 300 if it is missing or not a number."""
    if isinstance(expires_in, str | int | float) and not isinstance(expires_in, bool):
        try:
            seconds = float(expires_in)
        except (ValueError, OverflowError):
            return _DEFAULT_LIFETIME
        return min(seconds, _MAX_LIFETIME) if seconds > 0 else _DEFAULT_LIFETIME
    return _DEFAULT_LIFETIME
