"""Sends requests to the platform. The only module that knows httpx.

Two roads. `request` is for everything that may be sent again without harm, or that is known
not to have arrived. `fetch_once` is for the pull, which destroys what it reads: a client and
a connection of its own, and nothing on the way that could send a second time.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Self, TypeVar, cast
from urllib.parse import quote_plus, urlsplit

from ibconsole import __version__
from ibconsole.api import connection_errors as failures
from ibconsole.api.address import normalize_base_url
from ibconsole.api.auth_causes import PULL_SCOPES, Claim
from ibconsole.api.authorization import Authorization
from ibconsole.api.budget import Budget
from ibconsole.api.encoding import ACCEPTED, Unpacker
from ibconsole.api.errors import (
    UNKNOWN,
    ApiError,
    NotFound,
    PlatformBroken,
    RateLimited,
    Unauthorized,
    from_answer,
)
from ibconsole.api.exchange import KEPT_BODY, Answer, Noted, Observer, PullAnswer, observed
from ibconsole.api.masking import Headers, Mask
from ibconsole.api.retrying import USUAL, Attempts, Patience, retry
from ibconsole.hosts import is_surely_loopback
from ibconsole.lazy import LazyModule
from ibconsole.secret import MASK, Secret

if TYPE_CHECKING:
    import httpx
    import truststore
else:  # a tenth of a second that the window does not wait for
    httpx = LazyModule("httpx")
    truststore = LazyModule("truststore")

T = TypeVar("T")

_OUTCOMES = {"GET": "Nothing was changed; try again in a moment."}

# httpx writes every URL to its log, and ours hold application codes, which are credentials;
# httpcore every header of an answer, which may repeat ours.
for _talkative in ("httpx", "httpcore"):
    logging.getLogger(_talkative).setLevel(logging.WARNING)


@dataclass(frozen=True, slots=True)
class _Call:
    method: str
    path: str
    body: bytes | None
    attempts: Attempts


@dataclass(frozen=True, slots=True)
class Reply:
    """A whole answer, whatever its status: the body unpacked, nothing masked."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Form:
    """Fields to be posted to a path; the values of the `hidden` ones are for nobody to see."""

    path: str
    fields: Mapping[str, str]
    hidden: tuple[str, ...] = ()

    @property
    def shown(self) -> bytes:
        """The form's body for a log."""
        pairs = (
            (name, MASK if name in self.hidden else quote_plus(value))
            for name, value in self.fields.items()
        )
        return "&".join(f"{quote_plus(name)}={value}" for name, value in pairs).encode()


class Wire:
    """The way to one base URL: whom to trust, through which proxy, how long to wait.

    Raises BadBaseUrl at once for a base URL that `normalize_base_url` refuses.
    """

    def __init__(self, base_url: str, patience: Patience = USUAL) -> None:
        self.base_url = normalize_base_url(base_url)
        self.patience = patience
        parts = urlsplit(self.base_url)
        self.place = parts.netloc
        self._secure = parts.scheme == "https"
        # What stays on this computer is no proxy's business.
        self._proxied = not is_surely_loopback(parts.hostname or "")

    def client(self, read_seconds: float) -> httpx.AsyncClient:
        """A client; it never repeats a request (httpx's own default, and tested)."""
        try:
            return httpx.AsyncClient(
                verify=self._trust if self._secure else False,
                timeout=httpx.Timeout(
                    self.patience.piece, connect=self.patience.connect, read=read_seconds
                ),
                follow_redirects=False,
                trust_env=self._proxied,
            )
        except (ImportError, ValueError, httpx.InvalidURL):
            raise failures.proxy_unusable() from None

    async def post(
        self, form: Form, read: Callable[[Reply], T], mask: Mask, observe: Observer | None = None
    ) -> T:
        """Post a form without any credential, and return what `read` makes of the answer.

        Only for what may be done twice without harm: it is repeated as a GET is. Raises
        ApiError, as `read` may. `mask` is for what the observer is told.
        """
        attempts = Attempts("GET", self.patience)

        async def attempt() -> T:
            seconds = attempts.begin()
            noted = Noted("POST", self.base_url, form.path, attempt=attempts.number, mask=mask)
            with observed(observe, noted):
                async with self.client(self.patience.piece) as client:
                    request = client.build_request(
                        "POST",
                        f"{self.base_url}{form.path}",
                        headers=_headers(ACCEPTED),
                        data=dict(form.fields),
                    )
                    noted.request(_listed(request.headers), form.shown)
                    reply = await self.exchange(client, request, noted, seconds=seconds)
                attempts.answered()
                return read(reply)

        return await retry(attempts.again, attempt)

    async def exchange(
        self,
        client: httpx.AsyncClient,
        request: httpx.Request,
        noted: Noted,
        *,
        seconds: float,
        needed: bool = True,
    ) -> Reply:
        """Send a request once; its answer must begin within so many seconds.

        Unless the body of a 2xx answer is `needed`, a damaged one counts as empty. Raises
        ApiError if no answer came, or not enough of it.
        """
        try:
            async with asyncio.timeout(seconds) as limit:
                response = await client.send(request, stream=True)
                try:
                    noted.answer(response.status_code, _listed(response.headers))
                    limit.reschedule(asyncio.get_running_loop().time() + self.patience.whole)
                    body = await _read(response, noted, needed=needed)
                finally:
                    await response.aclose()
        except (httpx.TransportError, TimeoutError) as error:
            # The cause is left out: it may hold the request, and its sentence says it all.
            raise self.failure(error, request.method) from None
        return Reply(response.status_code, _listed(response.headers), body)

    def failure(self, error: Exception, method: str) -> ApiError:
        """What kept an answer from coming, as a sentence."""
        if isinstance(error, httpx.ProxyError):
            return failures.proxy_refused(self.place)
        if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
            return failures.nobody_there(self.place, self.patience.connect)
        if isinstance(error, httpx.ConnectError):
            return failures.not_connected(error, self.place)
        return failures.sent_in_vain(_what_happened(error, self.place), method)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        # Made on first use: reading the system's certificates takes 41 ms.
        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


