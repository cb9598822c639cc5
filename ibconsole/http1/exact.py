"""One exact request: the bytes as given, once, with the time of every phase.

Follows no redirect, repeats nothing, and never raises for what the other side does: the
result says how far it came.
"""

import asyncio
import functools
import ipaddress
import os
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import h11

from ibconsole.http1.message import Header
from ibconsole.http1.outgoing import Target, encode_request, target_of

_READ = 64 * 1024
_HEAD = 64 * 1024
_DOING = {
    "dns": "looking up the name",
    "tcp": "connecting",
    "tls": "in the TLS handshake",
    "first_byte": "waiting for the answer",
    "rest": "reading the answer",
}

Address = tuple[socket.AddressFamily, tuple[Any, ...]]


@dataclass(slots=True)
class Phases:
    """Seconds spent in each phase, the last one reached included; None for the others.

    `dns` looks the name up (not needed for an IP address), `tcp` connects, `tls` shakes
    hands (https only), `first_byte` sends the request and waits for the answer to begin,
    `rest` reads it to its end.
    """

    dns: float | None = None
    tcp: float | None = None
    tls: float | None = None
    first_byte: float | None = None
    rest: float | None = None


@dataclass(slots=True)
class Exchange:
    """What was sent, and what came of it.

    `status` is None if no answer was understood. `truncated` says that `body` is not all
    of the answer's: it was longer than asked for, or was cut. `request` is every byte
    sent, or that would have been. `peer` is the IP address connected to. `problem` is one
    sentence, or empty if there was none. `certificates` are those that the server sent,
    DER-encoded, its own first; `untrusted` says that it was refused for them.
    """

    request: bytes = b""
    status: int | None = None
    reason: str = ""
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    truncated: bool = False
    phases: Phases = field(default_factory=Phases)
    peer: str = ""
    certificates: tuple[bytes, ...] = ()
    untrusted: bool = False
    problem: str = ""


async def send(  # noqa: PLR0913  # all that one request is made of
    url: str,
    *,
    method: str = "POST",
    headers: Sequence[Header] = (),
    body: bytes = b"",
    timeout: float = 10.0,  # noqa: ASYNC109  # it ends in a result, not in an error
    tls: ssl.SSLContext | None = None,
    max_answer: int = 1 << 20,
) -> Exchange:
    """Send one request to an http or https URL and read the answer.

    Headers go out as they are spelled, in their order; Host and Content-Length are added
    only if they are missing. `timeout` is for everything together, in seconds. Of the
    answer's body at most `max_answer` bytes are kept. `tls` is the context for https;
    without one the system's certificates decide.
    """
    exchange = Exchange()
    try:
        target = target_of(url)
        exchange.request = encode_request(target, method, headers, body)
    except ValueError as error:
        exchange.problem = str(error)
        return exchange
    # Reading the system's certificates is no part of the exchange, and of its time.
    context = (tls or _system_tls()) if target.scheme == "https" else None
    call = _Call(exchange, target, timeout)
    try:
        async with asyncio.timeout(timeout):
            await call.run(method, context, max_answer)
    except ssl.SSLCertVerificationError as error:
        exchange.untrusted = True
        exchange.problem = call.explain(error)
    except (OSError, h11.RemoteProtocolError) as error:
        out_of_time = isinstance(error, TimeoutError) and not error.errno
        exchange.problem = (
            f"Out of time after {timeout:g} s, {_DOING[call.phase]}."
            if out_of_time
            else call.explain(error)
        )
    return exchange


