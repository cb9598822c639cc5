"""What goes over an HTTP/1.1 connection: requests, answers, and what was neither."""

from dataclasses import dataclass

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Request:
    """A whole request. `headers` keep the sender's spelling and order.

    `raw` is every byte of it as received, head and body, chunk framing included. `peer` is
    the sender's IP address, without the port.
    """

    method: str
    target: str
    version: str
    headers: tuple[Header, ...]
    body: bytes
    peer: str
    raw: bytes

    def header(self, name: str) -> str | None:
        """The first header of that name in any case; None if there is none."""
        wanted = name.lower().encode("latin-1")
        for key, value in self.headers:
            if key.lower() == wanted:
                return value.decode("latin-1")
        return None

    @property
    def path(self) -> str:
        """The target up to the question mark, not decoded.

        Of a target with scheme and host (RFC 9112 §3.2.2) only what is behind them.
        """
        path = self.target.partition("?")[0]
        if path.startswith("/") or "://" not in path:
            return path
        return "/" + path.partition("://")[2].partition("/")[2]

    @property
    def query(self) -> str:
        """The target behind the question mark, not decoded."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True)
class Malformed:
    """What the parser or a limit refused: the bytes so far, why, and the status answered."""

    raw: bytes
    reason: str
    status: int
    peer: str


@dataclass(frozen=True, slots=True)
class Fault:
    """A way to send an answer wrongly on purpose.

    `delay` is in seconds before the answer, `drip` in seconds between small pieces of the
    body. After `cut_after` bytes of body the connection closes; `declared_length` is a
    content-length that lies, so the connection closes, too. `reset` breaks the connection
    instead of answering, or instead of closing it after `cut_after`. A server that is
    closed does not wait for the end of a delay.
    """

    delay: float = 0.0
    drip: float = 0.0
    cut_after: int | None = None
    declared_length: int | None = None
    reset: bool = False


@dataclass(frozen=True, slots=True)
class Response:
    """An answer; content-length and connection headers are the server's business."""

    status: int = 200
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    fault: Fault | None = None
