"""One exact request: the bytes as given, sent once, with the time of every phase.

Through a proxy, a plain request is sent in absolute form, and an https one in a tunnel. Redirects
are not followed and nothing is retried. Failures of the other side do not raise: the result
records how far the request got.
"""

import asyncio
import functools
import ipaddress
import socket
import ssl
import time
from collections.abc import Coroutine, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from typing import Any

import h11

from ibconsole.http1.failures import (
    explain_protocol,
    explain_proxy,
    failure_of,
    reason_of,
    tls_reason,
)
from ibconsole.http1.message import Header
from ibconsole.http1.outgoing import Target, encode_request, parse_target
from ibconsole.http1.trace import Phase, RequestFailure, RequestTrace
from ibconsole.http1.via import ProxyHop, TunnelRefused, absolute_form, open_tunnel

_READ = 64 * 1024
_HEAD = 64 * 1024
_KEPT = 64  # bytes of the beginning of an answer

Address = tuple[socket.AddressFamily, tuple[Any, ...]]

_ACTIVITIES = {
    Phase.DNS: "looking up the name",
    Phase.TCP: "connecting",
    Phase.TLS: "in the TLS handshake",
    Phase.FIRST_BYTE: "waiting for the answer",
    Phase.REST: "reading the answer",
}


async def send(  # noqa: PLR0913  # the parts of one request
    url: str,
    *,
    method: str = "POST",
    headers: Sequence[Header] = (),
    body: bytes = b"",
    request: bytes | None = None,
    timeout: float = 10.0,  # noqa: ASYNC109  # a time-out is a result here, not an error
    tls: ssl.SSLContext | None = None,
    max_answer: int = 1 << 20,
    via: ProxyHop | None = None,
    addresses: Sequence[Address] = (),
) -> RequestTrace:
    """Send one request to an http or https URL and read the answer.

    Headers keep their spelling and order; Host and Content-Length are added only if they are
    missing. A `request` is sent as it is, in place of method, headers and body. `timeout` limits
    the whole call, in seconds. At most `max_answer` bytes of the answer's body are kept. `tls` is
    the context for https; the default one trusts the system's certificates. `via` is the proxy to
    send it through. `addresses` are those to try, in their order, instead of looking up the name.
    Network and protocol errors, a time-out and an invalid URL do not raise; they are described in
    `problem`.
    """
    trace = RequestTrace()
    try:
        target = parse_target(url)
        trace.request = (
            encode_request(target, method, headers, body) if request is None else request
        )
        request = trace.request
        if via and target.scheme == "http":
            request = absolute_form(via, target.authority, request)
    except ValueError as error:
        trace.problem, trace.failure = str(error), RequestFailure.URL
        return trace
    # Reading the system's certificates is not part of the request, so it happens before the
    # clock starts.
    context = (tls or _system_tls()) if target.scheme == "https" else None
    traced = _TracedRequest(trace, target, timeout, via, addresses)
    await traced.observe(traced.run(method, request, context, max_answer))
    return trace


async def connect(  # the parts of one connection
    url: str,
    *,
    timeout: float = 5.0,  # noqa: ASYNC109  # a time-out is a result here, not an error
    tls: ssl.SSLContext | None = None,
    via: ProxyHop | None = None,
    addresses: Sequence[Address] = (),
    listen: float = 0.0,
) -> RequestTrace:
    """Connect to the host of a URL and disconnect; no request is sent.

    Only with a context, the TLS handshake takes place. A proxy is asked for a tunnel then, and for
    a plain connection to itself otherwise. `addresses` are as for `send`. For `listen` seconds the
    server may object or greet. Nothing raises.
    """
    trace = RequestTrace()
    try:
        traced = _TracedRequest(trace, parse_target(url), timeout, via, addresses)
    except ValueError as error:
        trace.problem, trace.failure = str(error), RequestFailure.URL
    else:
        await traced.observe(traced.handshake(tls, listen))
    return trace


async def fetch_certificates(
    url: str,
    *,
    timeout: float = 5.0,  # noqa: ASYNC109  # a time-out is a result here, not an error
    via: ProxyHop | None = None,
) -> tuple[bytes, ...]:
    """Return the certificates of an https server, trusted or not, its own first, DER-encoded.

    No request is sent. The result is empty if the handshake fails or the URL is invalid.
    """
    return (await connect(url, timeout=timeout, tls=unverified_tls(), via=via)).certificates


