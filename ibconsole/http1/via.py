"""A proxy on the way of one exact request: the tunnel through it, and what it says instead."""

import asyncio
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass

_READ = 4096
_UNASKED = 0.2  # seconds in which one that speaks first has spoken
_LARGEST_HEAD = 64 * 1024
_STATUS_LINE = re.compile(rb"HTTP/1\.[0-9] ([0-9]{3})[ \r\n]")
_LOCATION = re.compile(rb"^location:[ \t]*([^\r\n]*)", re.IGNORECASE | re.MULTILINE)
_PROTOCOLS = ((b"SSH-", "SSH"), (b"\x15\x03", "TLS"), (b"\x16\x03", "TLS"), (b"220", "SMTP or FTP"))


@dataclass(frozen=True, slots=True)
class ProxyHop:
    """A proxy: `name` for sentences, `authorization` the value of Proxy-Authorization or empty.

    `tls` is the context for an encrypted connection to the proxy itself, None for a plain one.
    """

    name: str
    host: str
    port: int
    authorization: bytes = b""
    tls: ssl.SSLContext | None = None


class TunnelRefused(Exception):
    """The proxy did not open the way; the text is a sentence.

    `status` and `location` are those of an HTTP answer; `closed` says that there was none.
    """

    def __init__(
        self,
        sentence: str,
        status: int | None = None,
        location: str = "",
        *,
        closed: bool = False,
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.location = location
        self.closed = closed


@dataclass(frozen=True, slots=True)
class Overheard:
    """The first bytes that came through a tunnel; `unasked` if they came before a handshake."""

    said: bytes = b""
    unasked: bool = False


async def open_tunnel(
    via: ProxyHop, authority: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> bytes:
    """Ask the proxy to connect to `host:port`, and return what follows its answer at once.

    Raises TunnelRefused unless it is a 2xx, and OSError if the connection breaks.
    """
    lines = [f"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n".encode("ascii")]
    if via.authorization:
        lines.append(b"Proxy-Authorization: %b\r\n" % via.authorization)
    writer.write(b"".join(lines) + b"\r\n")
    head = b""
    while b"\r\n\r\n" not in head and b"\n\n" not in head:
        data = await reader.read(_READ)
        head += data
        if not data:
            raise TunnelRefused(_no_answer(via, head), closed=not head)
        if not b"HTTP/1.".startswith(head[:7]) or len(head) > _LARGEST_HEAD:
            raise TunnelRefused(_no_answer(via, head))
    found = _STATUS_LINE.match(head)
    if not found:
        raise TunnelRefused(_no_answer(via, head))
    status = int(found[1])
    if not 200 <= status < 300:
        sentence = f"The proxy {via.name} did not connect to {authority}: it answered {status}."
        location = _LOCATION.search(head)
        raise TunnelRefused(
            sentence, status, location[1].decode("latin-1").strip() if location else ""
        )
    return re.split(rb"\r?\n\r?\n", head, maxsplit=1)[1]


async def overhear(via: ProxyHop, host: str, authority: str, seconds: float) -> Overheard:
    """Open a tunnel, begin a TLS handshake, and return what comes back first, at most 4 KiB.

    It tells what failed a handshake. Nothing comes from a tunnel that cannot be opened, or is
    closed.
    """
    # Whatever fails here has failed before, and was reported then.
    with suppress(OSError, TunnelRefused):
        async with asyncio.timeout(seconds):
            name = via.host if via.tls else None
            reader, writer = await asyncio.open_connection(
                via.host, via.port, ssl=via.tls, server_hostname=name
            )
            try:
                said = await open_tunnel(via, authority, reader, writer)
                with suppress(TimeoutError):  # a server of TLS waits for its client
                    said = said or await asyncio.wait_for(reader.read(_READ), _UNASKED)
                if said:
                    return Overheard(said, unasked=True)
                writer.write(client_hello(host))
                return Overheard(await reader.read(_READ))
            finally:
                writer.transport.abort()
    return Overheard()


def client_hello(host: str, most: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3) -> bytes:
    """Return the first bytes of a TLS handshake with this host, of this version at most."""
    outgoing = ssl.MemoryBIO()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.maximum_version = most
    connection = context.wrap_bio(ssl.MemoryBIO(), outgoing, server_hostname=host)
    with suppress(ssl.SSLWantReadError):
        connection.do_handshake()
    return outgoing.read()


def absolute_form(via: ProxyHop, authority: str, request: bytes) -> bytes:
    """Return a plain request with its whole URL (RFC 9112, 3.2.2), and the log-in."""
    method, _, rest = request.partition(b" ")
    line, _, headers = rest.partition(b"\r\n")
    login = b"Proxy-Authorization: %b\r\n" % via.authorization if via.authorization else b""
    is_absolute = line[:7].lower() == b"http://"
    target = line if is_absolute else b"http://%b%b" % (authority.encode("ascii"), line)
    return b"%b %b\r\n%b%b" % (method, target, login, headers)


def protocol_of(first: bytes) -> str:
    """Return the name of the protocol that begins with these bytes, empty for an unknown one."""
    return next((name for start, name in _PROTOCOLS if first.startswith(start)), "")


def is_http2(first: bytes) -> bool:
    """Return whether these bytes begin with a frame of settings, as HTTP/2 does (RFC 9113, 3.4)."""
    return first[:1] == b"\0" and first[3:5] in {b"\4\0", b"\4\1"} and first[5:9] == bytes(4)


def _no_answer(via: ProxyHop, said: bytes) -> str:
    if not said:
        return f"The proxy {via.name} closed the connection without an answer."
    if protocol := protocol_of(said):
        return f"The proxy {via.name} is no HTTP proxy: it answered with {protocol}."
    return f"The proxy {via.name} is no HTTP proxy: its answer is not HTTP."
