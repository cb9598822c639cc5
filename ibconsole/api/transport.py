"""Sends requests to the platform. The only module that knows httpx.

Two roads. `request` is for everything that may be sent again without harm, or that is known
not to have arrived. `fetch_once` is for the pull, which destroys what it reads: a client and
a connection of its own, and nothing on the way that could send a second time.
"""

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import cached_property
from typing import Self, cast
from urllib.parse import urlsplit

import httpx
import truststore

from ibconsole import __version__
from ibconsole.api import failures
from ibconsole.api.address import is_loopback, normalize_base_url
from ibconsole.api.authorization import Authorization
from ibconsole.api.budget import Budget
from ibconsole.api.encoding import ACCEPTED, Unpacker
from ibconsole.api.errors import (
    UNKNOWN,
    ApiError,
    NotFound,
    PlatformBroken,
    RateLimited,
    from_answer,
)
from ibconsole.api.exchange import Answer, Noted, Observer, PullAnswer, observed
from ibconsole.api.retrying import USUAL, Attempts, Patience, retry
from ibconsole.secret import Secret

_OUTCOMES = {"GET": "Nothing was changed; try again in a moment."}
_NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)

# httpx writes every URL to its log, and ours hold application codes, which are credentials.
logging.getLogger("httpx").setLevel(logging.WARNING)
# Nobody needs to be warned of an attempt that the next one made good.
logging.getLogger("stamina").setLevel(logging.ERROR)


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    path: str
    body: bytes | None
    attempts: Attempts


