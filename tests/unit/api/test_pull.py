"""The pull over real sockets: sent once, whatever happens."""

import asyncio
import gzip
import socket

import pytest

from ibconsole.api.client import ApiClient
from ibconsole.api.errors import Unreachable
from ibconsole.api.exchange import Exchange, PullAnswer
from ibconsole.api.platform import Platform
from ibconsole.api.retrying import Timeouts
from tests.unit.api.loopback import (
    CLOSE,
    HANG,
    KEY,
    RESET,
    SHORT_TIMEOUTS,
    Connect,
    Then,
    answer,
    loopback,
    until,
)


async def pull(client: ApiClient, received: list[bytes]) -> object:
    async def receive(data: bytes) -> None:
        received.append(data)

    return await Platform(client).pull(5, receive=receive)


BATCH = b'{"results":[],"messageCount":0,"pendingMessageCount":0}'
HALF = b"HTTP/1.1 200 OK\r\nX-One: a\r\nContent-Length: 55\r\n\r\n" + BATCH[:20]


@pytest.mark.parametrize(
    ("reply", "status", "complete"),
    [
        (answer(200, BATCH), 200, True),
        (answer(429, b"busy", "Retry-After: 2"), 429, True),
        (answer(503, b"x"), 503, True),
        (answer(401), 401, True),
        (answer(307, b"", "Location: /y"), 307, True),
        (HANG, None, False),
        (RESET, None, False),
        (CLOSE, None, False),
        (Then(b"SSH-2.0\r\n\r\n", "close"), None, False),
        (Then(HALF, "close"), 200, False),
        (Then(HALF, "hang"), 200, False),
    ],
)
async def test_pull_is_sent_once(
    connect: Connect, reply: bytes | Then, status: int | None, *, complete: bool
) -> None:
    """With every outcome of a pull there is one request, and the bytes received are kept."""
    received: list[bytes] = []

    async def receive(data: bytes) -> None:
        received.append(data)

    async with loopback(reply) as server:
        platform = Platform(connect(server.url, SHORT_TIMEOUTS))
        answered = await platform.pull(5, receive=receive)

    assert server.lines == ["GET /push/1/inbox/reports?limit=5"]
    assert server.connections == 1
    assert b"".join(received) == (reply if isinstance(reply, bytes) else reply.data)
    assert (answered.status, answered.complete) == (status, complete)
    assert bool(answered.problem) is not complete
    assert not answered.problem or "handed out" in answered.problem


async def test_pull_that_does_not_end(connect: Connect) -> None:
    """An answer that takes too long is abandoned, and the bytes received are kept."""
    received: list[bytes] = []
    async with loopback(Then(HALF, "hang")) as server:
        answered = await pull(connect(server.url, Timeouts(pull_total=0.3)), received)

    assert isinstance(answered, PullAnswer)
    assert not answered.complete
    assert "did not end within the time limit" in answered.problem
    assert b"".join(received) == HALF
    assert len(server.requests) == 1


async def test_pull_has_a_connection_of_its_own(connect: Connect) -> None:
    """A pull uses a new connection and requests an uncompressed answer."""
    packed = answer(200, gzip.compress(BATCH, mtime=0), "Content-Encoding: gzip", "X-OnE: a")
    async with loopback(answer(200, b"[]"), packed, answer(200, b"[]")) as server:
        client = connect(server.url)
        received: list[bytes] = []

        async def receive(data: bytes) -> None:
            received.append(data)

        await client.request("GET", "/x")
        answered = await Platform(client).pull(None, receive=receive)
        await client.request("GET", "/x")

    assert server.connections == 2
    head = server.requests[1].lower()
    assert head.startswith(b"get /push/1/inbox/reports http/1.1")
    assert b"connection: close" in head
    assert b"accept-encoding: identity" in head
    assert b"".join(received) == packed
    assert ("X-OnE", "a") in answered.headers


