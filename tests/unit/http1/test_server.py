"""The server as a whole."""

import asyncio
import random
import resource
import socket
from contextlib import suppress

import pytest

from ibconsole.http1.incoming import Limits
from ibconsole.http1.message import Request, Response
from ibconsole.http1.server import ListenError, Server, connection_limit
from tests.unit.http1.talking import GET, PATIENCE, UNRESOLVABLE, Echo, Sender, talk, until


async def test_url_leads_to_the_server() -> None:
    """The URL contains the actual port, and an IPv6 address in brackets."""
    async with Server(Echo()) as server:
        assert server.port > 0
        assert server.url == f"http://127.0.0.1:{server.port}"

    assert Server(Echo(), host="::1", port=8).url == "http://[::1]:8"


async def test_an_ipv4_address_in_ipv6_form() -> None:
    """An IPv4 address in the form of IPv6 is the IPv4 address."""
    async with Server(Echo(), host="::ffff:127.0.0.1") as server:
        _, writer = await asyncio.open_connection("127.0.0.1", server.port)
        writer.close()
        await writer.wait_closed()


async def test_the_loop_is_that_in_which_the_server_listens() -> None:
    """A server may be created without a loop, or in another one; it runs where it listens."""

    async def create() -> Server:
        return Server(Echo())

    elsewhere = await asyncio.to_thread(asyncio.run, create())
    for server in (elsewhere, await asyncio.to_thread(Server, Echo())):
        async with server, talk(server) as sender:
            await sender.send(GET)
            assert (await sender.answer())[0] == 200


async def test_port_in_use() -> None:
    """A port in use is named in a sentence."""
    async with Server(Echo()) as first:
        with pytest.raises(ListenError, match=rf"Port {first.port} of 127.0.0.1 is in use"):
            await Server(Echo(), port=first.port).__aenter__()


@pytest.mark.parametrize(
    ("host", "port", "sentence"),
    [
        ("192.0.2.1", 0, r"192\.0\.2\.1 is not an address of this computer\."),
        ("255.255.255.255", 0, r"255.255.255.255 is not an address of this computer\."),
        ("ff02::1%lo", 0, r"ff02::1%lo is not an address of this computer\."),
        (UNRESOLVABLE, 0, r"The name nowhere\..* is not known\."),
        ("127.0.0.1", 70000, r"70000 is not a port;"),
    ],
)
async def test_unusable_address(host: str, port: int, sentence: str) -> None:
    """An address that cannot be used is explained in a sentence."""
    with pytest.raises(ListenError, match=sentence):
        await Server(Echo(), host=host, port=port).__aenter__()


@pytest.mark.parametrize(
    ("number", "words"), [(13, "reserved for the system"), (5, "cannot listen on port 80")]
)
def test_other_reasons(number: int, words: str) -> None:
    """Missing permissions have a sentence of their own; other errors share one."""
    from ibconsole.http1.server import _explain_failure  # noqa: PLC0415

    assert words in _explain_failure(OSError(number, "why"), "here", 80)


class Held:
    """A handler that answers when it is released."""

    def __init__(self) -> None:
        self.begun, self.released = asyncio.Event(), asyncio.Event()

    async def __call__(self, request: Request) -> Response:
        self.begun.set()
        await self.released.wait()
        return Response()


ONE = Limits(connections=1)


async def test_too_many_connections(caplog: pytest.LogCaptureFixture) -> None:
    """A connection over the limit is answered 503 at once; a request under way is not affected."""
    held = Held()
    async with Server(held, limits=ONE) as server, talk(server) as first:
        await first.send(GET)
        await held.begun.wait()
        for _ in range(3):
            async with talk(server) as second:
                answer = await second.everything()
                assert answer.startswith(b"HTTP/1.1 503 ")
                assert b"\r\nRetry-After: 10\r\n" in answer
        held.released.set()
        assert (await first.answer())[0] == 200
        assert server.connections == 1

    assert len(caplog.records) == 1, "the limit is named once in the log"
    caplog.clear()


