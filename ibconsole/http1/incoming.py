"""Incremental parsing of one request: bytes in, a request or a refusal out. No sockets.

Every request has its own parser, so that its bytes can be separated from those of the next
one, and no answer of the server can bring the parser out of step. The head goes through
`ibconsole.http1.head`; bodies are cut out of the kept bytes here.
"""

import re
from dataclasses import dataclass

from ibconsole.http1.head import HeadRefused, RequestHead, lenient_head, strict_head
from ibconsole.http1.lenient import LenientRequest, read_request
from ibconsole.http1.message import Request

_TLS_HANDSHAKE = 0x16
_BLANK_LINE = re.compile(rb"\n\r?\n")
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})[ \t]*(?:;[^\r\n]*)?\r\n")
_LONGEST_CHUNK_LINE = 16 * 1024
_BODY = re.compile(rb"(?:\xef\xbb\xbf)?(?:[{\[<\"]|\x1f\x8b)")  # no request begins like this
_MAX_REASON = 500
_INCOMPLETE = "The sender closed the connection before the request was whole."


@dataclass(frozen=True, slots=True)
class Limits:
    """The server's limits for its senders: sizes in bytes, times in seconds.

    `buffered_bytes` limits the sum of all large requests under way. `head_seconds` and
    `body_seconds` limit the whole head and the whole body, in however many pieces they
    arrive. A new connection has `head_seconds` for its first byte, one that has served a
    request `idle_seconds`. An answer that is not read within `body_seconds` is abandoned.
    `connections` limits those that are open at the same time; the server lowers it where the
    system allows fewer open files. Deadlines are checked at least twice a second.
    """

    head_bytes: int = 64 * 1024
    header_count: int = 128
    body_bytes: int = 16 * 1024 * 1024
    buffered_bytes: int = 128 * 1024 * 1024
    head_seconds: float = 10.0
    body_seconds: float = 60.0
    idle_seconds: float = 75.0
    connections: int = 256


