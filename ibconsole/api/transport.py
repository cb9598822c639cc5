"""HTTP over httpx: connections, proxies, certificates, time-outs. The only module that knows httpx.

The proxy is chosen by `ibconsole.proxies`; httpx does not read the environment itself.

Two ways to send. `exchange` and `post` return a complete answer; whether a request is repeated
is decided above (`client`, `retrying`). `stream` is for the pull, which destroys what it reads:
it uses a separate client and connection, and nothing in it could send a second time.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, aclosing, suppress
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar, cast
from urllib.parse import urlsplit

import msgspec

from ibconsole import __version__
from ibconsole.api import connection_errors, proxy_errors
from ibconsole.api.address import normalize_base_url
from ibconsole.api.encoding import ACCEPTED, Decompressor
from ibconsole.api.errors import ApiError, PlatformBroken
from ibconsole.api.exchange import (
    ExchangeRecorder,
    FormBody,
    Observation,
    Observer,
    OutgoingRequest,
    PullStream,
    RawAnswer,
)
from ibconsole.api.masking import Headers, Mask
from ibconsole.api.proxy_errors import ConnectionProgress, Stage
from ibconsole.api.retrying import DEFAULT_TIMEOUTS, Attempts, Timeouts, retry
from ibconsole.api.tee import TeeBackend
from ibconsole.lazy import LazyModule
from ibconsole.proxies import Proxy, choose_proxy
from ibconsole.secret import Secret

if TYPE_CHECKING:
    import httpcore
    import httpx
    import truststore
else:  # importing both takes 0.1 s, which would delay the start of the window
    httpcore = LazyModule("httpcore")
    # Its command line would bring rich and pygments, where these are installed.
    httpx = LazyModule("httpx", without=("httpx._main",))
    truststore = LazyModule("truststore")

T = TypeVar("T")

log = logging.getLogger(__name__)

# httpx logs every URL, and these contain application codes, which are credentials; httpcore logs
# every header of an answer, which may repeat a credential.
for _library in ("httpx", "httpcore"):
    logging.getLogger(_library).setLevel(logging.WARNING)


class StreamResult(msgspec.Struct, frozen=True):
    """The end of a streamed answer: no `status` if none arrived, no `problem` if it is complete."""

    status: int | None
    headers: Headers = ()
    problem: str = ""


class HttpTransport:
    """Connections to one base URL: trusted certificates, the system's proxy, time-outs.

    Raises BadBaseUrl at once for a base URL that `normalize_base_url` refuses.
    """

    def __init__(self, base_url: str, timeouts: Timeouts = DEFAULT_TIMEOUTS) -> None:
        self.base_url = normalize_base_url(base_url)
        self._timeouts = timeouts
        parts = urlsplit(self.base_url)
        self._host = parts.netloc
        self._secure = parts.scheme == "https"
        self._proxy: Proxy | None = None
        self._warned = False
        self._client: httpx.AsyncClient | None = None

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """The secrets, besides the credential, that an answer may repeat: a plain proxy's."""
        proxy = None if self._secure else choose_proxy(self.base_url).proxy
        return proxy.secrets if proxy else ()

    async def aclose(self) -> None:
        """Close all connections."""
        client, self._client = self._client, None
        if client:
            await client.aclose()

    async def exchange(
        self,
        request: OutgoingRequest,
        recorder: ExchangeRecorder,
        *,
        seconds: float,
        body_needed: bool,
    ) -> RawAnswer:
        """Send a request once; its answer must begin within that many seconds.

        Connections are kept for the next request. Unless the body of a 2xx answer is needed,
        a damaged one counts as empty. Raises ApiError if the answer is missing or incomplete.
        """
        client = self._client = self._client or self._new_client(self._timeouts.read)
        built = self._build(client, request)
        if request.body is not None:
            built.headers["Content-Type"] = "application/json"
        recorder.record_request(_listed(built.headers), request.body or b"")
        return await self._send(client, built, recorder, seconds=seconds, body_needed=body_needed)

    async def reach(self, seconds: float) -> int:
        """Send a HEAD without a credential; return the status of the answer. Raises ApiError."""
        request = OutgoingRequest("HEAD", "/", request_headers(ACCEPTED))
        recorder = ExchangeRecorder("HEAD", self.base_url, "/")
        answer = await self.exchange(request, recorder, seconds=seconds, body_needed=False)
        return answer.status

    async def post(
        self,
        form: FormBody,
        read: Callable[[RawAnswer], T],
        mask: Mask,
        observe: Observer | None = None,
    ) -> T:
        """Post a form without a credential, and return what `read` makes of the answer.

        Only for requests that can be repeated without harm: it is retried as a GET is. Raises
        ApiError, as `read` may. `mask` masks what the observer gets.
        """
        attempts = Attempts("GET", self._timeouts)

        async def attempt() -> T:
            seconds = attempts.begin()
            recorder = ExchangeRecorder(
                "POST", self.base_url, form.path, attempt=attempts.number, mask=mask
            )
            with Observation(observe, recorder):
                async with self._new_client(self._timeouts.read) as client:
                    built = client.build_request(
                        "POST",
                        f"{self.base_url}{form.path}",
                        headers=request_headers(ACCEPTED),
                        data=dict(form.fields),
                        extensions=self._progress(),
                    )
                    recorder.record_request(_listed(built.headers), form.shown)
                    answer = await self._send(
                        client, built, recorder, seconds=seconds, body_needed=True
                    )
                attempts.mark_answered()
                return read(answer)

        return await retry(attempts.should_retry, attempt)

    async def stream(
        self,
        request: OutgoingRequest,
        answer: PullStream,
        recorder: ExchangeRecorder,
        *,
        sending: Callable[[], None] | None = None,
    ) -> StreamResult:
        """Send a request once, over a new connection, and feed `answer` as bytes arrive.

        `answer` gets every byte that is received, head and framing included, before the client
        parses it. If the client refuses the answer, the rest of it is received all the same.
        `sending` is called just before the request is sent. Raises ApiError only if nothing
        was sent; an exception of `answer` is propagated with the connection closed.
        """
        async with self._new_client(self._timeouts.pull_read) as client, AsyncExitStack() as stack:
            tee = self._tee(client, answer)
            stack.push_async_callback(answer.finish)
            stack.push_async_callback(tee.aclose)
            built = self._build(client, request)
            recorder.record_request(_listed(built.headers))
            if sending:
                sending()
            try:
                async with asyncio.timeout(self._timeouts.pull_total):
                    response = await _answer_of(client, built)
            except (httpx.TransportError, TimeoutError) as error:
                if not tee.sent:
                    raise self._failure(error, built) from None
                await self._receive_rest(tee, error)
                return StreamResult(None, problem=self._pull_problem(error))
            return await self._stream_body(response, answer, recorder, tee)

    async def _stream_body(
        self,
        response: httpx.Response,
        answer: PullStream,
        recorder: ExchangeRecorder,
        tee: TeeBackend,
    ) -> StreamResult:
        headers = _listed(response.headers)
        recorder.record_head(response.status_code, headers)
        problem, refused, last = "", None, b""
        try:
            async with asyncio.timeout(self._timeouts.pull_total), _pieces(response) as pieces:
                async for piece in pieces:
                    answer.add_to_body(piece)
                    last = piece.rstrip() or last
        except httpx.TransportError as error:
            problem, refused = self._pull_problem(error), error
        except TimeoutError:
            problem = connection_errors.pull_problem(connection_errors.answer_too_slow(self._host))
        finally:
            await response.aclose()
        if not problem or refused:
            await self._receive_rest(tee, refused, may_follow=_may_follow(response, last))
        return StreamResult(response.status_code, headers, problem)

    def _tee(self, client: httpx.AsyncClient, answer: PullStream) -> TeeBackend:
        """Let every connection of the client pass on what it receives."""
        tee: TeeBackend | None = None
        # WORKAROUND: httpx has no parameter for httpcore's network backend; a test guards this.
        for transport in (client._transport, *client._mounts.values()):  # noqa: SLF001
            pool = getattr(transport, "_pool", None)
            if pool is not None:
                tee = tee or TeeBackend(pool._network_backend, answer.feed)  # noqa: SLF001
                pool._network_backend = tee  # noqa: SLF001
        assert tee is not None, "a client has a connection pool"  # noqa: S101
        return tee

    async def _receive_rest(
        self, tee: TeeBackend, refused: Exception | None, *, may_follow: bool = False
    ) -> None:
        """Receive what follows where the client stopped reading.

        After a refused answer that is the rest of it, which may take its time. After a complete
        one it is usually only the end of the connection, which was asked for; but the length in
        the head may have been too short. With `may_follow` that is likely.
        """
        if refused and not isinstance(refused, httpx.ProtocolError):
            return
        times = self._timeouts
        seconds = times.pull_rest if may_follow else times.pull_end
        seconds = times.pull_read if refused else seconds
        with suppress(httpcore.NetworkError, httpcore.TimeoutException, TimeoutError):
            async with asyncio.timeout(self._timeouts.pull_total if refused else seconds):
                await tee.receive_rest(seconds)

    async def _send(
        self,
        client: httpx.AsyncClient,
        built: httpx.Request,
        recorder: ExchangeRecorder,
        *,
        seconds: float,
        body_needed: bool,
    ) -> RawAnswer:
        try:
            async with asyncio.timeout(seconds) as limit:
                response = await _answer_of(client, built)
                try:
                    recorder.record_head(response.status_code, _listed(response.headers))
                    limit.reschedule(asyncio.get_running_loop().time() + self._timeouts.answer_rest)
                    body = await _read(response, recorder, needed=body_needed)
                finally:
                    await response.aclose()
        except (httpx.TransportError, TimeoutError) as error:
            # Without its cause, which may contain the request; the sentence is complete.
            raise self._failure(error, built) from None
        return RawAnswer(response.status_code, _listed(response.headers), body)

    def _new_client(self, read_seconds: float) -> httpx.AsyncClient:
        """Create a client that never repeats a request (httpx's own default, and tested)."""
        choice = choose_proxy(self.base_url)
        if choice.problem:
            raise proxy_errors.unusable(choice.problem)
        if not self._warned:
            self._warned = True
            for verdict in choice.warnings:
                log.warning("%s", verdict)
        self._proxy = choice.proxy
        return httpx.AsyncClient(
            verify=self._trust if self._secure else False,
            timeout=httpx.Timeout(
                self._timeouts.read, connect=self._timeouts.connect, read=read_seconds
            ),
            follow_redirects=False,
            trust_env=False,
            proxy=self._httpx_proxy(choice.proxy) if choice.proxy else None,
        )

    def _httpx_proxy(self, proxy: Proxy) -> httpx.Proxy:
        credential = proxy.credential
        return httpx.Proxy(
            httpx.URL(scheme=proxy.scheme, host=proxy.host, port=proxy.port),
            headers={"Proxy-Authorization": credential.reveal()} if credential else None,
            # A context of its own: the client sets the protocols of each for itself.
            ssl_context=self._new_trust() if proxy.scheme == "https" else None,
        )

    def _build(self, client: httpx.AsyncClient, request: OutgoingRequest) -> httpx.Request:
        return client.build_request(
            request.method,
            f"{self.base_url}{request.path}",
            headers=dict(request.headers),
            content=request.body,
            extensions=self._progress(),
        )

    def _progress(self) -> dict[str, ConnectionProgress]:
        return {"trace": ConnectionProgress(tunnel=self._secure and self._proxy is not None)}

    def _failure(self, error: Exception, built: httpx.Request) -> ApiError:
        stage: Stage = built.extensions["trace"].stage
        timed_out = isinstance(error, httpx.TimeoutException | TimeoutError)
        if self._proxy and stage < Stage.REQUEST:
            return proxy_errors.proxy_failed(
                error, self._proxy, stage, self._host, timed_out=timed_out
            )
        if stage is Stage.REQUEST and not _never_connected(error):
            return connection_errors.request_failed(_describe(error, self._host), built.method)
        if timed_out:
            return connection_errors.connect_timed_out(self._host, self._timeouts.connect)
        return connection_errors.connection_failed(error, self._host)

    def _pull_problem(self, error: Exception) -> str:
        return connection_errors.pull_problem(_describe(error, self._host))

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        # Created on first use: reading the system's certificates takes 41 ms.
        return self._new_trust()

    def _new_trust(self) -> ssl.SSLContext:
        return truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


