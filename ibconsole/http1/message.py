"""Values of an HTTP/1.1 connection: requests, answers, malformed input, deliberate faults."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Request:
    """A complete request. `headers` keep the sender's spelling and order.

    `raw` is every byte as received: head and body, including chunk framing. `peer` is the
    sender's IP address without the port. `oddities` are sentences about what violates HTTP/1.1
    and leaves no doubt about the request; there are none for a valid request.
    """

    method: str
    target: str
    version: str
    headers: tuple[Header, ...]
    body: bytes
    peer: str
    raw: bytes
    oddities: tuple[str, ...] = ()

    def header(self, name: str) -> str | None:
        """Return the first header of that name, ignoring case; None if there is none."""
        wanted = name.lower().encode("latin-1")
        for key, value in self.headers:
            if key.lower() == wanted:
                return value.decode("latin-1")
        return None

    @property
    def path(self) -> str:
        """The target up to the question mark, not decoded.

        The scheme and host of an absolute target (RFC 9112 §3.2.2) are left out, and so is a
        fragment, which some clients send.
        """
        path = self.target.partition("?")[0].partition("#")[0]
        if path.startswith("/") or "://" not in path:
            return path
        return "/" + path.partition("://")[2].partition("/")[2]

    @property
    def query(self) -> str:
        """The target after the question mark, not decoded."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True)
class Malformed:
    """Input refused by the parser or a limit: the bytes received, a reason, the status answered."""

    raw: bytes
    reason: str
    status: int
    peer: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A defect to put into an answer on purpose.

    `delay` is the time before the answer, `drip` the time between the ten pieces of the body, or
    of the head if the body is empty, both in seconds. With `hang` nothing is sent: the connection
    closes after these seconds. The connection closes after `cut_after` bytes of the body.
    `declared_length` is a false content-length, after which the connection closes as well.
    `reset` resets the connection instead of answering, or, with `cut_after`, instead of
    closing it. Every pause ends early, without a further byte, when the server shuts down or needs
    the connection for another sender.
    """

    delay: float = 0.0
    drip: float = 0.0
    cut_after: int | None = None
    declared_length: int | None = None
    reset: bool = False
    hang: float | None = None


class SentEnd(StrEnum):
    """The reason why the sending of an answer with a fault ended."""

    COMPLETE = "sent"  # as its fault says
    LEFT = "left"  # the sender closed or reset the connection
    UNREAD = "unread"  # the sender did not read it in time
    ROOM = "room"  # the connection was closed to make room for another one
    STOPPED = "stopped"  # the server was shut down
    FAILED = "failed"  # the connection was closed after an earlier answer, or a bug


@dataclass(frozen=True, slots=True)
class AnswerPart:
    """The part of an answer that was sent: `size` bytes with the head, in `seconds`."""

    end: SentEnd
    size: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; the server adds the content-length and connection headers.

    `on_sent` is called once with what was sent of an answer that has a fault. It must not raise.
    """

    status: int = 200
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    fault: Fault | None = None
    on_sent: Callable[[AnswerPart], None] | None = None

    def report(self, part: AnswerPart) -> None:
        """Say how much of it was sent."""
        if self.on_sent:
            self.on_sent(part)


class PendingResponse:
    """An answer that a handler gives later, without a task of its own.

    It is given at most once, on the thread of the server's loop. Answers that are given in one
    turn of the loop are sent together.
    """

    __slots__ = ("_on_given", "_response")

    def __init__(self) -> None:
        self._response: Response | None = None
        self._on_given: Callable[[Response], None] | None = None

    def give(self, response: Response) -> None:
        """Answer the request."""
        self._response = response
        if self._on_given:
            self._on_given(response)

    def when_given(self, callback: Callable[[Response], None]) -> None:
        """Call back with the answer, at once if there is one."""
        self._on_given = callback
        if self._response:
            callback(self._response)


Handler = Callable[[Request], Response | PendingResponse | Coroutine[Any, Any, Response]]
MalformedHandler = Callable[[Malformed], PendingResponse | Coroutine[Any, Any, None] | None]
