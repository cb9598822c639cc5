"""Encoding of answers and requests to bytes."""

import functools
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
_FRAMING_HEADERS = frozenset({b"content-length", b"connection", b"transfer-encoding"})
_WITHOUT_LENGTH = frozenset({204, 304})
_TOKEN = re.compile(r"[-!#$%&'*+.^_`|~0-9a-zA-Z]+")
_PORTS = {"http": 80, "https": 443}
_WITH_BODY = frozenset({"POST", "PUT", "PATCH"})


@dataclass(frozen=True, slots=True)
class Target:
    """The destination of a request: `authority` for its Host header, `path` for its first line."""

    scheme: str
    host: str
    port: int
    authority: str
    path: str

    @property
    def host_and_port(self) -> str:
        """Host and port for display, an IPv6 address in brackets."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def parse_target(url: str) -> Target:
    """Parse an http or https URL.

    Non-ASCII characters are percent-encoded, in the host by IDNA; a user name and password
    are dropped. Raises ValueError with a sentence for anything else.
    """
    if not url.isprintable() or " " in url:
        raise ValueError("The URL contains spaces or control characters.")
    try:
        parts = urlsplit(url)
        port = parts.port
        host = (parts.hostname or "").encode("idna").decode("ascii")
    except ValueError as error:
        raise ValueError(f"This is not a URL: {error}.") from error
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
    """Return the bytes of a request: headers as spelled, Host and Content-Length if missing.

    Raises ValueError with a sentence for a method or header that would change the structure
    of the request.
    """
    if not _TOKEN.fullmatch(method):
        raise ValueError(f"{method!r} is not an HTTP method.")
    if any(b"\r" in part or b"\n" in part for header in headers for part in header):
        raise ValueError("A header contains a line break.")
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
    """Return status line and headers, with Content-Length and, if needed, Connection: close.

    Raises ValueError if a header contains a line break, which would start another header.
    """
    if response.headers or response.body or response.fault:
        return _head_of(response, keep_alive=keep_alive)
    return _empty_head(response.status, keep_alive=keep_alive)


@functools.cache
def _empty_head(status: int, *, keep_alive: bool) -> bytes:
    return _head_of(Response(status), keep_alive=keep_alive)


def _head_of(response: Response, *, keep_alive: bool) -> bytes:
    parts = [_STATUS_LINES.get(response.status) or f"HTTP/1.1 {response.status} \r\n".encode()]
    parts += [_line(header) for header in response.headers if _is_sent_as_given(header)]
    if response.status not in _WITHOUT_LENGTH:
        parts.append(b"Content-Length: %d\r\n" % _declared_length(response))
    if not keep_alive:
        parts.append(b"Connection: close\r\n")
    head = b"".join(parts)
    if head.count(b"\n") != len(parts) or head.count(b"\r") != len(parts):
        raise ValueError("A header of the answer contains a line break.")
    return head + b"\r\n"


def body_for(response: Response, method: str) -> bytes:
    """Return the body to send after the head: empty for HEAD, 204 and 304."""
    return b"" if method == "HEAD" or response.status in _WITHOUT_LENGTH else response.body


def forces_close(response: Response) -> bool:
    """Return whether the answer's fault makes the connection unusable for further requests."""
    fault = response.fault
    if not fault:
        return False
    return (
        fault.reset
        or fault.cut_after is not None
        or fault.declared_length is not None
        or fault.hang is not None
    )


def _declared_length(response: Response) -> int:
    fault = response.fault
    if fault and fault.declared_length is not None:
        return fault.declared_length
    return len(response.body)


def _is_sent_as_given(header: Header) -> bool:
    return header[0].lower() not in _FRAMING_HEADERS


def _line(header: Header) -> bytes:
    return b"%b: %b\r\n" % header
