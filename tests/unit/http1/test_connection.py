"""One connection, seen from the sender."""

import asyncio
import logging
from collections.abc import AsyncIterator

import pytest

from ibconsole.http1.incoming import Limits
from ibconsole.http1.message import Fault, Malformed, Request, Response
from ibconsole.http1.server import Server
from tests.unit.http1.talking import GET, PATIENCE, Echo, is_busy, talk, until

HURRY = Limits(head_seconds=0.2, body_seconds=0.2, idle_seconds=0.2, body_bytes=1000)
POST = b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 4\r\n\r\n"


@pytest.fixture
def echo() -> Echo:
    return Echo()


@pytest.fixture
async def server(echo: Echo) -> AsyncIterator[Server]:
    async with Server(echo, on_malformed=echo.refuse) as server:
        yield server


@pytest.fixture
async def hurried(echo: Echo) -> AsyncIterator[Server]:
    async with Server(echo, on_malformed=echo.refuse, limits=HURRY) as server:
        yield server


async def test_raw_is_what_was_sent(server: Server, echo: Echo) -> None:
    """Every byte of a request is kept as it was sent, its headers in the sender's spelling."""
    data = b'POST /x?y HTTP/1.1\r\nhOsT: here\r\nX-Odd:\t1\r\nContent-Length: 5\r\n\r\n{"\xff"}'

    async with talk(server) as sender:
        await sender.send(data)
        await sender.answer()

    [request] = echo.requests
    assert request.raw == data
    assert request.headers == ((b"hOsT", b"here"), (b"X-Odd", b"1"), (b"Content-Length", b"5"))
    assert request.peer == "127.0.0.1"


async def test_keep_alive(server: Server) -> None:
    """One connection serves many requests."""
    async with talk(server) as sender:
        for _ in range(3):
            await sender.send(GET)
            assert await sender.answer() == (
                200,
                b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n",
                b"/",
            )


async def test_pipelined_requests(server: Server, echo: Echo) -> None:
    """Pipelined requests are separated and answered in order."""
    first = b"POST /1 HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi"
    second = b"GET /2 HTTP/1.1\r\nHost: a\r\n\r\n"

    async with talk(server) as sender:
        await sender.send(first + second + second[:9])
        bodies = [(await sender.answer())[2], (await sender.answer())[2]]
        await sender.send(second[9:])
        bodies.append((await sender.answer())[2])

    assert bodies == [b"/1", b"/2", b"/2"]
    assert [request.raw for request in echo.requests] == [first, second, second]


async def test_stray_line_break(server: Server, echo: Echo) -> None:
    """Line breaks after a body, or in front of a request, are ignored."""
    async with talk(server) as sender:
        await sender.send(POST + b"body\r\n" + GET)
        await sender.answer()
        await sender.answer()
        for line_breaks in (b"\r\n", b"\n", b"\r\n" * 5):
            await sender.send(line_breaks)
            await sender.send(line_breaks + GET)
            await sender.answer()

    assert [request.raw for request in echo.requests] == [POST + b"body", *[GET] * 4]


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.0\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: Close\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nConnection: x\r\nConnection: close\r\n\r\n",
        b"CONNECT here:443 HTTP/1.1\r\nHost: here:443\r\n\r\n",
    ],
)
async def test_close_when_asked(server: Server, data: bytes) -> None:
    """The connection is closed after the answer for HTTP/1.0 and for Connection: close."""
    async with talk(server) as sender:
        await sender.send(data)
        answer = await sender.everything()

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Connection: close\r\n" in answer


async def test_half_closed_sender_is_answered(server: Server) -> None:
    """A sender that closes its half of the connection after the request still gets its answer."""
    async with talk(server) as sender:
        await sender.send(GET)
        sender.writer.write_eof()

        assert (await sender.everything()).endswith(b"/")


async def test_expect_continue(server: Server, echo: Echo) -> None:
    """A sender that expects 100-continue gets it, then sends its body."""
    head = POST.replace(b"\r\n\r\n", b"\r\nExpect: 100-continue\r\n\r\n")

    async with talk(server) as sender:
        await sender.send(head)
        first = await sender.answer()
        await sender.send(b"body")
        second = await sender.answer()

    assert (first[0], second[0]) == (100, 200)
    assert echo.requests[0].raw == head + b"body"


async def test_expect_continue_in_pieces(server: Server) -> None:
    """A head that expects 100-continue may arrive in pieces."""
    async with talk(server) as sender:
        await sender.send(POST[:20])
        await until(lambda: is_busy(server))
        await sender.send(POST[20:-2] + b"Expect: 100-continue\r\n\r\n")

        assert (await sender.answer())[0] == 100

        await sender.send(b"body")
        assert (await sender.answer())[0] == 200


async def test_head_has_no_body(server: Server) -> None:
    """A HEAD request is answered without a body."""
    async with talk(server) as sender:
        await sender.send(b"HEAD /long HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")

        answer = await sender.everything()

    assert b"Content-Length: 5\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


