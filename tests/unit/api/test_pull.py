"""The pull over real sockets: sent once, whatever happens."""

import asyncio
import gzip
import socket

import pytest

from ibconsole.api.errors import Unreachable
from ibconsole.api.exchange import Exchange, PullAnswer
from ibconsole.api.platform import Platform
from ibconsole.api.retrying import Patience
from ibconsole.api.transport import Transport
from tests.unit.api.loopback import (
    CLOSE,
    HANG,
    IMPATIENT,
    RESET,
    Connect,
    Then,
    answer,
    loopback,
    until,
)


async def pull(transport: Transport, received: list[bytes]) -> object:
    async def receive(data: bytes) -> None:
        received.append(data)

    return await Platform(transport).pull(5, receive=receive)


BATCH = b'{"results":[],"messageCount":0,"pendingMessageCount":0}'
HALF = b"HTTP/1.1 200 OK\r\nX-One: a\r\nContent-Length: 55\r\n\r\n" + BATCH[:20]


@pytest.mark.parametrize(
    ("reply", "status", "body", "complete"),
    [
        (answer(200, BATCH), 200, BATCH, True),
        (answer(429, b"busy", "Retry-After: 2"), 429, b"busy", True),
        (answer(503, b"x"), 503, b"x", True),
        (answer(401), 401, b"", True),
        (answer(307, b"", "Location: /y"), 307, b"", True),
        (HANG, None, b"", False),
        (RESET, None, b"", False),
        (CLOSE, None, b"", False),
        (Then(b"SSH-2.0\r\n\r\n", "close"), None, b"", False),
        (Then(HALF, "close"), 200, BATCH[:20], False),
        (Then(HALF, "hang"), 200, BATCH[:20], False),
    ],
)
async def test_a_pull_is_sent_once(
    connect: Connect, reply: bytes | Then, status: int | None, body: bytes, *, complete: bool
) -> None:
    """Whatever happens to a pull, there is one request, and what came of it is kept."""
    received: list[bytes] = []

    async def receive(data: bytes) -> None:
        received.append(data)

    async with loopback(reply) as server:
        platform = Platform(connect(server.url, IMPATIENT))
        answered = await platform.pull(5, receive=receive)

    assert server.lines == ["GET /push/1/inbox/reports?limit=5"]
    assert server.connections == 1
    assert b"".join(received) == body
    assert (answered.status, answered.complete) == (status, complete)
    assert bool(answered.problem) is not complete
    assert not answered.problem or "handed out" in answered.problem


async def test_a_pull_that_drips_without_end(connect: Connect) -> None:
    """An answer that goes on for too long is given up, and what came of it is kept."""
    received: list[bytes] = []
    async with loopback(Then(HALF, "hang")) as server:
        answered = await pull(connect(server.url, Patience(pulled=0.3)), received)

    assert isinstance(answered, PullAnswer)
    assert not answered.complete
    assert "when the time for it was up" in answered.problem
    assert b"".join(received) == BATCH[:20]
    assert len(server.requests) == 1


async def test_a_pull_has_a_connection_of_its_own(connect: Connect) -> None:
    """A pull does not depend on an old connection, and asks for an answer as it is."""
    packed = answer(200, gzip.compress(BATCH), "Content-Encoding: gzip", "X-OnE: a")
    async with loopback(answer(200, b"[]"), packed, answer(200, b"[]")) as server:
        transport = connect(server.url)
        received: list[bytes] = []

        async def receive(data: bytes) -> None:
            received.append(data)

        await transport.request("GET", "/x")
        answered = await Platform(transport).pull(None, receive=receive)
        await transport.request("GET", "/x")

    assert server.connections == 2
    head = server.requests[1].lower()
    assert head.startswith(b"get /push/1/inbox/reports http/1.1")
    assert b"connection: close" in head
    assert b"accept-encoding: identity" in head
    assert gzip.decompress(b"".join(received)) == BATCH
    assert ("X-OnE", "a") in answered.headers


async def test_a_pull_that_was_not_sent(connect: Connect, log: list[Exchange]) -> None:
    """Where no connection was made, a pull says so, after one attempt."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(Unreachable, match="nothing was sent"):
        await pull(connect(url), [])

    assert [one.attempt for one in log] == [1]


async def test_a_pull_tells_when_it_is_sent(connect: Connect) -> None:
    """Whoever has to know is told just before the request goes out."""
    sent: list[int] = []

    async def receive(data: bytes) -> None:
        assert sent

    async with loopback(answer(200, BATCH)) as server:
        await Platform(connect(server.url)).pull(
            1, receive=receive, sending=lambda: sent.append(len(server.requests))
        )

    assert sent == [0]


async def test_a_full_disk(connect: Connect) -> None:
    """What goes wrong while a batch is being stored is for the caller, and ends the pull."""

    async def receive(data: bytes) -> None:
        raise OSError(28, "No space left on device")

    async with loopback(Then(HALF, "hang")) as server:
        with pytest.raises(OSError, match="No space left"):
            await Platform(connect(server.url)).pull(1, receive=receive)

        assert len(server.requests) == 1


async def test_a_throttled_pull_slows_down_the_rest(connect: Connect, pauses: list[float]) -> None:
    """After a pull was answered 429 nothing else is sent for as long as the platform wants."""
    async with loopback(answer(429, b"", "Retry-After: 9"), answer(200)) as server:
        transport = connect(server.url)
        await pull(transport, [])
        assert not pauses
        await transport.request("GET", "/x")

    assert pauses == [9]


async def test_a_pull_that_is_cancelled(connect: Connect) -> None:
    """Cancelling a pull is possible, and sends nothing more."""
    async with loopback(HANG) as server:
        call = asyncio.get_running_loop().create_task(pull(connect(server.url), []))
        await until(lambda: bool(server.requests))
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

        assert len(server.requests) == 1
