"""A proxy on the way of one exact request: the tunnel through it, and what it says instead."""

import asyncio
import re
import ssl
from dataclasses import dataclass

_READ = 4096
_LARGEST_HEAD = 64 * 1024
_STATUS_LINE = re.compile(rb"HTTP/1\.[0-9] ([0-9]{3})[ \r\n]")
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
    """The proxy did not open the way; the text is a sentence, `status` that of an HTTP answer."""

    def __init__(self, sentence: str, status: int | None = None) -> None:
        super().__init__(sentence)
        self.status = status


async def open_tunnel(
    via: ProxyHop, authority: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Ask the proxy to connect to `host:port`, and read its answer.

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
            raise TunnelRefused(_no_answer(via, head))
        if not b"HTTP/1.".startswith(head[:7]) or len(head) > _LARGEST_HEAD:
            raise TunnelRefused(_no_answer(via, head))
    found = _STATUS_LINE.match(head)
    if not found:
        raise TunnelRefused(_no_answer(via, head))
    status = int(found[1])
    if not 200 <= status < 300:
        sentence = f"The proxy {via.name} did not connect to {authority}: it answered {status}."
        raise TunnelRefused(sentence, status)


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


def _no_answer(via: ProxyHop, said: bytes) -> str:
    if not said:
        return f"The proxy {via.name} closed the connection without an answer."
    if protocol := protocol_of(said):
        return f"The proxy {via.name} is no HTTP proxy: it answered with {protocol}."
    return f"The proxy {via.name} is no HTTP proxy: its answer is not HTTP."
