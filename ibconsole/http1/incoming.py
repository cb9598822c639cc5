"""One request as far as it has arrived: bytes in, a request or a refusal out. No sockets.

Every request gets a parser of its own, so its bytes can be told apart from the next one's,
and no answer of ours can bring the parser out of step.
"""

from dataclasses import dataclass

import h11

from ibconsole.http1.message import Request

_TLS_HANDSHAKE = 0x16
_REASON = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """What a sender may ask of the server: sizes in bytes, times in seconds.

    `held_bytes` is for all large requests under way together. `head_seconds` and
    `body_seconds` are for the whole head and the whole body, however many pieces they come
    in. A new connection has `head_seconds` for its first byte, one that was served before
    `idle_seconds`. An answer that is not taken within `body_seconds` is given up.
    `connections` are those open at one time.
    """

    head_bytes: int = 64 * 1024
    header_count: int = 128
    body_bytes: int = 16 * 1024 * 1024
    held_bytes: int = 128 * 1024 * 1024
    head_seconds: float = 10.0
    body_seconds: float = 60.0
    idle_seconds: float = 75.0
    connections: int = 256


class Refusal(Exception):
    """The request is not taken: the status to answer, and a sentence why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class Incoming:
    """Collects one request, and refuses what breaks the rules or a limit.

    Two readings of where a body ends make request smuggling, so a request with both
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
        """Every byte fed so far."""
        return bytes(self._raw)

    @property
    def has_head(self) -> bool:
        """Whether the head is complete."""
        return self._head is not None

    @property
    def waits_for_continue(self) -> bool:
        """Whether the sender holds the body back until it is told to go on."""
        return self._parser.they_are_waiting_for_100_continue

    def feed(self, data: bytes) -> bool:
        """Take what arrived; true once the request is whole.

        Raises Refusal as soon as it is certain that it will never be one.
        """
        self._raw += data
        self._parser.receive_data(data)
        try:
            return self._advance()
        except h11.RemoteProtocolError as error:
            raise self._not_http(error) from error

    def finish(self, peer: str) -> tuple[Request, bytes]:
        """The whole request, and the bytes that came behind it."""
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
        # The parser holds its own limit only against a head that is not complete yet.
        if len(self._raw) > limits.head_bytes and self._head_size() > limits.head_bytes:
            raise Refusal(431, f"The head is longer than {limits.head_bytes} bytes.")
        if len(head.headers) > limits.header_count:
            raise Refusal(431, f"The head has more than {limits.header_count} headers.")
        if not head.http_version.startswith(b"1."):
            version = head.http_version.decode("ascii")
            raise Refusal(505, f"HTTP/{version} is not spoken here, only HTTP/1.1.")
        self._check_framing(head)

    def _check_framing(self, head: h11.Request) -> None:
        length, chunked = None, False
        for name, value in head.headers:
            if name == b"content-length":
                length = int(value)
            elif name == b"transfer-encoding":
                chunked = True
        if chunked and length is not None:
            raise Refusal(400, "The request has both content-length and transfer-encoding.")
        if chunked and head.http_version == b"1.0":
            raise Refusal(400, "HTTP/1.0 knows no transfer-encoding.")
        # One that waits to be asked is told at once; what else comes is kept up to the limit.
        if self.waits_for_continue and length is not None and length > self._limits.body_bytes:
            raise self._too_large()

    def _head_size(self) -> int:
        return len(self._raw) - len(self._parser.trailing_data[0])

    def _too_large(self) -> Refusal:
        return Refusal(413, f"The body is longer than {self._limits.body_bytes} bytes.")

    def _not_http(self, error: h11.RemoteProtocolError) -> Refusal:
        if self._raw[0] == _TLS_HANDSHAKE and not self._head:
            return Refusal(400, "This was TLS (https), and only plain HTTP is spoken here.")
        if error.error_status_hint == 431:
            return Refusal(431, f"The head is longer than {self._limits.head_bytes} bytes.")
        return Refusal(error.error_status_hint, f"It was no HTTP/1.1: {str(error)[:_REASON]}.")
