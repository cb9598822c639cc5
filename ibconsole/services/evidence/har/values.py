"""The values of an HTTP archive, HAR 1.2, as they are written.

Names are ours, the format's spelling is declared once. What the format has no place for is a
member with an underscore in front, as the format asks for: `_ibconsole` in an entry.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

UNKNOWN_SIZE = -1  # of a head whose bytes were not kept
NOT_APPLICABLE = -1  # the duration of a phase that did not take place


class HarValue(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """A value of the format; a member that is not set is left out."""


class HarPair(HarValue, frozen=True):
    """A header, or a parameter of a query."""

    name: str
    value: str


class HarPostData(HarValue, frozen=True):
    """The body of a request. `encoding` is "base64" if it is no text; the format has none."""

    mime_type: str
    text: str
    encoding: str | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="_encoding")
    comment: str | msgspec.UnsetType = msgspec.UNSET


class HarRequest(HarValue, frozen=True):
    """A request. `body_size` is that of the whole body as it was sent, in bytes."""

    method: str
    url: str
    http_version: str = "HTTP/1.1"
    cookies: tuple[HarPair, ...] = ()
    headers: tuple[HarPair, ...] = ()
    query_string: tuple[HarPair, ...] = ()
    post_data: HarPostData | msgspec.UnsetType = msgspec.UNSET
    headers_size: int = UNKNOWN_SIZE
    body_size: int = 0
    comment: str | msgspec.UnsetType = msgspec.UNSET


class HarContent(HarValue, frozen=True):
    """The body of an answer, without its content encoding; `size` is that of the whole, in bytes.

    `encoding` is "base64" if it is no text.
    """

    size: int
    mime_type: str
    compression: int | msgspec.UnsetType = msgspec.UNSET
    text: str | msgspec.UnsetType = msgspec.UNSET
    encoding: str | msgspec.UnsetType = msgspec.UNSET
    comment: str | msgspec.UnsetType = msgspec.UNSET


class HarResponse(HarValue, frozen=True):
    """An answer. `status` is 0 if none arrived; `error` is then a sentence about it."""

    status: int
    status_text: str
    content: HarContent
    http_version: str = "HTTP/1.1"
    cookies: tuple[HarPair, ...] = ()
    headers: tuple[HarPair, ...] = ()
    redirect_url: str = msgspec.field(default="", name="redirectURL")
    headers_size: int = UNKNOWN_SIZE
    body_size: int = 0
    comment: str | msgspec.UnsetType = msgspec.UNSET
    error: str | msgspec.UnsetType = msgspec.field(default=msgspec.UNSET, name="_error")


class HarTimings(HarValue, frozen=True):
    """Milliseconds of each phase; -1 if it did not take place, or is not known.

    `ssl` is part of `connect`, as the format says.
    """

    blocked: float = NOT_APPLICABLE
    dns: float = NOT_APPLICABLE
    connect: float = NOT_APPLICABLE
    send: float = 0
    wait: float = 0
    receive: float = 0
    ssl: float = NOT_APPLICABLE
    comment: str | msgspec.UnsetType = msgspec.UNSET

    @property
    def total(self) -> float:
        """The duration of the whole entry in milliseconds."""
        phases = (self.blocked, self.dns, self.connect, self.send, self.wait, self.receive)
        return sum(phase for phase in phases if phase > 0)


class HarEntry(HarValue, frozen=True):
    """A request with its answer; `started_date_time` is ISO 8601 with its zone.

    `facts` is what this program knows about it besides.
    """

    started_date_time: str
    time: float
    request: HarRequest
    response: HarResponse
    timings: HarTimings
    cache: Mapping[str, str] = msgspec.field(default_factory=dict)
    server_ip_address: str | msgspec.UnsetType = msgspec.field(
        default=msgspec.UNSET, name="serverIPAddress"
    )
    facts: Mapping[str, Any] = msgspec.field(default_factory=dict, name="_ibconsole")