def unverified_tls() -> ssl.SSLContext:
    """Return a context that accepts every certificate, for looking at it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


class _TracedRequest:
    """A request under way, which fills in its trace."""

    def __init__(
        self,
        trace: RequestTrace,
        target: Target,
        timeout: float,
        via: ProxyHop | None,
        addresses: Sequence[Address],
    ) -> None:
        self._addresses = list(addresses)
        self._timeout = timeout
        self._trace = trace
        self._target = target
        self._via = via
        self._ended = False

    @property
    def phase(self) -> Phase:
        """The current phase."""
        return self._trace.phase

    async def observe(self, work: Coroutine[Any, Any, None]) -> None:
        """Do this within the time, and write into the trace how it failed."""
        trace = self._trace
        try:
            async with asyncio.timeout(self._timeout):
                await work
        except TunnelRefused as error:
            trace.problem, trace.proxy_status = str(error), error.status
            trace.proxy_location = error.location
            trace.failure = RequestFailure.CLOSED if error.closed else RequestFailure.TUNNEL
        except (OSError, h11.RemoteProtocolError) as error:
            self._record_failure(error)
        trace.proxy_failed = bool(trace.problem) and self.is_at_proxy

    @property
    def is_at_proxy(self) -> bool:
        """True until the way to the host is open, if a proxy is on it."""
        return self._via is not None and self.phase in {Phase.DNS, Phase.TCP}

    @property
    def activity(self) -> str:
        """The current step, as a clause."""
        if not self._via or not self.is_at_proxy:
            return _ACTIVITIES[self.phase]
        if self._trace.proxy_asked:
            return f"waiting for the proxy {self._via.name} to connect"
        return f"connecting to the proxy {self._via.name}"

    async def run(
        self, method: str, request: bytes, tls: ssl.SSLContext | None, max_answer: int
    ) -> None:
        """Connect, send, and read the answer."""
        reader, writer = await self._open(tls)
        try:
            with self._timed(Phase.FIRST_BYTE):
                # Not drained: the answer may arrive before the server has read the request.
                writer.write(request)
                first = await reader.read(_READ)
            with self._timed(Phase.REST):
                await self._read_answer(method, first, reader, max_answer)
        finally:
            writer.transport.abort()

    async def handshake(self, tls: ssl.SSLContext | None, listen: float) -> None:
        """Connect, complete the TLS handshake if there is a context, listen, and disconnect."""
        reader, writer = await self._open(tls)
        try:
            if listen:
                with self._timed(Phase.FIRST_BYTE), suppress(TimeoutError):
                    self._trace.first = await asyncio.wait_for(reader.read(_KEPT), listen)
        finally:
            writer.transport.abort()

    def explain(self, error: OSError | h11.RemoteProtocolError) -> str:
        """Return a sentence that says why the request failed."""
        if isinstance(error, h11.RemoteProtocolError):
            return self._explain_answer(error)
        if self._via and self.is_at_proxy:
            return explain_proxy(
                self._via, error, unknown=self.phase is Phase.DNS, asked=self._trace.proxy_asked
            )
        sentences = {
            Phase.DNS: f"The name {self._target.host} is not known: {reason_of(error)}.",
            Phase.TCP: f"No connection to {self._target.host_and_port}: {reason_of(error)}.",
            Phase.TLS: f"TLS failed: {tls_reason(error)}.",
            Phase.FIRST_BYTE: f"The connection broke before an answer: {reason_of(error)}.",
            Phase.REST: f"The answer was cut, the connection broke: {reason_of(error)}.",
        }
        return sentences[self.phase]

    def _explain_answer(self, error: h11.RemoteProtocolError) -> str:
        first = self._trace.first
        if not first:
            return "The connection was closed without an answer."
        if sentence := explain_protocol(first):
            return sentence
        if self._ended:
            return "The answer was cut: the connection was closed before its end."
        return f"The answer was not HTTP/1.1: {str(error)[:200]}."

    def _record_failure(self, error: OSError | h11.RemoteProtocolError) -> None:
        trace = self._trace
        trace.failure = failure_of(error, first=trace.first, ended=self._ended)
        trace.tls_error = getattr(error, "reason", None) or ""
        trace.untrusted = trace.failure is RequestFailure.CERTIFICATE and not self.is_at_proxy
        out_of_time = isinstance(error, TimeoutError) and not error.errno
        trace.problem = (
            f"Out of time after {self._timeout:g} s, {self.activity}."
            if out_of_time
            else self.explain(error)
        )

    @contextmanager
    def _timed(self, phase: Phase) -> Iterator[None]:
        self._trace.phase = phase
        start = time.perf_counter()
        try:
            yield
        finally:
            setattr(self._trace.phases, phase, time.perf_counter() - start)

    async def _resolve(self) -> list[Address]:
        if self._addresses:
            return self._addresses
        there = self._via or self._target
        host, port = there.host, there.port
        try:
            version = ipaddress.ip_address(host).version
        except ValueError:
            pass
        else:
            return [(socket.AF_INET if version == 4 else socket.AF_INET6, (host, port))]
        with self._timed(Phase.DNS):
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
        return [(family, address) for family, _, _, _, address in found]

    async def _connect(self, addresses: list[Address]) -> socket.socket:
        # Every address gets an equal share of the time: the first may never answer.
        share = self._timeout / len(addresses)
        failure = OSError()
        with self._timed(Phase.TCP):
            for family, address in addresses:
                try:
                    async with asyncio.timeout(share):
                        sock = await _connect_socket(family, address)
                except OSError as error:
                    failure = error
                else:
                    self._trace.peer = address[0]
                    return sock
            raise failure

    async def _open(
        self, tls: ssl.SSLContext | None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        sock = await self._connect(await self._resolve())
        with ExitStack() as on_failure:
            on_failure.callback(sock.close)
            if self._via:
                reader, writer = await self._open_via(self._via, sock, tunnel=tls is not None)
            else:
                reader, writer = await asyncio.open_connection(sock=sock)
            on_failure.callback(writer.transport.abort)
            if tls:
                with self._timed(Phase.TLS):
                    await writer.start_tls(tls, server_hostname=self._target.host)
                connection = writer.get_extra_info("ssl_object")
                self._trace.certificates = _certificate_chain(connection)
                self._trace.tls_version = connection.version() or ""
                self._trace.cipher = (connection.cipher() or ("",))[0]
            on_failure.pop_all()
        return reader, writer

    async def _open_via(
        self, via: ProxyHop, sock: socket.socket, *, tunnel: bool
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        connected = self._trace.phases.tcp or 0.0
        try:
            with ExitStack() as on_failure, self._timed(Phase.TCP):
                reader, writer = await asyncio.open_connection(
                    sock=sock, ssl=via.tls, server_hostname=via.host if via.tls else None
                )
                on_failure.callback(writer.transport.abort)
                if tunnel:
                    self._trace.proxy_asked = True
                    await open_tunnel(via, self._target.host_and_port, reader, writer)
                on_failure.pop_all()
        finally:
            self._trace.phases.tcp = (self._trace.phases.tcp or 0.0) + connected
        return reader, writer

    async def _read_answer(
        self, method: str, data: bytes, reader: asyncio.StreamReader, max_answer: int
    ) -> None:
        parser = _response_parser(method)
        self._receive(parser, data)
        body = bytearray()
        try:
            while True:
                event = parser.next_event()
                if event is h11.NEED_DATA:
                    self._receive(parser, await reader.read(_READ))
                elif isinstance(event, h11.Response):
                    self._record_head(event)
                elif isinstance(event, h11.Data):
                    body += event.data
                    if len(body) > max_answer:
                        return
                elif isinstance(event, h11.InformationalResponse):
                    self._wait_for_final(parser.trailing_data[0])
                else:
                    self._trace.truncated = False
                    return
        finally:
            self._trace.body = bytes(body[:max_answer])

    def _wait_for_final(self, left: bytes) -> None:
        """Begin again after an interim answer: until the final one begins, there is none."""
        self._trace.first = left[:_KEPT]
        self._trace.phase = Phase.REST if left else Phase.FIRST_BYTE

    def _receive(self, parser: h11.Connection, data: bytes) -> None:
        parser.receive_data(data)
        self._trace.first = self._trace.first or data[:_KEPT]
        if data:
            self._trace.phase = Phase.REST
        self._ended = not data

    def _record_head(self, head: h11.Response) -> None:
        trace = self._trace
        trace.status = head.status_code
        trace.version = head.http_version.decode("ascii")
        trace.reason = head.reason.decode("latin-1")
        trace.headers = tuple(
            (bytes(name), bytes(value)) for name, value in head.headers.raw_items()
        )
        trace.truncated = True  # until the end of the body has been read


@functools.cache
def _system_tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _certificate_chain(connection: ssl.SSLObject) -> tuple[bytes, ...]:
    """Return the certificates that the other side sent, DER-encoded, its own first."""
    # Public from Python 3.13 on; before that the same method exists undocumented.
    inner = getattr(connection, "_sslobj", None)
    chain = getattr(connection, "get_unverified_chain", None) or getattr(
        inner, "get_unverified_chain", None
    )
    sent = chain() if chain else None
    if not sent:
        own = connection.getpeercert(binary_form=True)
        return (own,) if own else ()
    return tuple(
        one if isinstance(one, bytes) else ssl.PEM_cert_to_DER_cert(one.public_bytes())
        for one in sent
    )


async def _connect_socket(family: socket.AddressFamily, address: tuple[Any, ...]) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    with ExitStack() as on_failure:
        on_failure.callback(sock.close)
        sock.settimeout(0)
        await asyncio.get_running_loop().sock_connect(sock, address)
        on_failure.pop_all()
    return sock


def _response_parser(method: str) -> h11.Connection:
    # The parser does not write the request that is sent: it would correct what has to be exact.
    parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD)
    parser.send(h11.Request(method=method, target="/", headers=[("Host", "any")]))
    parser.send(h11.EndOfMessage())
    return parser
