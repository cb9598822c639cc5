"""Access tokens for client credentials (OAuth2, platform.md §6), fetched and renewed in time.

A token is renewed when half of its life is over, long before it is refused: a pull that is
refused cannot be repeated by the program. The platform's word on how long it lives is
checked against two clocks, for either may stand still or be set: the one that never goes
back, which some systems stop while they sleep, and the one on the wall.
"""

import asyncio
import re
import time
from collections import deque
from collections.abc import Callable, Mapping

from ibconsole.api import auth_causes as causes
from ibconsole.api.authorization import Authorization, refuse_unsendable
from ibconsole.api.error_body import Complaint, read_complaint
from ibconsole.api.errors import (
    ApiError,
    BadCredential,
    NoAccessToken,
    PlatformBroken,
    RateLimited,
    Refused,
    Unreachable,
    from_answer,
)
from ibconsole.api.exchange import Observer
from ibconsole.api.masking import Mask
from ibconsole.api.retrying import USUAL, Patience
from ibconsole.api.transport import Form, Reply, Wire
from ibconsole.model import Undecodable, parse
from ibconsole.secret import MASK, Secret

PATH = "/auth/1/oauth2/token"

Clock = Callable[[], float]

# How long a token is taken to live if the platform does not say, or nothing sensible.
_ASSUMED = 300.0
_LONGEST = 86_400.0
# After a renewal in good time has failed, the next one waits so long.
_NEXT_TRY = 30.0
_VISIBLE = re.compile(r"[!-~]+")
# The token in an answer, in whatever shape it comes.
_TOKEN = re.compile(
    r"""((?:access|refresh|id)_?token["']?\s*[:=>]\s*["']?)[^"'&\s,}<]+""", re.IGNORECASE
)


class _Token:
    """An access token and how much of its life is over."""

    def __init__(self, value: str, seconds: float, clocks: tuple[Clock, ...]) -> None:
        self.value = Secret(value)
        self.header = Secret(f"Bearer {value}")
        self._seconds = seconds
        self._clocks = clocks
        self._since = [clock() for clock in clocks]
        self._next_try = seconds / 2

    @property
    def is_due(self) -> bool:
        """Whether it is time to renew it."""
        return self._age >= self._next_try

    @property
    def is_over(self) -> bool:
        """Whether it has expired."""
        return self._age >= self._seconds

    def put_off(self) -> None:
        """Leave it at this token for a while."""
        self._next_try = self._age + _NEXT_TRY

    @property
    def _age(self) -> float:
        """By the clock that has gone further."""
        return max(clock() - since for clock, since in zip(self._clocks, self._since, strict=True))