async def certificates_of(url: str, *, timeout: float = 5.0) -> tuple[bytes, ...]:  # noqa: ASYNC109  # it ends in a result, not in an error
    """What an https server shows of itself, trusted or not, DER-encoded; empty if it cannot be had.

    Shakes hands and leaves: nothing is sent.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    exchange = Exchange()
    try:
        call = _Call(exchange, target_of(url), timeout)
        async with asyncio.timeout(timeout):
            await call.shake_hands(context)
    except (OSError, ValueError):
        return ()
    return exchange.certificates


class _Call:
    """A request on its way: fills the exchange in as it goes. `phase` is where it is."""

    def __init__(self, exchange: Exchange, target: Target, timeout: float) -> None:
        self.phase = "dns"
        self._timeout = timeout
        self._exchange = exchange
        self._target = target
        self._began = False
        self._ended = False

    async def run(self, method: str, tls: ssl.SSLContext | None, max_answer: int) -> None:
        """Connect, send, and read the answer."""
        sock = await self._connect(await self._addresses())
        reader, writer = await self._open(sock, tls)
        try:
            with self._timed("first_byte"):
                # Not drained: an answer may come before the request was read to its end.
                writer.write(self._exchange.request)
                first = await reader.read(_READ)
            with self._timed("rest"):
                await self._read_answer(method, first, reader, max_answer)
        finally:
            writer.transport.abort()

    async def shake_hands(self, tls: ssl.SSLContext) -> None:
        """Connect, see who is there, and leave."""
        _, writer = await self._open(await self._connect(await self._addresses()), tls)
        writer.transport.abort()

    def explain(self, error: OSError | h11.RemoteProtocolError) -> str:
        """What stopped it, as a sentence."""
        if isinstance(error, h11.RemoteProtocolError):
            return self._explain_answer(error)
        sentences = {
            "dns": f"The name {self._target.host} is not known: {_reason(error)}.",
            "tcp": f"No connection to {self._target.where}: {_reason(error)}.",
            "tls": f"TLS failed: {_reason_of_tls(error)}.",
            "first_byte": f"The connection broke before an answer: {_reason(error)}.",
            "rest": f"The answer was cut, the connection broke: {_reason(error)}.",
        }
        return sentences[self.phase]

    def _explain_answer(self, error: h11.RemoteProtocolError) -> str:
        if not self._began:
            return "The connection was closed without an answer."
        if self._ended:
            return "The answer was cut: the connection was closed before its end."
        return f"The answer was not HTTP/1.1: {str(error)[:200]}."

    @contextmanager
    def _timed(self, phase: str) -> Iterator[None]:
        self.phase = phase
        start = time.perf_counter()
        try:
            yield
        finally:
            setattr(self._exchange.phases, phase, time.perf_counter() - start)

    async def _addresses(self) -> list[Address]:
        host, port = self._target.host, self._target.port
        try:
            version = ipaddress.ip_address(host).version
        except ValueError:
            pass
        else:
            return [(socket.AF_INET if version == 4 else socket.AF_INET6, (host, port))]
        with self._timed("dns"):
            found = await asyncio.get_running_loop().getaddrinfo(
                host, port, type=socket.SOCK_STREAM
            )
        return [(family, address) for family, _, _, _, address in found]

    async def _connect(self, addresses: list[Address]) -> socket.socket:
        # Each address has its share of the time: the first may be one that never answers.
        share = self._timeout / len(addresses)
        failure = OSError()
        with self._timed("tcp"):
            for family, address in addresses:
                try:
                    async with asyncio.timeout(share):
                        sock = await _connected(family, address)
                except OSError as error:
                    failure = error
                else:
                    self._exchange.peer = address[0]
                    return sock
            raise failure

    async def _open(
        self, sock: socket.socket, tls: ssl.SSLContext | None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        try:
            if not tls:
                return await asyncio.open_connection(sock=sock)
            with self._timed("tls"):
                reader, writer = await asyncio.open_connection(
                    sock=sock, ssl=tls, server_hostname=self._target.host
                )
        except BaseException:
            sock.close()
            raise
        self._exchange.certificates = _sent_by(writer.get_extra_info("ssl_object"))
        return reader, writer

    async def _read_answer(
        self, method: str, data: bytes, reader: asyncio.StreamReader, max_answer: int
    ) -> None:
        parser = _parser_of_answer_to(method)
        self._receive(parser, data)
        body = bytearray()
        try:
            while True:
                event = parser.next_event()
                if event is h11.NEED_DATA:
                    self._receive(parser, await reader.read(_READ))
                elif isinstance(event, h11.Response):
                    self._note_head(event)
                elif isinstance(event, h11.Data):
                    body += event.data
                    if len(body) > max_answer:
                        return
                elif not isinstance(event, h11.InformationalResponse):
                    self._exchange.truncated = False
                    return
        finally:
            self._exchange.body = bytes(body[:max_answer])

    def _receive(self, parser: h11.Connection, data: bytes) -> None:
        parser.receive_data(data)
        self._began = self._began or bool(data)
        self._ended = not data

    def _note_head(self, head: h11.Response) -> None:
        exchange = self._exchange
        exchange.status = head.status_code
        exchange.reason = head.reason.decode("latin-1")
        exchange.headers = tuple(
            (bytes(name), bytes(value)) for name, value in head.headers.raw_items()
        )
        exchange.truncated = True  # until its end has been read


@functools.cache
def _system_tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _sent_by(connection: ssl.SSLObject) -> tuple[bytes, ...]:
    """The certificates that the other side sent, its own first."""
    # Public from Python 3.13 on; before that the same is there without documentation.
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


async def _connected(family: socket.AddressFamily, address: tuple[Any, ...]) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(0)
        await asyncio.get_running_loop().sock_connect(sock, address)
    except BaseException:
        sock.close()
        raise
    return sock


def _parser_of_answer_to(method: str) -> h11.Connection:
    # The request that goes out is not the parser's: it would correct what has to be exact.
    parser = h11.Connection(h11.CLIENT, max_incomplete_event_size=_HEAD)
    parser.send(h11.Request(method=method, target="/", headers=[("Host", "any")]))
    parser.send(h11.EndOfMessage())
    return parser


def _reason(error: OSError) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(error, socket.gaierror) or not error.errno:
        return error.strerror or str(error) or type(error).__name__
    return os.strerror(error.errno)  # asyncio puts a text of its own in its place


def _reason_of_tls(error: OSError) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted, {error.verify_message.rstrip('.')}"
    if isinstance(error, ssl.SSLError) and error.reason:
        return error.reason.lower().replace("_", " ")
    return "the connection was closed in the handshake"