class RequestRefusal(Exception):
    """A request is refused: the status to answer, and a sentence that says why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class IncomingRequest:
    """One request while it arrives; what violates a limit or has no clear end is refused.

    A body whose end can be read in two ways allows request smuggling, so a request with both
    content-length and transfer-encoding is refused (RFC 9112 §6.1). Other blemishes are read
    leniently and listed in the request's `oddities`.
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._raw: bytes | bytearray = b""
        self._head: RequestHead | None = None
        self._body: bytes | bytearray = b""
        self._position = 0  # what comes before it was read: head, chunks
        self._end = -1  # the end of the request in `_raw`, once it is known to have arrived
        self._is_lenient = False
        self._next_attempt = 0

    @property
    def raw(self) -> bytes:
        """All bytes fed up to now."""
        return bytes(self._raw)

    @property
    def size(self) -> int:
        """The number of bytes fed up to now."""
        return len(self._raw)

    @property
    def has_head(self) -> bool:
        """True if the head is complete."""
        return self._head is not None

    @property
    def expects_continue(self) -> bool:
        """True if the sender waits for "100 Continue" before it sends the body."""
        head = self._head
        return (
            head is not None
            and head.expects_continue
            and self._end < 0
            and len(self._raw) == head.size
        )

    def feed(self, data: bytes) -> bool:
        """Parse the bytes that arrived; return true once the request is complete.

        Raises RequestRefusal as soon as the request violates a limit or has no clear end.
        """
        if not self._raw:
            self._raw = data
        else:
            if isinstance(self._raw, bytes):
                self._raw = bytearray(self._raw)
            self._raw += data
        if self._is_lenient:
            return len(self._raw) >= self._next_attempt and self._read_leniently()
        if self._head is None and not self._read_head():
            return False
        return self._end >= 0 or self._read_body()

    def retry(self) -> bool:
        """Return true if the request is complete after all. To be called after a pause.

        The lenient reader reads everything anew, so `feed` does not call it for each piece.
        """
        return self._is_lenient and self._read_leniently()

    def end_of_input(self) -> None:
        """Raise RequestRefusal unless the request is complete without further bytes."""
        if not self.retry():
            raise RequestRefusal(400, _INCOMPLETE)

    def finish(self, peer: str) -> tuple[Request, bytes]:
        """Return the complete request, and the bytes received after it.

        Raises ValueError if the request is not complete.
        """
        head = self._head
        if head is None or self._end < 0:
            raise ValueError("The request is not whole yet.")
        request = Request(
            head.method,
            head.target,
            head.version,
            head.headers,
            bytes(self._body),
            peer,
            _cut(self._raw, 0, self._end),
            head.oddities,
        )
        return request, _cut(self._raw, self._end, len(self._raw))

    def _read_head(self) -> bool:
        raw, limits = self._raw, self._limits
        blank = _BLANK_LINE.search(raw, max(0, self._position - 3))
        size = blank.end() if blank else len(raw)
        if size > limits.head_bytes:
            raise RequestRefusal(431, f"The head is longer than {limits.head_bytes} bytes.")
        if raw[0] < 0x20 and raw[0] != 0x09:  # no request begins like this
            raise self._not_http("There is no request line.")
        self._position = size
        if not blank:
            return False
        try:
            self._head = self._checked(strict_head(_cut(raw, 0, size)))
        except HeadRefused:
            return self._read_leniently()
        return True

    def _checked(self, head: RequestHead) -> RequestHead:
        limits = self._limits
        if len(head.headers) > limits.header_count:
            raise RequestRefusal(431, f"The head has more than {limits.header_count} headers.")
        if not head.version.startswith("1."):
            version = f"HTTP/{head.version}"
            raise RequestRefusal(505, f"{version} is not supported, only HTTP/1.1.")
        if head.is_chunked and head.version == "1.0":
            raise RequestRefusal(400, "HTTP/1.0 has no transfer-encoding.")
        # A sender that waits for "100 Continue" is refused at once; a body that comes without
        # waiting is kept up to the limit.
        if (
            head.length > limits.body_bytes
            and head.expects_continue
            and len(self._raw) == head.size
        ):
            raise self._too_large()
        return head

    def _read_body(self) -> bool:
        head = self._head
        assert head is not None, "the head is read first"  # noqa: S101
        if head.is_chunked:
            return self._read_chunks()
        if head.length > self._limits.body_bytes:
            if len(self._raw) - head.size > self._limits.body_bytes:
                raise self._too_large()
            return False
        end = head.size + head.length
        if len(self._raw) < end:
            return False
        self._check_length(end)
        self._body = _cut(self._raw, head.size, end)
        self._end = end
        return True

    def _read_chunks(self) -> bool:
        """Append complete chunks to the body; return true after the trailer section."""
        raw = self._raw
        if not isinstance(self._body, bytearray):
            self._body = bytearray()
        while True:
            line = _CHUNK_LINE.match(raw, self._position)
            if not line:
                return self._is_odd_line() and self._read_leniently()
            size = int(line[1], 16)
            start, end = line.end(), line.end() + size
            if not size:
                return self._read_trailers(start)
            self._check_size(len(self._body) + size)
            if len(raw) < end + 2:
                return False
            if raw[end : end + 2] != b"\r\n":
                return self._read_leniently()
            self._body += raw[start:end]
            self._position = end + 2

    def _is_odd_line(self) -> bool:
        """Return whether the line at the position is no size of a chunk; false if incomplete."""
        self._check_size(len(self._body))
        rest = self._raw[self._position : self._position + _LONGEST_CHUNK_LINE]
        return b"\n" in rest or len(rest) == _LONGEST_CHUNK_LINE

    def _read_trailers(self, start: int) -> bool:
        raw = self._raw
        blank = _BLANK_LINE.search(raw, start - 1)
        if (blank.start() if blank else len(raw)) - start > self._limits.head_bytes:
            raise RequestRefusal(
                431, f"The trailers are longer than {self._limits.head_bytes} bytes."
            )
        if not blank:
            return False
        if raw[blank.start() - 1 : blank.end()] != b"\r\n\r\n":
            return self._read_leniently()
        self._end = blank.end()
        return True

    def _check_size(self, body: int) -> None:
        # Chunks of one byte each, or with long extensions, make far more bytes than body.
        limits = self._limits
        received = len(self._raw)
        if received > limits.head_bytes + 2 * limits.body_bytes:
            raise self._too_large()
        if body > limits.body_bytes and received > limits.body_bytes:
            raise self._too_large()

    def _read_leniently(self) -> bool:
        """Read everything from the start with the lenient reader; return true if complete."""
        self._is_lenient = True
        raw = bytes(self._raw)
        found = read_request(raw)
        if found.contradictory or not (found.method or found.target):
            raise self._contradictory(found)
        head = self._head = self._checked(lenient_head(found))
        self._check_size(len(found.body))
        if not found.complete:
            # Reading anew for each small piece would take quadratic time.
            self._next_attempt = len(raw) + len(raw) // 4
            missing = 0 if head.is_chunked else head.length - len(found.body)
            if missing > 0:  # the end is known, so the request need not wait for `retry`
                self._next_attempt = min(self._next_attempt, len(raw) + missing)
            return False
        self._check_length(found.consumed)
        self._body, self._end = found.body, found.consumed
        return True

    def _check_length(self, end: int) -> None:
        """Refuse a body that no header announces: an answer of 200 would say that it was read."""
        head = self._head
        assert head is not None, "the head is read first"  # noqa: S101
        if not head.length and not head.is_chunked and _BODY.match(self._raw, end):
            raise RequestRefusal(411, "The request has a body, but does not say how long it is.")

    def _contradictory(self, found: LenientRequest) -> RequestRefusal:
        codings = [value for name, value in found.headers if name.lower() == b"transfer-encoding"]
        if codings and not any(b"chunked" in coding.lower() for coding in codings):
            return RequestRefusal(501, "The transfer-encoding of the request is not supported.")
        return self._not_http(" ".join(found.oddities) or "There is no request line.")

    def _too_large(self) -> RequestRefusal:
        return RequestRefusal(413, f"The body is longer than {self._limits.body_bytes} bytes.")

    def _not_http(self, reason: str) -> RequestRefusal:
        if self._raw[0] == _TLS_HANDSHAKE:
            return RequestRefusal(400, "This was TLS (https); only plain HTTP is supported here.")
        return RequestRefusal(400, f"This was not HTTP/1.1: {reason[:_MAX_REASON]}")


def _cut(data: bytes | bytearray, start: int, end: int) -> bytes:
    """Return a part as bytes, without a second copy of a large one."""
    if isinstance(data, bytes):
        return data[start:end]
    with memoryview(data) as view:
        return bytes(view[start:end])
