"""Answers and requests as bytes."""

import re
import string
from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote, urlsplit

from ibconsole.http1.message import Header, Response

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_STATUS_LINES = {
    status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n".encode() for status in HTTPStatus
}
_SERVERS_BUSINESS = frozenset({b"content-length", b"connection", b"transfer-encoding"})
_WITHOUT_LENGTH = frozenset({204, 304})
_TOKEN = re.compile(r"[-!#$%&'*+.^_`|~0-9a-zA-Z]+")
_PORTS = {"http": 80, "https": 443}
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes. `authority` is for its Host, `path` for its first line."""

    scheme: str
    host: str
    port: int
    authority: str
    path: str

    @property
    def where(self) -> str:
        """Host and port, for people."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def target_of(url: str) -> Target:
    """Take an http or https URL apart.

    Characters beyond ASCII are percent-encoded, in the host by IDNA; a name and password
    in it are not used. Raises ValueError with a sentence for everything else.
    """
    if not url.isprintable() or " " in url:
        raise ValueError("The URL holds spaces or control characters.")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError as error:
        raise ValueError(f"This is no URL: {error}.") from error
    if parts.scheme not in _PORTS or not host:
        raise ValueError("The URL has to begin with http:// or https:// and a host.")
    authority = f"[{host}]" if ":" in host else host
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(
        scheme=parts.scheme,
        host=host,
        port=_PORTS[parts.scheme] if port is None else port,
        authority=authority if port is None else f"{authority}:{port}",
        path=quote(path, safe=string.punctuation),
    )


def encode_request(target: Target, method: str, headers: Sequence[Header], body: bytes) -> bytes:
    """The whole request, headers as they are spelled; Host and Content-Length if missing.

    Raises ValueError with a sentence for what would turn into something else on the wire.
    """
    if not _TOKEN.fullmatch(method):
        raise ValueError(f"{method!r} is no HTTP method.")
    if any(b"\r" in part or b"\n" in part for header in headers for part in header):
        raise ValueError("A header holds a line break.")
    given = {name.lower() for name, _ in headers}
    lines = [f"{method} {target.path} HTTP/1.1\r\n".encode("ascii")]
    if b"host" not in given:
        lines.append(b"Host: %b\r\n" % target.authority.encode("ascii"))
    lines += [_line(header) for header in headers]
    framed = b"content-length" in given or b"transfer-encoding" in given
    if not framed and (body or method in _WITH_BODY):
        lines.append(b"Content-Length: %d\r\n" % len(body))
    return b"".join(lines) + b"\r\n" + body


def encode_head(response: Response, *, keep_alive: bool) -> bytes:
    """Status line and headers, with the content-length and what becomes of the connection.

    Raises ValueError if a header holds a line break: it would start a header of its own.
    """
    parts = [_STATUS_LINES.get(response.status) or f"HTTP/1.1 {response.status} \r\n".encode()]
    parts += [_line(header) for header in response.headers if _is_ours_to_send(header)]
    if response.status not in _WITHOUT_LENGTH:
        parts.append(b"Content-Length: %d\r\n" % _declared_length(response))
    if not keep_alive:
        parts.append(b"Connection: close\r\n")
    head = b"".join(parts)
    if head.count(b"\n") != len(parts) or head.count(b"\r") != len(parts):
        raise ValueError("A header of the answer holds a line break.")
    return head + b"\r\n"


def body_of(response: Response, method: str) -> bytes:
    """What is sent behind the head: nothing for HEAD, 204 and 304."""
    return b"" if method == "HEAD" or response.status in _WITHOUT_LENGTH else response.body


def spoils(response: Response) -> bool:
    """Whether the connection is of no more use behind the answer, as its fault wants."""
    fault = response.fault
    if not fault:
        return False
    return fault.reset or fault.cut_after is not None or fault.declared_length is not None


def _declared_length(response: Response) -> int:
    fault = response.fault
    if fault and fault.declared_length is not None:
        return fault.declared_length
    return len(response.body)


def _is_ours_to_send(header: Header) -> bool:
    return header[0].lower() not in _SERVERS_BUSINESS


def _line(header: Header) -> bytes:
    return b"%b: %b\r\n" % header
