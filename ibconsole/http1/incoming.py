"""Incremental parsing of one request: bytes in, a request or a refusal out. No sockets.

Every request has its own parser, so that its bytes can be separated from those of the
next one, and no answer of the server can bring the parser out of step.
"""

from dataclasses import dataclass

import h11

from ibconsole.http1.message import Request

_TLS_HANDSHAKE = 0x16
_MAX_REASON = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """The server's limits for its senders: sizes in bytes, times in seconds.

    `buffered_bytes` limits the sum of all large requests under way. `head_seconds` and
    `body_seconds` limit the whole head and the whole body, in however many pieces they
    arrive. A new connection has `head_seconds` for its first byte, one that has served a
    request `idle_seconds`. An answer that is not read within `body_seconds` is abandoned.
    `connections` limits those that are open at the same time.
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
    """One request while it arrives; what violates the protocol or a limit is refused.

    A body whose end can be read in two ways allows request smuggling, so a request with both
    content-length and transfer-encoding is refused (RFC 9112 §6.1).
    """

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._parser = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.head_bytes)
        self._head: h11.Request | None = None
        self._raw = bytearray()
        self._body = bytearray()

    @property
    def raw(self) -> bytes:
        """All bytes fed up to now."""
        return bytes(self._raw)

    @property
    def has_head(self) -> bool:
        """True if the head is complete."""
        return self._head is not None

    @property
    def expects_continue(self) -> bool:
        """True if the sender waits for "100 Continue" before it sends the body."""
        return self._parser.they_are_waiting_for_100_continue

    def feed(self, data: bytes) -> bool:
        """Parse the bytes that arrived; return true once the request is complete.

        Raises RequestRefusal as soon as the request violates the protocol or a limit.
        """
        self._raw += data
        self._parser.receive_data(data)
        try:
            return self._advance()
        except h11.RemoteProtocolError as error:
            raise self._not_http(error) from error

    def finish(self, peer: str) -> tuple[Request, bytes]:
        """Return the complete request, and the bytes received after it.

        Raises ValueError if the request is not complete.
        """
        head = self._head
        if head is None:
            raise ValueError("The request is not whole yet.")
        rest = self._parser.trailing_data[0]
        raw = self._raw[: len(self._raw) - len(rest)] if rest else self._raw
        request = Request(
            method=head.method.decode("ascii"),
            target=head.target.decode("ascii"),
            version=head.http_version.decode("ascii"),
            headers=tuple((bytes(name), bytes(value)) for name, value in head.headers.raw_items()),
            body=bytes(self._body),
            peer=peer,
            raw=bytes(raw),
        )
        return request, rest

    def _advance(self) -> bool:
        while True:
            event = self._parser.next_event()
            if event is h11.NEED_DATA:
                self._check_size()
                return False
            if isinstance(event, h11.Data):
                self._body += event.data
                self._check_size()
            elif isinstance(event, h11.Request):
                self._head = event
                self._check_head(event)
            else:
                return True

    def _check_size(self) -> None:
        # Chunks of one byte each, or with long extensions, make far more bytes than body.
        wire = self._limits.head_bytes + 2 * self._limits.body_bytes
        if len(self._body) > self._limits.body_bytes or len(self._raw) > wire:
            raise self._too_large()

    def _check_head(self, head: h11.Request) -> None:
        limits = self._limits
        # The parser applies its own limit only to a head that is still incomplete.
        if len(self._raw) > limits.head_bytes and self._head_size() > limits.head_bytes:
            raise RequestRefusal(431, f"The head is longer than {limits.head_bytes} bytes.")
        if len(head.headers) > limits.header_count:
            raise RequestRefusal(431, f"The head has more than {limits.header_count} headers.")
        if not head.http_version.startswith(b"1."):
            version = head.http_version.decode("ascii")
            raise RequestRefusal(505, f"HTTP/{version} is not supported, only HTTP/1.1.")
        self._check_framing(head)

    def _check_framing(self, head: h11.Request) -> None:
        length, chunked = None, False
        for name, value in head.headers:
            if name == b"content-length":
                length = int(value)
            elif name == b"transfer-encoding":
                chunked = True
        if chunked and length is not None:
            raise RequestRefusal(400, "The request has both content-length and transfer-encoding.")
        if chunked and head.http_version == b"1.0":
            raise RequestRefusal(400, "HTTP/1.0 has no transfer-encoding.")
        # A sender that waits for "100 Continue" is refused at once; a body that comes without
        # waiting is kept up to the limit.
        if self.expects_continue and length is not None and length > self._limits.body_bytes:
            raise self._too_large()

    def _head_size(self) -> int:
        return len(self._raw) - len(self._parser.trailing_data[0])

    def _too_large(self) -> RequestRefusal:
        return RequestRefusal(413, f"The body is longer than {self._limits.body_bytes} bytes.")

    def _not_http(self, error: h11.RemoteProtocolError) -> RequestRefusal:
        if self._raw[0] == _TLS_HANDSHAKE and not self._head:
            return RequestRefusal(400, "This was TLS (https); only plain HTTP is supported here.")
        if error.error_status_hint == 431:
            return RequestRefusal(431, f"The head is longer than {self._limits.head_bytes} bytes.")
        return RequestRefusal(
            error.error_status_hint, f"This was not HTTP/1.1: {str(error)[:_MAX_REASON]}."
        )
