"""Heads of requests: strictly with llhttp (httptools), or from what the lenient reader found.

llhttp takes 2 µs for a head; h11, which was used before, about 75. It is fed with exactly one
head, so it cannot disagree with this package about the request's end: what it does not read
as one whole head is refused, and read leniently.
"""

import re
from dataclasses import dataclass

import httptools

from ibconsole.http1.lenient import LenientRequest
from ibconsole.http1.message import Header

# Some programs make an underscore of a hyphen. Only without other framing is that a doubt.
_UNDERSCORED = re.compile(rb"\n(?:content_length|transfer_encoding):", re.IGNORECASE)
_NO_HOST = "The request has no Host."
_SEVERAL_HOSTS = "The request has several Hosts."
_ODD_FIRST_LINE = "The request line is not spelled as HTTP/1.1 defines it."


class HeadRefused(Exception):
    """The strict parser does not read these bytes as one whole head; the text is its reason."""


@dataclass(slots=True)
class RequestHead:
    """The head of a request, and what it says about body and connection.

    `size` is the number of its bytes, `length` the content-length, 0 if there is none.
    `oddities` are sentences about what violates HTTP/1.1 without harm.
    """

    method: str
    target: str
    version: str
    headers: tuple[Header, ...]
    size: int = 0
    length: int = 0
    is_chunked: bool = False
    expects_continue: bool = False
    oddities: tuple[str, ...] = ()


class _Callbacks:
    """The parts of one head, as llhttp reports them."""

    __slots__ = ("headers", "is_whole", "target")

    def __init__(self) -> None:
        self.target = b""
        self.headers: list[Header] = []
        self.is_whole = False

    def on_url(self, url: bytes) -> None:
        self.target += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name, value.strip(b" \t")))

    def on_headers_complete(self) -> None:
        self.is_whole = True


def strict_head(raw: bytes) -> RequestHead:
    """Parse the bytes of one whole head. Raises HeadRefused for everything llhttp refuses."""
    found = _Callbacks()
    parser = httptools.HttpRequestParser(found)
    try:
        parser.feed_data(raw)
    except httptools.HttpParserUpgrade:
        pass  # CONNECT, or a wish to change the protocol, which is ignored
    except httptools.HttpParserError as error:
        raise HeadRefused(str(error)) from error
    if not found.is_whole:
        raise HeadRefused("The head is not whole")
    method = parser.get_method()
    head = RequestHead(
        method.decode("ascii"),
        found.target.decode("ascii"),
        parser.get_http_version(),
        tuple(found.headers),
        len(raw),
    )
    if head.version == "0.9" and head.headers:  # only the version is missing
        raise HeadRefused("The request line has no version.")
    oddities = _read_fields(head)
    if not head.length and not head.is_chunked and _UNDERSCORED.search(raw):
        raise HeadRefused("A header that concerns the framing is spelled ambiguously.")
    if not raw.startswith(b"%b %b HTTP/" % (method, found.target)):
        oddities.append(_ODD_FIRST_LINE)
    if oddities:
        head.oddities = tuple(oddities)
    return head


def lenient_head(found: LenientRequest) -> RequestHead:
    """Return the head of a leniently read request."""
    head = RequestHead(
        found.method, _decode(found.target), found.version, found.headers, found.head_size
    )
    _read_fields(head)
    head.oddities = found.oddities
    return head


def _read_fields(head: RequestHead) -> list[str]:
    """Set what the headers say about the framing; return the oddities of Host headers."""
    hosts = 0
    for name, value in head.headers:
        # Comparing lengths first is much faster than making every name lower-case.
        size = len(name)
        if size == 4:
            hosts += name.lower() == b"host"
        elif size == 14:
            if name.lower() == b"content-length" and value.isdigit():
                head.length = int(value)
        elif size == 17:
            head.is_chunked |= name.lower() == b"transfer-encoding"
        elif size == 6 and name.lower() == b"expect":
            head.expects_continue = head.version == "1.1" and value.lower() == b"100-continue"
    if hosts == 1 or head.version != "1.1":
        return []
    return [_SEVERAL_HOSTS if hosts else _NO_HOST]


def _decode(target: bytes) -> str:
    """Return the target as text; bytes that are not ASCII are UTF-8, or else ISO-8859-1."""
    try:
        return target.decode()
    except UnicodeDecodeError:
        return target.decode("latin-1")