async def test_failing_handler(caplog: pytest.LogCaptureFixture) -> None:
    """An exception in the handler is answered 500 without details and logged once."""

    async def broken(request: Request) -> Response:
        if request.target == "/bug":
            raise RuntimeError("secret")
        return Response()

    async with Server(broken) as server, talk(server) as sender:
        await sender.send(GET.replace(b"/ ", b"/bug ") + GET)

        assert await sender.answer() == (
            500,
            b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n",
            b"",
        )
        assert (await sender.answer())[0] == 200

    assert [record.levelno for record in caplog.records] == [logging.ERROR]
    caplog.clear()


async def test_unsendable_answer(caplog: pytest.LogCaptureFixture) -> None:
    """An answer with a line break in a header is replaced by a 500."""

    async def split(request: Request) -> Response:
        return Response(headers=((b"X", b"1\r\nY: 2"),))

    async with Server(split) as server, talk(server) as sender:
        await sender.send(GET)
        assert (await sender.answer())[0] == 500

    assert len(caplog.records) == 1
    caplog.clear()


async def test_bad_syntax_is_reported(server: Server, echo: Echo) -> None:
    """Malformed input is reported with its bytes, answered 400, and the connection closed."""
    async with talk(server) as sender:
        await sender.send(b"rubbish\r\n\r\n")
        answer = await sender.everything()

    assert answer == b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    [refused] = echo.refused
    assert (refused.raw, refused.status, refused.peer) == (b"rubbish\r\n\r\n", 400, "127.0.0.1")
    assert refused.reason.startswith("This was not HTTP/1.1: ")


async def test_report_comes_before_the_answer() -> None:
    """The sender is answered only after its malformed bytes have been reported."""
    reported = asyncio.Event()

    async def report(malformed: Malformed) -> None:
        await reported.wait()

    async with Server(Echo(), on_malformed=report) as server, talk(server) as sender:
        await sender.send(b"\x00")
        reading = asyncio.gather(sender.everything())
        await until(lambda: is_busy(server))
        assert not reading.done()
        reported.set()

        assert (await reading)[0].startswith(b"HTTP/1.1 400 ")


async def test_failing_report(caplog: pytest.LogCaptureFixture) -> None:
    """A report that fails is logged, and the sender is answered nevertheless."""

    async def report(malformed: Malformed) -> None:
        raise RuntimeError

    async with Server(Echo(), on_malformed=report) as server, talk(server) as sender:
        await sender.send(b"\x00")
        assert (await sender.everything()).startswith(b"HTTP/1.1 400 ")

    assert len(caplog.records) == 1
    caplog.clear()


async def test_large_body(hurried: Server, echo: Echo) -> None:
    """A body over the limit is answered 413 while it is sent, and its beginning is kept."""
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n"

    async with talk(hurried) as sender:
        await sender.send(head + b"x" * 2_000_000)
        answer = await sender.everything()

    assert answer.startswith(b"HTTP/1.1 413 ")
    [refused] = echo.refused
    assert refused.raw.startswith(head + b"x" * 1000)
    assert len(refused.raw) < 2_000_000


async def test_many_large_bodies(echo: Echo) -> None:
    """Large requests share a limit, so that many senders together cannot exhaust the memory."""
    head = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 290000\r\n\r\n"
    server = Server(echo, on_malformed=echo.refuse, limits=Limits(buffered_bytes=300_000))

    async with server, talk(server) as first, talk(server) as second, talk(server) as small:
        await first.send(head)
        await until(lambda: is_busy(server))
        await first.send(b"x" * 289_999)
        await until(lambda: server._shared.buffered == len(head) + 289_999)
        await second.send(head + b"x" * 290_000)
        status, head, _ = await second.answer()
        assert status == 503
        assert b"\r\nRetry-After: 10\r\n" in head
        await small.send(POST)
        await until(lambda: is_busy(server, connections=2))
        await small.send(b"body")
        assert (await small.answer())[0] == 200
        await first.send(b"x")
        assert (await first.answer())[0] == 200
        await until(lambda: server._shared.buffered == 0)

    assert [refused.status for refused in echo.refused] == [503]


async def test_slow_head(hurried: Server, echo: Echo) -> None:
    """A slow head is refused at its deadline, however regularly bytes arrive."""
    async with talk(hurried) as sender:
        await sender.send(b"GET / HTTP/1.1\r\nHost: here\r\n")

        async def trickle() -> None:
            while not sender.reader.at_eof():
                await sender.send(b"X: 1\r\n")
                await asyncio.sleep(0.01)

        answer, _ = await asyncio.gather(sender.everything(), trickle())

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert echo.refused[0].raw.startswith(b"GET / HTTP/1.1\r\nHost: here\r\nX: 1\r\n")
    assert echo.refused[0].reason == "The head of the request did not arrive in time."


@pytest.mark.parametrize("pieces", [(POST + b"b",), (POST[:9], POST[9:] + b"b")])
async def test_slow_body(hurried: Server, echo: Echo, pieces: tuple[bytes, ...]) -> None:
    """A body that does not arrive in time is answered 408 and reported."""
    async with talk(hurried) as sender:
        for piece in pieces:
            await sender.send(piece)
            await until(lambda: is_busy(hurried))
        answer = await sender.everything()

    assert answer.startswith(b"HTTP/1.1 408 ")
    assert echo.refused[0].raw == POST + b"b"
    assert echo.refused[0].reason == "The body of the request did not arrive in time."


