"""One forwarded request as it was received: its first line, headers and framing, byte by byte."""

import re
from typing import NamedTuple

import msgspec

from ibconsole.services.sender_profile.tunnels import is_tunnel_header

_LINE = re.compile(rb"([!-~]+) ([!-~\x80-\xff]+) (HTTP/1\.[01])")
_HEADER = re.compile(rb"([^\s:]+):([ \t]*)([^\r\n]*)")
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,16})[^\r\n]*\r\n")


class ObservedHeader(NamedTuple):
    """A header as spelled, with what stands between its colon and its value."""

    name: str
    separator: str
    value: str


class RequestLook(msgspec.Struct, frozen=True):
    """The part of a request that all requests of one sender have in common.

    `names` are those of the headers that no tunnel added, as spelled and in order.
    """

    method: str
    version: str
    is_absolute: bool
    names: tuple[str, ...]
    tunnelled: bool


class ObservedRequest(msgspec.Struct, frozen=True):
    """A request: `headers` are the sender's, `added` those of a tunnel.

    `chunks` are the sizes of chunks as spelled, without the last one; empty if the body is not
    chunked.
    """

    look: RequestLook
    headers: tuple[ObservedHeader, ...]
    added: tuple[ObservedHeader, ...] = ()
    chunks: tuple[str, ...] = ()

    def value(self, name: str) -> str:
        """Return the value of the sender's first header of this name in lower case, or ""."""
        return next((one.value for one in self.headers if one.name.lower() == name), "")

    @property
    def is_chunked(self) -> bool:
        """True if the body came in chunks."""
        return "chunked" in self.value("transfer-encoding").lower()


def read_request_head(raw: bytes) -> ObservedRequest | None:
    """Read the beginning of a request as received; None if its head is cut or not regular.

    A request without framing has no body, so it is none that forwards a message.
    """
    head, blank, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    line = _LINE.fullmatch(first)
    found = [_HEADER.fullmatch(one) for one in lines]
    if not blank or not line or not all(found):
        return None
    headers = [
        ObservedHeader(*(part.decode("latin-1") for part in one.groups())) for one in found if one
    ]
    own = tuple(one for one in headers if not is_tunnel_header(one.name))
    added = tuple(one for one in headers if is_tunnel_header(one.name))
    look = RequestLook(
        method=line[1].decode(),
        version=line[3].decode(),
        is_absolute=b"://" in line[2].partition(b"?")[0],
        names=tuple(one.name for one in own),
        tunnelled=bool(added),
    )
    request = ObservedRequest(look, own, added)
    if not request.is_chunked:
        return request if request.value("content-length") else None
    return msgspec.structs.replace(request, chunks=_read_chunks(body))


def _read_chunks(body: bytes) -> tuple[str, ...]:
    """Return the sizes of the chunks in the beginning of a body, as spelled."""
    sizes: list[str] = []
    position = 0
    while line := _CHUNK.match(body, position):
        size = int(line[1], 16)
        if not size:
            break
        sizes.append(line[1].decode())
        position = line.end() + size + 2
    return tuple(sizes)