async def _answer_of(client: httpx.AsyncClient, request: httpx.Request) -> httpx.Response:
    """Send a request, and return its answer once the head has arrived.

    Raises httpx.TransportError. For a redirect, httpx prepares the next request although it is
    not to be followed, and raises other errors if the Location is not a URL.
    """
    try:
        return await client.send(request, stream=True)
    except (httpx.InvalidURL, ValueError):
        raise httpx.RemoteProtocolError("The Location of a redirect is not a URL.") from None


def _may_follow(response: httpx.Response, last: bytes) -> bool:
    """Return whether more may follow a body that is complete by its length, but not as JSON."""
    has_body = response.is_success and response.status_code != 204
    is_plain = "content-encoding" not in response.headers
    return has_body and is_plain and not last.endswith((b"}", b"]"))


def request_headers(encoding: str, credential: Secret | None = None) -> dict[str, str]:
    """Return the headers of a request: accepted encoding, program version, credential."""
    headers = {
        "Accept": "application/json",
        "Accept-Encoding": encoding,
        "User-Agent": f"ibconsole/{__version__}",
    }
    return {**headers, "Authorization": credential.reveal()} if credential else headers


def _listed(headers: httpx.Headers) -> Headers:
    """Return names and values in the order and spelling of the wire."""
    return tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in headers.raw)