@pytest.mark.parametrize("data", [b"", b"\r\n", GET])
async def test_idle_connection_is_closed(hurried: Server, echo: Echo, data: bytes) -> None:
    """An idle connection is closed without an answer."""
    async with talk(hurried) as sender:
        await sender.send(data)
        if data == GET:
            await sender.answer()

        assert await sender.everything() == b""

    assert echo.refused == []


@pytest.mark.parametrize("data", [b"GET / HT", POST, POST + b"bo"])
async def test_incomplete_request(server: Server, echo: Echo, data: bytes) -> None:
    """A request whose sender disconnects early is reported with the bytes that arrived."""
    async with talk(server) as sender:
        await sender.send(data)
        sender.writer.write_eof()
        answer = await sender.everything()

    assert answer.startswith(b"HTTP/1.1 400 ")
    [refused] = echo.refused
    assert refused.raw == data
    assert refused.reason == "The sender closed the connection before the request was whole."


async def test_killed_sender(server: Server, echo: Echo) -> None:
    """A sender that resets its connection leaves nothing but a report."""
    async with talk(server) as sender:
        await sender.send(POST + b"bo")
        await until(lambda: is_busy(server))
        sender.kill()
        await until(lambda: server.connections == 0)

    assert [refused.raw for refused in echo.refused] == [POST + b"bo"]


async def test_sender_killed_before_the_answer() -> None:
    """A handler runs to its end even if the sender has disconnected."""
    begun, go_on, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(request: Request) -> Response:
        begun.set()
        await go_on.wait()
        done.set()
        return Response(body=b"x" * 1_000_000)

    async with Server(slow) as server:
        async with talk(server) as sender:
            await sender.send(GET)
            await begun.wait()
            sender.kill()
        go_on.set()
        await until(lambda: server.connections == 0)

    assert done.is_set()


async def test_unread_answer() -> None:
    """An answer that the sender does not read is abandoned at the deadline."""

    async def large(request: Request) -> Response:
        return Response(body=b"x" * 20_000_000)

    async with Server(large, limits=HURRY) as server, talk(server) as sender:
        sender.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await sender.send(GET)
        await until(lambda: server.connections == 1)
        await until(lambda: server.connections == 0)


async def answered(fault: Fault, body: bytes = b"0123456789") -> bytes:
    async def faulty(request: Request) -> Response:
        return Response(body=body, fault=fault)

    async with Server(faulty) as server, talk(server) as sender:
        await sender.send(GET.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"))
        return await sender.everything()


async def test_fault_cut() -> None:
    """A cut answer declares its full length and ends after a part of the body."""
    assert await answered(Fault(cut_after=4)) == (
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n0123"
    )


@pytest.mark.parametrize("length", [3, 30])
async def test_fault_wrong_length(length: int) -> None:
    """An answer with a false length declares another length than it has."""
    assert await answered(Fault(declared_length=length)) == (
        b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\nConnection: close\r\n\r\n0123456789" % length
    )


@pytest.mark.parametrize("fault", [Fault(reset=True), Fault(reset=True, cut_after=4)])
async def test_fault_reset(fault: Fault) -> None:
    """A reset fault resets the sender's connection."""
    with pytest.raises(ConnectionResetError):
        await answered(fault)


async def test_fault_drip() -> None:
    """An answer sent in slow pieces is complete in the end."""
    assert (await answered(Fault(drip=0.001), b"0123456789" * 3)).endswith(b"0123456789" * 3)
    assert (await answered(Fault(drip=0.001), b"")).endswith(b"\r\n\r\n")


async def test_fault_delay() -> None:
    """A delayed answer arrives, and not before the delay is over."""
    loop = asyncio.get_running_loop()
    start = loop.time()

    answer = await answered(Fault(delay=0.05))

    assert answer.endswith(b"0123456789")
    assert loop.time() - start >= 0.05


async def test_fault_ends_with_the_server() -> None:
    """Closing the server ends a delay early."""

    async def hanging(request: Request) -> Response:
        begun.set()
        return Response(fault=Fault(delay=3600))

    begun = asyncio.Event()
    server = await Server(hanging).__aenter__()
    async with talk(server) as sender:
        await sender.send(GET)
        await begun.wait()
        async with asyncio.timeout(PATIENCE):
            await server.close(grace=3600)

        assert await sender.everything() == b""


async def test_sender_gone_during_a_drip() -> None:
    """An answer in slow pieces ends when its sender disconnects."""

    async def dripping(request: Request) -> Response:
        return Response(body=b"x" * 10, fault=Fault(drip=0.01))

    async with Server(dripping) as server:
        async with talk(server) as sender:
            await sender.send(GET)
            await sender.reader.readuntil(b"\r\n\r\n")
        await until(lambda: server.connections == 0)
