"""The network backend that passes on what is received before it is parsed."""

import ssl
from collections.abc import Iterable
from typing import Any

import pytest

from ibconsole.api.tee import TeeBackend

TLS = ssl.create_default_context()


class Wire:
    """A connection that has some bytes, and says what is done with it."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)
        self.written: list[bytes] = []
        self.closed = 0

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> "Wire":
        return self

    async def sleep(self, seconds: float) -> None:
        raise NotImplementedError

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109 as above
        return self.pieces.pop(0) if self.pieces else b""

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 as above
        self.written.append(buffer)

    async def aclose(self) -> None:
        self.closed += 1

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109 as above
    ) -> "Wire":
        return self

    def get_extra_info(self, info: str) -> Any:
        return info


@pytest.fixture
def received() -> list[bytes]:
    return []


def tee(wire: Wire, received: list[bytes]) -> TeeBackend:
    async def receive(data: bytes) -> None:
        received.append(data)

    return TeeBackend(wire, receive)


async def test_bytes_are_passed_on_before_they_are_returned(received: list[bytes]) -> None:
    """A byte that could not be stored is not parsed either."""

    async def full(_: bytes) -> None:
        raise OSError(28, "No space left on device")

    stream = await TeeBackend(Wire(b"HTTP"), full).connect_tcp("127.0.0.1", 80)
    await stream.write(b"GET / HTTP/1.1\r\n\r\n")

    with pytest.raises(OSError, match="No space"):
        await stream.read(100)


@pytest.mark.parametrize("proxy", ["proxy.example", "api.example"])
async def test_a_proxy_and_the_request_are_not_passed_on(received: list[bytes], proxy: str) -> None:
    """Only the answer is passed on: no answer of a proxy, whatever its name, and nothing sent."""
    wire = Wire(b"HTTP/1.1 200 Connection established\r\n\r\n", b"HTTP/1.1 200 OK\r\n")
    backend = tee(wire, received)

    plain = await backend.connect_tcp(proxy, 3128)
    to_proxy = await plain.start_tls(TLS, proxy)
    await to_proxy.write(b"CONNECT api.example:443")
    await to_proxy.read(100)
    to_platform = await to_proxy.start_tls(TLS, "api.example")
    sent_before = backend.sent
    await to_platform.write(b"GET / HTTP/1.1\r\nAuthorization: App secret\r\n")

    assert await to_platform.read(100) == b"HTTP/1.1 200 OK\r\n"
    assert received == [b"HTTP/1.1 200 OK\r\n"]
    assert (sent_before, backend.sent) == (False, True)
    assert len(wire.written) == 2
    assert to_platform.get_extra_info("socket") == "socket"


async def test_a_socks_proxy_is_not_passed_on(received: list[bytes]) -> None:
    """What a SOCKS proxy says before the request is not part of the answer, without TLS either."""
    backend = tee(Wire(b"\x05\x00", b"HTTP/1.1 200 OK\r\n"), received)

    stream = await backend.connect_tcp("proxy.example", 1080)
    await stream.write(b"\x05\x01\x00")
    await stream.read(100)
    await stream.write(b"GET / HTTP/1.1\r\n\r\n")
    await stream.read(100)

    assert received == [b"HTTP/1.1 200 OK\r\n"]


async def test_an_answer_to_a_request_that_could_not_be_written(received: list[bytes]) -> None:
    """An answer that arrives although the request could not be written completely is passed on."""

    class Closed(Wire):
        async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109 httpcore's signature
            raise BrokenPipeError

    stream = await tee(Closed(b"HTTP/1.1 400 Bad\r\n"), received).connect_tcp("127.0.0.1", 80)
    with pytest.raises(BrokenPipeError):
        await stream.write(b"GET / HTTP/1.1\r\n\r\n")

    await stream.read(100)
    assert received == [b"HTTP/1.1 400 Bad\r\n"]


async def test_the_rest_is_received_after_the_client_has_closed(received: list[bytes]) -> None:
    """The client's closing does not end the connection before its answer has ended."""
    wire = Wire(b"one", b"two", b"three")
    backend = tee(wire, received)
    stream = await backend.connect_tcp("127.0.0.1", 80)
    await stream.write(b"GET / HTTP/1.1\r\n\r\n")

    await stream.read(100)
    await stream.aclose()
    assert wire.closed == 0
    await backend.receive_rest(1)
    await backend.aclose()

    assert received == [b"one", b"two", b"three"]
    assert wire.closed == 1
    assert await stream.read(100) == b""


async def test_without_a_connection(received: list[bytes]) -> None:
    """A request that never connected has no rest and nothing to close."""
    backend = tee(Wire(), received)

    await backend.receive_rest(1)
    await backend.aclose()

    assert received == []


async def test_an_unused_connection_is_closed_by_the_client(received: list[bytes]) -> None:
    """A connection that carries no answer is closed as usual."""
    wire = Wire()
    stream = await tee(wire, received).connect_tcp("proxy.example", 3128)

    await stream.aclose()

    assert wire.closed == 1
