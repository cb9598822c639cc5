"""A network backend that passes on every byte of an answer before the HTTP client parses it.

For the pull, whose answer exists nowhere else: what arrived is stored even if the client then
refuses it. Only what was received is passed on, with TLS already removed; a proxy's answers are
not part of it. httpcore takes any object with these methods, so this module does not import it.
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

    `tls_host` is the host whose TLS connection carries the answer, None for plain HTTP: through
    a proxy, what comes before that handshake is between the client and the proxy.
    """

    def __init__(self, backend: NetworkBackend, receive: Receive, tls_host: str | None) -> None:
        self._backend = backend
        self.receive = receive
        self.tls_host = tls_host
        self.stream: TeeStream | None = None

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
        return TeeStream(stream, self, passes_on=self.tls_host is None)

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
    """A connection whose received bytes are passed on before they are returned.

    The client closes a connection as soon as it refuses an answer, while the rest of it is still
    arriving. So the connection that carries the answer stays open until `close_now`.
    """

    def __init__(self, stream: NetworkStream, backend: TeeBackend, *, passes_on: bool) -> None:
        self._stream = stream
        self._backend = backend
        self._passes_on = passes_on
        self._ended = False
        if passes_on:
            backend.stream = self

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Read some bytes, and pass them on first."""
        if self._ended:
            return b""
        data = await self._stream.read(max_bytes, timeout)
        if self._passes_on:
            self._ended = not data
            if data:
                await self._backend.receive(data)
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Write as the real connection does."""
        await self._stream.write(buffer, timeout)

    async def aclose(self) -> None:
        """Close the connection, unless it carries the answer."""
        if not self._passes_on:
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
        """Encrypt the connection; bytes are passed on from then if it leads to the right host."""
        stream = await self._stream.start_tls(ssl_context, server_hostname, timeout)
        passes_on = server_hostname == self._backend.tls_host
        return TeeStream(stream, self._backend, passes_on=passes_on)

    def get_extra_info(self, info: str) -> Any:
        """Return what the real connection says."""
        return self._stream.get_extra_info(info)