async def test_idle_connections_make_room(caplog: pytest.LogCaptureFixture) -> None:
    """At the limit, the connection that is idle for the longest time is closed for a new one."""
    held = Held()
    async with Server(held, limits=Limits(connections=3)) as server, talk(server) as busy:
        await busy.send(GET)
        await held.begun.wait()
        async with talk(server) as served, talk(server) as silent:
            await until(lambda: server.connections == 3)
            held.released.set()
            await busy.answer()
            await served.send(GET)
            await served.answer()
            async with talk(server) as new:
                await new.send(GET)
                assert (await new.answer())[0] == 200
                assert await silent.everything() == b""
                await busy.send(GET)
                assert (await busy.answer())[0] == 200

    caplog.clear()


async def test_flood_of_connections(caplog: pytest.LogCaptureFixture) -> None:
    """Every connection of a flood is rejected; once one ends, a new one is accepted."""
    held = Held()
    async with Server(held, limits=ONE) as server:
        async with talk(server) as first:
            await first.send(GET)
            await held.begun.wait()
            flood = [await asyncio.open_connection(server.host, server.port) for _ in range(100)]
            for reader, writer in flood:
                sender = Sender(reader, writer)
                with suppress(ConnectionResetError):
                    assert (await sender.everything())[9:12] in {b"", b"503"}
                sender.kill()
            held.released.set()
            assert (await first.answer())[0] == 200
        await until(lambda: server.connections == 0)
        async with talk(server) as last:
            await last.send(GET)
            assert (await last.answer())[0] == 200

    assert len(caplog.records) == 1
    caplog.clear()


@pytest.mark.parametrize(
    ("open_files", "limit"), [(1024, 256), (256, 208), (64, 16), (50, 4), (10, 4)]
)
def test_limit_of_connections(open_files: int, limit: int) -> None:
    """The limit of connections leaves descriptors of the system for the archive and files."""
    assert connection_limit(256, open_files) == limit