class Transport:
    """Sends requests to one base URL with one credential, within one budget.

    Raises BadBaseUrl at once for a base URL that `normalize_base_url` refuses. Needs no
    running loop to be made, and connects only when something is sent. `observe` is told
    of every attempt. Whatever an answer repeats of the credential is masked.
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
        self._wire = Wire(base_url, patience)
        self.base_url = self._wire.base_url
        self._authorization = authorization
        self._budget = budget or Budget()
        self._observe = observe
        self._patience = patience
        self._client: httpx.AsyncClient | None = None
        self._sent: Secret | None = None
        self._refused: Secret | None = None
        self._masks: tuple[tuple[Secret, ...], Mask] = ((), Mask())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close all connections."""
        client, self._client = self._client, None
        if client:
            await client.aclose()

    @property
    def mask(self) -> Mask:
        """What takes the credential out of bytes that were packed when they came."""
        secrets = self._authorization.secrets
        if self._masks[0] != secrets:
            self._masks = (secrets, Mask(secrets))
        return self._masks[1]

    async def request(self, method: str, path: str, body: bytes | None = None) -> Answer:
        """Send a request and return its 2xx answer; `body` is JSON.

        Waits for its turn in the budget. Repeats GET and DELETE after failures that may
        pass, anything that provably did not arrive, and anything after 429, at most twice;
        and anything once that was refused with a credential which can be renewed.
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
        credential = await self._credential(call.attempts)
        # One that was never sent before is as fresh as can be.
        renewable = credential == self._sent
        try:
            return await self._send(call, credential)
        except Unauthorized:
            if not (renewable and call.attempts.renew()):
                raise
            fresh = await self._credential(call.attempts, refused=credential)
            if fresh == credential:
                raise
        return await self._send(call, fresh)

    async def _credential(self, attempts: Attempts, refused: Secret | None = None) -> Secret:
        """The header to send, another than the refused one if there is any."""
        refused, self._refused = refused or self._refused, None
        try:
            if refused:
                await self._authorization.renew(refused)
            return await self._authorization.header()
        except ApiError:
            attempts.give_up()
            raise

    async def _send(self, call: _Call, credential: Secret) -> Answer:
        turn = await self._budget.turn()
        seconds = call.attempts.begin()
        mask, number = self.mask, call.attempts.number
        noted = Noted(call.method, self.base_url, call.path, attempt=number, mask=mask)
        with observed(self._observe, noted):
            client = self._client = self._client or self._wire.client(self._patience.piece)
            request = client.build_request(
                call.method,
                f"{self.base_url}{call.path}",
                headers=_headers(ACCEPTED, credential),
                content=call.body,
            )
            if call.body is not None:
                request.headers["Content-Type"] = "application/json"
            noted.request(_listed(request.headers), call.body or b"")
            reply = await self._wire.exchange(
                client, request, noted, seconds=seconds, needed=call.method == "GET"
            )
            self._sent = credential
            turn.answer()
            call.attempts.answered()
            if refusal := self._refusal(call.method, reply, mask):
                self._heed(refusal)
                raise refusal
        return Answer(reply.status, mask.data(reply.body))

    def _refusal(self, method: str, reply: Reply, mask: Mask) -> ApiError | None:
        return from_answer(
            reply.status,
            dict(mask.headers(reply.headers)),
            b"" if 200 <= reply.status < 300 else mask.note(reply.body),
            outcome=_OUTCOMES.get(method, UNKNOWN),
            claim=Claim(self._authorization.causes),
        )

    async def fetch_once(
        self,
        path: str,
        *,
        receive: Callable[[bytes], Awaitable[None]],
        sending: Callable[[], None] | None = None,
    ) -> PullAnswer:
        """Send one GET that must never be sent twice; hand its body out as it arrives.

        `sending` is called just before the request goes out, `receive` gets the bytes of
        the body, not unpacked, as received except for secrets, which are masked with as
        many asterisks. Of a body that is packed all the same nothing is masked: see `mask`.
        Returns however the answer ended, whatever its status. Raises ApiError only if
        nothing was sent; what `receive` raises goes through, with the connection closed.
        """
        # Whatever there is to fetch for it is fetched first: no turn should wait for that.
        await self._credential(Attempts("GET"))
        turn = await self._budget.turn(urgent=True)
        credential = await self._authorization.header()
        noted = Noted("GET", self.base_url, path, mask=self.mask)
        with observed(self._observe, noted):
            async with self._wire.client(self._patience.pull) as client:
                request = client.build_request(
                    "GET",
                    f"{self.base_url}{path}",
                    headers={**_headers("identity", credential), "Connection": "close"},
                )
                noted.request(_listed(request.headers))
                if sending:
                    sending()
                answer = await self._send_once(client, request, receive, noted)
                turn.answer()
            noted.problem = answer.problem or str(answer.refusal or "")
        self._heed(answer.refusal)
        self._sent = credential
        if isinstance(answer.refusal, Unauthorized):
            # Too late for this one, but the next is asked with a fresh one if there is any.
            self._refused = credential
        return answer

    async def _send_once(
        self,
        client: httpx.AsyncClient,
        request: httpx.Request,
        receive: Callable[[bytes], Awaitable[None]],
        noted: Noted,
    ) -> PullAnswer:
        try:
            async with asyncio.timeout(self._patience.pulled):
                response = await client.send(request, stream=True)
        except (
            httpx.ConnectError,
            httpx.ConnectTimeout,
            httpx.PoolTimeout,
            httpx.ProxyError,
        ) as error:
            raise self._wire.failure(error, "GET") from None
        except (httpx.TransportError, TimeoutError) as error:
            problem = _pull_problem(error, self._wire.place)
            return PullAnswer(None, (), complete=False, problem=problem)
        headers = _listed(response.headers)
        noted.answer(response.status_code, headers)
        body = _Body(receive, self.mask, noted)
        problem = ""
        try:
            async with asyncio.timeout(self._patience.pulled), _pieces(response) as pieces:
                async for piece in pieces:
                    await body.take(piece)
        except httpx.TransportError as error:
            problem = _pull_problem(error, self._wire.place)
        except TimeoutError:
            problem = failures.pulled_in_vain(failures.endless(self._wire.place))
        finally:
            await response.aclose()
        await body.end()
        return PullAnswer(
            response.status_code,
            self.mask.headers(headers),
            complete=not problem,
            problem=problem,
            refusal=self._pull_refusal(response, bytes(body.head)),
            mask=self.mask.data,
        )

    def _pull_refusal(self, response: httpx.Response, head: bytes) -> ApiError | None:
        packed = response.headers.get("content-encoding", "identity").lower() != "identity"
        return from_answer(
            response.status_code,
            dict(self.mask.headers(_listed(response.headers))),
            b"" if packed else self.mask.note(head),
            outcome="Whether it handed out messages is not known; its answer is kept.",
            claim=Claim(self._authorization.causes, PULL_SCOPES),
        )

    def _heed(self, error: ApiError | None) -> None:
        if isinstance(error, RateLimited):
            self._budget.pause(min(error.retry_after, self._patience.retry_after))


class _Body:
    """The body of a pull on its way to whoever stores it, without the secrets in it."""

    def __init__(
        self, receive: Callable[[bytes], Awaitable[None]], mask: Mask, noted: Noted
    ) -> None:
        self._receive = receive
        self._masked = mask.stream()
        self._noted = noted
        self.head = bytearray()

    async def take(self, piece: bytes) -> None:
        """Pass a piece on, save an end of it that could be the beginning of a secret."""
        self._noted.answer_size += len(piece)
        await self._pass_on(self._masked.feed(piece))

    async def end(self) -> None:
        """Pass on what was held back."""
        await self._pass_on(self._masked.finish())

    async def _pass_on(self, data: bytes) -> None:
        if not data:
            return
        if len(self.head) < KEPT_BODY:
            self.head += data
        await self._receive(data)


def _headers(encoding: str, credential: Secret | None = None) -> dict[str, str]:
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": encoding,
        "User-Agent": f"ibconsole/{__version__}",
    }
    return {**headers, "Authorization": credential.reveal()} if credential else headers


def _listed(headers: httpx.Headers) -> Headers:
    """Names and values in the order and spelling of the wire."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.raw)


def _pieces(response: httpx.Response) -> aclosing[AsyncGenerator[bytes, None]]:
    """The body as it comes over the wire, its compression left on."""
    # httpx does not say so in its types, but this is a generator, and wants closing.
    return aclosing(cast("AsyncGenerator[bytes, None]", response.aiter_raw()))


async def _read(response: httpx.Response, noted: Noted, *, needed: bool) -> bytes:
    """The body; where it is not needed, an unreadable one counts as empty.

    A status says enough about a refusal, and about a change that was made.
    """
    unpacker = None
    try:
        unpacker = Unpacker(response.headers.get("content-encoding", ""))
        async with _pieces(response) as pieces:
            async for piece in pieces:
                unpacker.feed(piece)
        return unpacker.finish()
    except (httpx.TransportError, PlatformBroken):
        if needed and response.is_success:
            raise
        return b""
    finally:
        if unpacker:
            noted.answer_body(unpacker.so_far)


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