class Transport:
    """Sends requests to one base URL with one credential, within one budget.

    Raises BadBaseUrl at once for a base URL that `normalize_base_url` refuses. Needs no
    running loop to be made, and connects only when something is sent. `observe` is told
    of every attempt.
    """

    def __init__(
        self,
        base_url: str,
        authorization: Authorization,
        *,
        budget: Budget | None = None,
        observe: Observer | None = None,
        patience: Patience = USUAL,
    ) -> None:
        self.base_url = normalize_base_url(base_url)
        self._authorization = authorization
        self._budget = budget or Budget()
        self._observe = observe
        self._patience = patience
        parts = urlsplit(self.base_url)
        self._place = parts.netloc
        self._secure = parts.scheme == "https"
        # What stays on this computer is no proxy's business.
        self._proxied = not is_loopback(parts.hostname or "")
        self._client: httpx.AsyncClient | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        client, self._client = self._client, None
        if client:
            await client.aclose()

    async def request(self, method: str, path: str, body: bytes | None = None) -> Answer:
        """Send a request and return its 2xx answer; `body` is JSON.

        Waits for its turn in the budget. Repeats GET and DELETE after failures that may
        pass, anything that provably did not arrive, and anything after 429, at most twice.
        A repeated DELETE that finds nothing more to delete has succeeded. Raises ApiError.
        """
        attempts = Attempts(method, self._patience)
        try:
            return await retry(attempts.again, self._attempt, _Call(method, path, body, attempts))
        except NotFound:
            if method == "DELETE" and attempts.may_be_done:
                return Answer(204)
            raise

    async def _attempt(self, call: _Call) -> Answer:
        turn = await self._budget.turn()
        credential = await self._authorization.header()
        seconds = call.attempts.begin()
        with observed(self._observe, call.method, call.path, call.attempts.number) as noted:
            try:
                async with asyncio.timeout(seconds) as limit:
                    status, headers, body = await self._exchange(call, credential, limit, noted)
            except (httpx.TransportError, TimeoutError) as error:
                # The cause is left out: it may hold the request, and its sentence says it all.
                raise self._failure(error, call.method) from None
            turn.answer()
            call.attempts.answered()
            outcome = _OUTCOMES.get(call.method, UNKNOWN)
            refusal = from_answer(status, headers, body, secret=credential, outcome=outcome)
            self._heed(refusal)
            if refusal:
                raise refusal
        return Answer(status, body)

    async def _exchange(
        self, call: _Call, credential: Secret, limit: asyncio.Timeout, noted: Noted
    ) -> tuple[int, httpx.Headers, bytes]:
        client = self._client = self._client or self._new_client(self._patience.piece)
        request = client.build_request(
            call.method,
            f"{self.base_url}{call.path}",
            headers=_headers(credential, ACCEPTED),
            content=call.body,
        )
        if call.body is not None:
            request.headers["Content-Type"] = "application/json"
        response = await client.send(request, stream=True)
        try:
            noted.status = status = response.status_code
            limit.reschedule(asyncio.get_running_loop().time() + self._patience.whole)
            body = await _read(response, needed=call.method == "GET" and response.is_success)
        finally:
            await response.aclose()
        return status, response.headers, body

    async def fetch_once(
        self,
        path: str,
        *,
        receive: Callable[[bytes], Awaitable[None]],
        sending: Callable[[], None] | None = None,
    ) -> PullAnswer:
        """Send one GET that must never be sent twice; hand its body out as it arrives.

        `sending` is called just before the request goes out, `receive` gets the bytes of
        the body, not unpacked. Returns however the answer ended, whatever its status.
        Raises ApiError only if nothing was sent; what `receive` raises goes through, with
        the connection closed.
        """
        turn = await self._budget.turn(urgent=True)
        credential = await self._authorization.header()
        with observed(self._observe, "GET", path, 1) as noted:
            async with self._new_client(self._patience.pull) as client:
                request = client.build_request(
                    "GET",
                    f"{self.base_url}{path}",
                    headers={**_headers(credential, "identity"), "Connection": "close"},
                )
                if sending:
                    sending()
                answer = await self._send_once(client, request, receive)
                turn.answer()
            noted.status, noted.problem = answer.status, answer.problem
            if answer.status == 429:
                error = from_answer(429, dict(answer.headers), b"")
                self._heed(error)
        return answer

    async def _send_once(
        self,
        client: httpx.AsyncClient,
        request: httpx.Request,
        receive: Callable[[bytes], Awaitable[None]],
    ) -> PullAnswer:
        try:
            response = await client.send(request, stream=True)
        except _NOT_SENT as error:
            raise self._failure(error, "GET") from None
        except httpx.TransportError as error:
            return PullAnswer(None, (), complete=False, problem=_pull_problem(error, self._place))
        headers = tuple(
            (name.decode("latin-1"), value.decode("latin-1"))
            for name, value in response.headers.raw
        )
        problem = ""
        try:
            async with _pieces(response) as pieces:
                async for piece in pieces:
                    await receive(piece)
        except httpx.TransportError as error:
            problem = _pull_problem(error, self._place)
        finally:
            await response.aclose()
        return PullAnswer(response.status_code, headers, complete=not problem, problem=problem)

    def _heed(self, error: ApiError | None) -> None:
        if isinstance(error, RateLimited):
            self._budget.pause(min(error.retry_after, self._patience.retry_after))

    def _failure(self, error: Exception, method: str) -> ApiError:
        if isinstance(error, httpx.ProxyError):
            return failures.proxy_refused(self._place)
        if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
            return failures.nobody_there(self._place, self._patience.connect)
        if isinstance(error, httpx.ConnectError):
            return failures.not_connected(error, self._place)
        return failures.sent_in_vain(_what_happened(error, self._place), method)

    def _new_client(self, read_seconds: float) -> httpx.AsyncClient:
        """A client; it never repeats a request (httpx's own default, and tested)."""
        try:
            return httpx.AsyncClient(
                verify=self._trust if self._secure else False,
                timeout=httpx.Timeout(
                    self._patience.piece, connect=self._patience.connect, read=read_seconds
                ),
                follow_redirects=False,
                trust_env=self._proxied,
            )
        except (ImportError, ValueError, httpx.InvalidURL):
            raise failures.proxy_unusable() from None

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        # Made on first use: reading the system's certificates takes 41 ms.
        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _headers(credential: Secret, encoding: str) -> dict[str, str]:
    return {
        "Accept": "application/json",
        "Accept-Encoding": encoding,
        "Authorization": credential.reveal(),
        "User-Agent": f"ibconsole/{__version__}",
    }


def _pieces(response: httpx.Response) -> aclosing[AsyncGenerator[bytes, None]]:
    """The body as it comes over the wire, its compression left on."""
    # httpx does not say so in its types, but this is a generator, and wants closing.
    return aclosing(cast("AsyncGenerator[bytes, None]", response.aiter_raw()))


async def _read(response: httpx.Response, *, needed: bool) -> bytes:
    """The body; where it is not needed, an unreadable one counts as empty.

    A status says enough about a refusal, and about a change that was made.
    """
    try:
        unpacker = Unpacker(response.headers.get("content-encoding", ""))
        async with _pieces(response) as pieces:
            async for piece in pieces:
                unpacker.feed(piece)
        return unpacker.finish()
    except (httpx.TransportError, PlatformBroken):
        if needed:
            raise
        return b""


def _pull_problem(error: Exception, place: str) -> str:
    return failures.pulled_in_vain(_what_happened(error, place))


def _what_happened(error: Exception, place: str) -> str:
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return failures.silent(place)
    if isinstance(error, httpx.ProtocolError) and not _cut(error):
        return failures.garbled(place)
    return failures.broken_off(place)


def _cut(error: httpx.ProtocolError) -> bool:
    # httpx has one class for an answer that ends too early and for one that is no HTTP.
    return str(error).startswith(("Server disconnected", "peer closed connection"))