async def test_exhausted_descriptors(caplog: pytest.LogCaptureFixture) -> None:
    """Connections that cannot be accepted for want of descriptors are named once in the log."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    async with Server(Echo()) as server, talk(server) as idle:
        await until(lambda: server.connections == 1)
        probe = socket.socket()
        used = probe.fileno()
        probe.settimeout(0)
        resource.setrlimit(resource.RLIMIT_NOFILE, (used + 1, hard))
        try:
            probe.connect_ex((server.host, server.port))
            await until(lambda: bool(caplog.records))
            assert await idle.everything() == b""
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            probe.close()
        async with talk(server) as last:
            await last.send(GET)
            assert (await last.answer())[0] == 200

    assert len(caplog.records) == 1
    caplog.clear()


async def test_request_under_way_is_finished() -> None:
    """Closing answers requests under way, closes idle connections, and accepts no new ones."""
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(request: Request) -> Response:
        begun.set()
        await go_on.wait()
        return Response()

    server = await Server(slow).__aenter__()
    async with talk(server) as idle, talk(server) as busy:
        await until(lambda: server.connections == 2)
        await busy.send(GET)
        await begun.wait()
        closing = asyncio.gather(server.close(grace=PATIENCE))
        assert await idle.everything() == b""
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(server.host, server.port)
        go_on.set()
        answer = await busy.everything()
        await closing

    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b"Connection: close\r\n" in answer
    assert server.connections == 0


async def test_grace_ends() -> None:
    """A request still under way at the end of the grace period is aborted."""
    begun = asyncio.Event()

    async def endless(request: Request) -> Response:
        begun.set()
        await asyncio.Event().wait()
        raise AssertionError

    server = await Server(endless).__aenter__()
    async with talk(server) as sender:
        await sender.send(GET)
        await begun.wait()
        async with asyncio.timeout(PATIENCE):
            await server.close(grace=0.01)

        assert await sender.everything() == b""
    assert server.connections == 0


async def test_close_twice() -> None:
    """Closing again has no effect, nor has closing a server that never listened."""
    async with Server(Echo()) as server:
        await server.close()
    await Server(Echo()).close()


async def test_close_during_a_rejection(caplog: pytest.LogCaptureFixture) -> None:
    """Closing does not wait for rejected connections."""
    server = await Server(Echo(), limits=Limits(connections=0)).__aenter__()
    async with talk(server) as sender:
        assert (await sender.everything()).startswith(b"HTTP/1.1 503 ")
        await server.close(grace=3600)
    caplog.clear()


async def test_rejected_sender_resets(caplog: pytest.LogCaptureFixture) -> None:
    """A rejected sender may reset its connection."""
    async with Server(Echo(), limits=Limits(connections=0)) as server, talk(server) as sender:
        await sender.everything()
        sender.kill()
        await until(lambda: not server._leaving)
    caplog.clear()


async def test_unforeseen_error(caplog: pytest.LogCaptureFixture) -> None:
    """An unforeseen error ends one connection and is logged."""

    class Unforeseen(BaseException):
        pass

    async def odd(request: Request) -> Response:
        if request.target == "/":
            raise Unforeseen
        return Response()

    async with Server(odd) as server:
        async with talk(server) as sender:
            await sender.send(GET)
            assert await sender.everything() == b""
        async with talk(server) as sender:
            await sender.send(GET.replace(b"/ ", b"/good "))
            assert (await sender.answer())[0] == 200

    assert [record.getMessage() for record in caplog.records] == ["A connection failed."]
    caplog.clear()


async def test_many_at_once() -> None:
    """Many connections are served at the same time, each in its own order."""

    async def one(server: Server, number: int) -> None:
        async with talk(server) as sender:
            for turn in range(5):
                await sender.send(b"GET /%d/%d HTTP/1.1\r\nHost: a\r\n\r\n" % (number, turn))
                assert (await sender.answer())[2] == b"/%d/%d" % (number, turn)

    async with Server(Echo()) as server:
        await asyncio.gather(*(one(server, number) for number in range(64)))


CHUNKED = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n"
POST = b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc"


def rubbish(dice: random.Random) -> bytes:
    """Return a request that was damaged at random; it may still be valid."""
    data = bytearray(dice.choice([GET, POST, CHUNKED, dice.randbytes(50)]))
    for _ in range(dice.randrange(1, 6)):
        place = dice.randrange(len(data))
        data[place : place + dice.randrange(3)] = dice.randbytes(dice.randrange(3))
    return bytes(data)


@pytest.mark.slow
async def test_2000_broken_requests() -> None:
    """After 2,000 broken requests a good one is answered, and no connection is left open."""
    dice = random.Random(1)  # noqa: S311  # the same bytes in every run
    echo = Echo()

    async def attack(server: Server) -> None:
        for _ in range(100):
            data = rubbish(dice)
            async with talk(server) as sender:
                await sender.send(data)
                if dice.random() < 0.5:
                    sender.writer.write_eof()
                    with suppress(ConnectionResetError):
                        await sender.everything()

    async with Server(echo, on_malformed=echo.refuse) as server:
        await asyncio.gather(*(attack(server) for _ in range(20)))
        async with talk(server) as sender:
            await sender.send(b"GET /good HTTP/1.1\r\nHost: a\r\n\r\n")
            assert (await sender.answer())[2] == b"/good"
        await until(lambda: server.connections == 0)

    assert len(echo.refused) > 1000
    assert all(refused.reason and refused.raw for refused in echo.refused)


async def test_answers_do_not_wait_for_nagle() -> None:
    """Small answers are sent at once: Nagle's algorithm is disabled."""
    async with Server(Echo()) as server, talk(server) as sender:
        await sender.send(GET)
        await sender.answer()
        [connection] = server._open
        sock = connection._transport.get_extra_info("socket")

        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) != 0