class ClientCredentials(Authorization):
    """A client's ID and secret, exchanged for an access token, sent as `Bearer <token>`.

    The token is fetched when it is first needed, once for all who wait for it. Raises
    BadBaseUrl and BadCredential at once. `observe` is told of every attempt to fetch one.
    """

    def __init__(
        self,
        base_url: str,
        client_id: str,
        client_secret: Secret,
        *,
        observe: Observer | None = None,
        patience: Patience = USUAL,
        clocks: tuple[Clock, ...] = (time.monotonic, time.time),
    ) -> None:
        self._wire = Wire(base_url, patience)
        self._client_id = _entered(client_id, "client ID")
        self._client_secret = Secret(_entered(client_secret.reveal(), "client secret"))
        self._observe = observe
        self._clocks = clocks
        self._token: _Token | None = None
        # Answers on their way may still repeat an older one.
        self._known: deque[Secret] = deque(maxlen=8)
        self._fetching = asyncio.Lock()
        self._fetches = 0
        self._failure: ApiError | None = None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The client secret and the latest access tokens."""
        return (self._client_secret, *self._known)

    @property
    def causes(self) -> tuple[str, ...]:
        """Why the platform may refuse a token that it gave."""
        return causes.ACCESS_TOKEN

    async def header(self) -> Secret:
        """The value of `Authorization`, with a token that is expected to live for a while.

        Raises NoAccessToken if the platform refuses the client, or another ApiError if it
        gave no token, and no older one is left that has not expired.
        """
        token = self._token
        if token and not token.is_due:
            return token.header
        try:
            return (await self._fetched(token)).header
        except ApiError:
            if token is None or token.is_over:
                raise
            token.put_off()
            return token.header

    async def renew(self, refused: Secret) -> bool:
        """Take note that a token was refused, and fetch another one; true unless that fails.

        Raises ApiError if the platform gives none.
        """
        token = self._token
        if token and token.header == refused:
            self._token = None
            await self._fetched(None)
        return True

    async def _fetched(self, old: _Token | None) -> _Token:
        """A token that is not the old one; who waits while it is fetched shares the outcome."""
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
        form = Form(PATH, fields, hidden=("client_secret",))
        try:
            return await self._wire.post(form, self._read, _TokenMask(self.secrets), self._observe)
        except ApiError as error:
            raise _explained(error) from None

    def _read(self, reply: Reply) -> _Token:
        """The token in an answer; raises ApiError if it is none."""
        mask = _TokenMask(self.secrets)
        headers, body = dict(mask.headers(reply.headers)), mask.note(reply.body)
        error = from_answer(reply.status, headers, body, outcome=_HARMLESS)
        if isinstance(error, Refused) and not isinstance(error, RateLimited):
            raise _refused(error, read_complaint(body, mask.text))
        if error:
            raise error
        answer = _object(reply.body)
        kind, value = answer.get("token_type", "Bearer"), answer.get("access_token")
        if not isinstance(kind, str) or kind.lower() != "bearer":
            raise _useless(reply, "The token that it sent is of a kind that is not known")
        if not isinstance(value, str) or not _VISIBLE.fullmatch(value):
            raise _useless(reply, "There is none in its answer")
        token = _Token(value, _lifetime(answer.get("expires_in")), self._clocks)
        self._known += (token.value, token.header)
        return token


class _TokenMask(Mask):
    """Masks the token in an answer as well, which nobody knows before it is read."""

    def text(self, text: str) -> str:
        return _TOKEN.sub(rf"\1{MASK}", super().text(text))

    def note(self, data: bytes) -> bytes:
        return self.text(data.decode("utf-8", "replace")).encode("utf-8", "replace")


_HARMLESS = "Nothing was changed; try again in a moment."


def _entered(text: str, name: str) -> str:
    """What somebody entered; raises BadCredential for what cannot be it."""
    refuse_unsendable(text.strip(), name)
    if not text.strip():
        raise BadCredential(f"The {name} is empty; enter the {name} of your account.")
    return text.strip()


def _explained(error: ApiError) -> ApiError:
    """The same failure, said of a token; of the request that wanted one nothing was sent."""
    sentence = f"The platform gave no access token. {error}"
    if isinstance(error, Unreachable):
        return Unreachable(sentence, lasting=error.lasting)
    if isinstance(error, PlatformBroken):
        return PlatformBroken(sentence, status=error.status, details=error.details)
    return error


def _refused(error: Refused, complaint: Complaint) -> ApiError:
    if error.status not in {404, 405}:
        return NoAccessToken(error.status, complaint)
    facts = f"{error.status} {complaint}".strip()
    return PlatformBroken(
        f"At this base URL there is nobody who gives them ({facts}). Nothing was changed: check"
        " the base URL.",
        status=error.status,
        details=error.details,
    )


def _useless(reply: Reply, what: str) -> PlatformBroken:
    return PlatformBroken(
        f"{what} ({reply.status}). Nothing was changed: check the base URL.", status=reply.status
    )


def _object(body: bytes) -> Mapping[str, object]:
    try:
        answer = parse(body)
    except Undecodable:
        return {}
    return answer if isinstance(answer, dict) else {}


def _lifetime(expires_in: object) -> float:
    """Seconds, whatever the platform says."""
    if isinstance(expires_in, str | int | float) and not isinstance(expires_in, bool):
        try:
            seconds = float(expires_in)
        except (ValueError, OverflowError):
            return _ASSUMED
        return min(seconds, _LONGEST) if seconds > 0 else _ASSUMED
    return _ASSUMED