async def test_pull_without_a_connection(connect: Connect, log: list[Exchange]) -> None:
    """A pull whose connection fails raises an error after one attempt."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(Unreachable, match="nothing was sent"):
        await pull(connect(url), [])

    assert [one.attempt for one in log] == [1]


async def test_sending_callback(connect: Connect) -> None:
    """The callback `sending` is called just before the request is sent."""
    sent: list[int] = []

    async def receive(data: bytes) -> None:
        assert sent

    async with loopback(answer(200, BATCH)) as server:
        await Platform(connect(server.url)).pull(
            1, receive=receive, sending=lambda: sent.append(len(server.requests))
        )

    assert sent == [0]


async def test_full_disk(connect: Connect) -> None:
    """An error while the batch is stored ends the pull and reaches the caller."""

    async def receive(data: bytes) -> None:
        raise OSError(28, "No space left on device")

    async with loopback(Then(HALF, "hang")) as server:
        with pytest.raises(OSError, match="No space left"):
            await Platform(connect(server.url)).pull(1, receive=receive)

        assert len(server.requests) == 1


async def test_throttled_pull_delays_other_requests(connect: Connect, pauses: list[float]) -> None:
    """After a pull is answered 429, other requests wait for the time of Retry-After."""
    async with loopback(answer(429, b"", "Retry-After: 9"), answer(200)) as server:
        client = connect(server.url)
        await pull(client, [])
        assert not pauses
        await client.request("GET", "/x")

    assert pauses == [9]


async def test_cancelled_pull(connect: Connect) -> None:
    """A cancelled pull ends and sends nothing more."""
    async with loopback(HANG) as server:
        call = asyncio.get_running_loop().create_task(pull(connect(server.url), []))
        await until(lambda: bool(server.requests))
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

        assert len(server.requests) == 1


TEXT = BATCH + b"\n" * 200_000


@pytest.mark.parametrize(
    "head",
    [
        b"HTTP/1.1 200 OK\r\nX note\r\nContent-Length: %d\r\n\r\n" % len(TEXT),
        b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\nContent-Length: %d\r\n\r\n" % len(TEXT),
        b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP 200\n\n",
        b"",
    ],
)
async def test_what_the_client_refuses_is_received_to_its_end(
    connect: Connect, head: bytes
) -> None:
    """An answer that the HTTP client refuses is received completely all the same."""
    received: list[bytes] = []
    async with loopback(Then(head + TEXT, "close")) as server:
        await pull(connect(server.url), received)

    assert b"".join(received) == head + TEXT
    assert len(server.requests) == 1


async def test_bytes_are_passed_on_before_they_are_parsed(connect: Connect) -> None:
    """The first bytes of a refused answer are stored before the client has refused it."""
    seen: list[bytes] = []

    async def receive(data: bytes) -> None:
        seen.append(data)
        raise OSError(28, "No space left on device")

    async with loopback(Then(b"not HTTP at all", "hang")) as server:
        with pytest.raises(OSError, match="No space"):
            await Platform(connect(server.url)).pull(1, receive=receive)

    assert seen == [b"not HTTP at all"]


@pytest.mark.parametrize("size", [1, 10, 40])
async def test_a_divided_credential_is_masked_before_it_is_stored(
    connect: Connect, size: int
) -> None:
    """What is stored while an answer arrives has no credential, however the chunks divide it."""
    received: list[bytes] = []
    text = b'{"results":[{"text":"App %b"}],' % KEY.encode()
    chunks = [text[at : at + size] for at in range(0, len(text), size)]
    sent = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks)
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with loopback(Then(head + sent, "hang")) as server:
        await pull(connect(server.url, SHORT_TIMEOUTS), received)

    kept = b"".join(received)
    assert len(kept) == len(head + sent)
    framing = b"\r\n%x\r\n" % size
    assert kept.replace(framing, b"").count(b"*") == len("App ") + len(KEY)
    assert KEY[-9:].encode() not in kept.replace(framing, b"")
