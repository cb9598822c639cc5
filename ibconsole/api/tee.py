"""A network backend that passes on every byte of an answer before the HTTP client parses it.

For the pull, whose answer exists nowhere else: what arrived is stored even if the client then
refuses it. Only what was received is passed on, with TLS already removed, and only from the moment
at which the request itself is sent: what a proxy says before (to CONNECT, to SOCKS) is not part of
it. httpcore takes any object with these methods, so this module does not import it.
"""

import ssl
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol

Receive = Callable[[bytes], Awaitable[None]]

_READ = 64 * 1024


class NetworkStream(Protocol):
    """A connection, as httpcore uses it."""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes: ...
    async def write(self, buffer: bytes, timeout: float | None = None) -> None: ...
    async def aclose(self) -> None: ...
    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> "NetworkStream": ...
    def get_extra_info(self, info: str) -> Any: ...


class NetworkBackend(Protocol):
    """A factory of connections, as httpcore uses it."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> NetworkStream: ...
    async def sleep(self, seconds: float) -> None: ...


class TeeBackend:
    """Opens connections whose received bytes are passed on; for one request.

    The connection that carries the answer is the one on which a request with that method is
    written, whatever proxies and TLS are in between.
    """

    def __init__(self, backend: NetworkBackend, receive: Receive, method: str = "GET") -> None:
        self._backend = backend
        self.receive = receive
        self.request_start = f"{method} ".encode("ascii")
        self.stream: TeeStream | None = None

    @property
    def sent(self) -> bool:
        """True once sending the request has begun."""
        return self.stream is not None

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> "TeeStream":
        """Connect as the real backend does."""
        stream = await self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        return TeeStream(stream, self)

    async def sleep(self, seconds: float) -> None:
        """Sleep as the real backend does."""
        await self._backend.sleep(seconds)

    async def receive_rest(self, seconds: float) -> None:
        """Receive until the other end closes the connection; it may pause for `seconds` at most.

        Raises what the real connection raises, and what `receive` raises.
        """
        if self.stream:
            while await self.stream.read(_READ, seconds):
                pass

    async def aclose(self) -> None:
        """Close the connection."""
        if self.stream:
            await self.stream.close_now()


class TeeStream:
    """A connection; bytes received after the request are passed on before they are returned.

    The client closes a connection as soon as it refuses an answer, while the rest of it is still
    arriving. So the connection that carries the answer stays open until `close_now`.
    """

    def __init__(self, stream: NetworkStream, backend: TeeBackend) -> None:
        self._stream = stream
        self._backend = backend
        self._ended = False

    @property
    def _carries_answer(self) -> bool:
        return self._backend.stream is self

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read some bytes, and pass them on first."""
        if self._ended:
            return b""
        data = await self._stream.read(max_bytes, timeout)
        if self._carries_answer:
            self._ended = not data
            if data:
                await self._backend.receive(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write as the real connection does; what is received after the request is the answer."""
        # Before the write, which may fail although an answer has arrived (RFC 9112, 9.5).
        if not self._backend.sent and buffer.startswith(self._backend.request_start):
            self._backend.stream = self
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close the connection, unless it carries the answer."""
        if not self._carries_answer:
            await self._stream.aclose()

    async def close_now(self) -> None:
        """Close the connection."""
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> "TeeStream":
        """Encrypt the connection as the real one does."""
        stream = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        return TeeStream(stream, self._backend)

    def get_extra_info(self, info: str) -> Any:
        """Return what the real connection says."""
        return self._stream.get_extra_info(info)