def _pieces(response: httpx.Response) -> aclosing[AsyncGenerator[bytes, None]]:
    """Iterate over the body as received, still compressed."""
    # httpx types it as an iterator, but it is a generator, which has to be closed.
    return aclosing(cast("AsyncGenerator[bytes, None]", response.aiter_raw()))


async def _read(response: httpx.Response, recorder: ExchangeRecorder, *, needed: bool) -> bytes:
    """Read the body; unless it is needed, an unreadable one counts as empty.

    The status alone is enough for a refusal, and for a change that was made.
    """
    decompressor = None
    try:
        decompressor = Decompressor(response.headers.get("content-encoding", ""))
        async with _pieces(response) as pieces:
            async for piece in pieces:
                decompressor.feed(piece)
        return decompressor.finish()
    except (httpx.TransportError, PlatformBroken):
        if needed and response.is_success:
            raise
        return b""
    finally:
        if decompressor:
            recorder.record_body(decompressor.decoded)


def _never_connected(error: Exception) -> bool:
    return isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout)


def _describe(error: Exception, host: str) -> str:
    if isinstance(error, httpx.TimeoutException | TimeoutError):
        return connection_errors.answer_timed_out(host)
    if isinstance(error, httpx.ProtocolError) and not _ended_early(error):
        return connection_errors.answer_not_http(host)
    return connection_errors.answer_incomplete(host)


def _ended_early(error: httpx.ProtocolError) -> bool:
    # httpx has one class for an answer that ends too early and for one that is not HTTP.
    return str(error).startswith(("Server disconnected", "peer closed connection"))
