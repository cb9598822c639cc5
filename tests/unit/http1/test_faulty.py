"""Answers with a deliberate defect, and what is reported of them."""

import asyncio
import socket
from collections.abc import Callable
from contextlib import AsyncExitStack
from functools import partial

import pytest

from ibconsole.http1.faulty import FaultySending, has_pause
from ibconsole.http1.incoming import Limits
from ibconsole.http1.message import (
    AnswerPart,
    Fault,
    PendingResponse,
    Request,
    Response,
    SentEnd,
)
from ibconsole.http1.server import Server
from tests.unit.http1.talking import GET, Sender, talk

BODY = b"0123456789"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n"


class Parts:
    """A handler that answers with a fault, and keeps what was sent."""

    def __init__(self, fault: Fault, body: bytes = BODY) -> None:
        self._fault = fault
        self._body = body
        self._changed = asyncio.Event()
        self.requests: list[Request] = []
        self.sent: list[AnswerPart] = []

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        self._changed.set()
        return Response(body=self._body, fault=self._fault, on_sent=self._report)

    def _report(self, part: AnswerPart) -> None:
        self.sent.append(part)
        self._changed.set()

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(5):
            while not is_so():
                self._changed.clear()
                await self._changed.wait()

    def has_received(self, requests: int) -> bool:
        return len(self.requests) == requests

    async def ends(self) -> list[tuple[SentEnd, int]]:
        await self.until(lambda: bool(self.sent))
        return [(part.end, part.size) for part in self.sent]


@pytest.mark.parametrize(
    ("fault", "body", "received"),
    [
        (Fault(), BODY, HEAD + b"\r\n" + BODY),
        (Fault(cut_after=5), BODY, HEAD + b"Connection: close\r\n\r\n01234"),
        (Fault(drip=0.0001), BODY, HEAD + b"\r\n" + BODY),
        (Fault(drip=0.0001), b"", HEAD.replace(b"10", b"0") + b"\r\n"),
        (Fault(hang=0.0), BODY, b""),
        (Fault(hang=0.001, delay=0.001), BODY, b""),
    ],
)
async def test_what_was_sent_is_reported(fault: Fault, body: bytes, received: bytes) -> None:
    """The report has the bytes that the sender got, head included."""
    handler = Parts(fault, body)
    async with Server(handler) as server, talk(server) as sender:
        await sender.send(GET)
        assert await handler.ends() == [(SentEnd.COMPLETE, len(received))]
        sender.writer.write_eof()
        assert await sender.everything() == received


async def test_a_reset_after_the_head() -> None:
    """A reset after the head sends the head alone."""
    handler = Parts(Fault(reset=True, cut_after=0))
    async with Server(handler) as server, talk(server) as sender:
        await sender.send(GET)
        assert await handler.ends() == [(SentEnd.COMPLETE, len(HEAD) + 21)]
        with pytest.raises(ConnectionResetError):
            await sender.everything()


@pytest.mark.parametrize("fault", [Fault(hang=60.0), Fault(delay=60.0)])
async def test_a_sender_that_resets_has_left(fault: Fault) -> None:
    """A sender that gives up during a pause ends it."""
    handler = Parts(fault)
    async with Server(handler) as server, talk(server) as sender:
        await sender.send(GET)
        await handler.until(lambda: bool(handler.requests))
        sender.kill()
        assert await handler.ends() == [(SentEnd.LEFT, 0)]
        assert server.connections == 0


async def test_a_sender_that_closes_leaves_a_hang() -> None:
    """Nothing will be sent, so a closed half is enough to end a hang."""
    handler = Parts(Fault(hang=60.0))
    async with Server(handler) as server, talk(server) as sender:
        await sender.send(GET)
        sender.writer.write_eof()
        assert await handler.ends() == [(SentEnd.LEFT, 0)]


async def test_a_closed_half_is_answered_late() -> None:
    """A sender that only closed its half reads the answer after the delay."""
    handler = Parts(Fault(delay=0.01))
    async with Server(handler) as server, talk(server) as sender:
        await sender.send(GET)
        sender.writer.write_eof()
        assert await sender.everything() == HEAD + b"\r\n" + BODY


class Later:
    """A handler whose answers are given by the test."""

    def __init__(self) -> None:
        self.pending: list[PendingResponse] = []
        self.sent: list[AnswerPart] = []

    def __call__(self, _: Request) -> PendingResponse:
        self.pending.append(PendingResponse())
        return self.pending[-1]

    def give(self, fault: Fault) -> None:
        self.pending[0].give(Response(body=BODY, fault=fault, on_sent=self.sent.append))


async def until(is_so: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not is_so():
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("fault", [Fault(), Fault(delay=60.0)])
async def test_a_sender_that_left_before_there_was_an_answer(fault: Fault) -> None:
    """An answer that comes too late for its sender is not sent, and not waited for."""
    handler = Later()
    async with Server(handler) as server, talk(server) as sender:
        await sender.send(GET)
        await until(lambda: bool(handler.pending))
        sender.kill()
        await until(lambda: any(one._is_lost for one in server._open))
        handler.give(fault)
        await until(lambda: not server.connections)
    assert [(part.end, part.size) for part in handler.sent] == [(SentEnd.LEFT, 0)]


async def test_a_sender_that_closed_its_half_before_there_was_a_hang() -> None:
    """A hang that begins after the sender closed its half ends at once."""
    handler = Later()
    async with Server(handler) as server, talk(server) as sender:
        await sender.send(GET)
        sender.writer.write_eof()
        await until(lambda: any(one._at_eof for one in server._open))
        handler.give(Fault(hang=60.0))
        await until(lambda: bool(handler.sent))
    assert [(part.end, part.size) for part in handler.sent] == [(SentEnd.LEFT, 0)]


async def test_a_sender_that_closed_is_not_taken_for_a_reader() -> None:
    """An answer to a sender that has gone is not reported as sent, but the time of its leaving."""
    handler = Later()
    async with Server(handler) as server:
        with socket.create_connection(("127.0.0.1", server.port)) as sock:
            sock.sendall(GET)
        await until(lambda: any(one._at_eof for one in server._open))
        handler.give(Fault(delay=0.02))
        await until(lambda: bool(handler.sent))
        [part] = handler.sent
        assert part.end is SentEnd.LEFT
        assert part.seconds < 0.02


async def test_no_pause_begins_while_the_server_shuts_down() -> None:
    """An answer that would wait on purpose is given up at once when the server stops."""
    handler = Later()
    async with Server(handler) as server, talk(server) as sender:
        await sender.send(GET)
        await until(lambda: bool(handler.pending))
        closing = asyncio.ensure_future(server.close())  # noqa: TID251 a test's own
        await asyncio.sleep(0)
        handler.give(Fault(delay=60.0))
        await closing
    assert [(part.end, part.size) for part in handler.sent] == [(SentEnd.STOPPED, 0)]


async def test_the_server_ends_a_hang() -> None:
    """Shutting down takes no longer because a connection hangs."""
    handler = Parts(Fault(hang=60.0))
    async with Server(handler) as server, talk(server) as sender:
        await sender.send(GET)
        await handler.until(lambda: bool(handler.requests))
        await server.close()
        assert await handler.ends() == [(SentEnd.STOPPED, 0)]


async def test_an_answer_that_is_not_read() -> None:
    """A reader that stops is given up, and the report has what the system took."""
    handler = Parts(Fault(), b"x" * (32 << 20))
    limits = Limits(body_seconds=0.1)
    async with Server(handler, limits=limits) as server, talk(server) as sender:
        await sender.send(GET)
        [(end, size)] = await handler.ends()
    assert end is SentEnd.UNREAD
    assert 0 < size < 32 << 20


async def test_requests_are_read_while_an_answer_waits() -> None:
    """A late answer keeps no request of its connection from the handler."""
    handler = Parts(Fault(delay=0.02))
    async with Server(handler) as server, talk(server) as sender:
        await sender.send(GET + GET)
        await handler.until(lambda: len(handler.requests) == 2)
        assert handler.sent == []
        assert [(await sender.answer())[0] for _ in range(2)] == [200, 200]


async def test_answers_behind_a_closing_one_are_reported() -> None:
    """An answer that is given up because of an earlier one is no open question."""
    handler = Parts(Fault(delay=0.01, cut_after=0))
    async with Server(handler) as server, talk(server) as sender:
        await sender.send(GET + GET)
        await handler.until(lambda: len(handler.sent) == 2)
    assert {part.end for part in handler.sent} == {SentEnd.COMPLETE, SentEnd.FAILED}


@pytest.mark.parametrize("fault", [Fault(hang=60.0), Fault(delay=60.0)])
async def test_waiting_connections_make_room(
    fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    """A connection that waits on purpose never keeps out a new one: its request is stored."""
    handler = Parts(fault)
    async with Server(handler, limits=Limits(connections=4)) as server, AsyncExitStack() as stack:
        senders: list[Sender] = []
        for number in range(1, 10):
            senders.append(await stack.enter_async_context(talk(server)))
            await senders[-1].send(GET)
            await handler.until(partial(handler.has_received, number))
        assert server.connections == 4
        assert [part.end for part in handler.sent] == [SentEnd.ROOM] * 5
        assert [await sender.everything() for sender in senders[:5]] == [b""] * 5
    caplog.clear()  # of the warning about the limit


@pytest.mark.parametrize("fault", [Fault(hang=60.0), Fault(delay=60.0)])
async def test_waiting_connections_go_before_new_ones(
    fault: Fault, caplog: pytest.LogCaptureFixture
) -> None:
    """Of connections that come together each is kept until its request is stored."""
    handler = Parts(fault)
    async with Server(handler, limits=Limits(connections=4)) as server, AsyncExitStack() as stack:
        for number in range(1, 5):
            sender = await stack.enter_async_context(talk(server))
            await sender.send(GET)
            await handler.until(partial(handler.has_received, number))
        senders = [await stack.enter_async_context(talk(server)) for _ in range(3)]
        for sender in senders:
            await sender.send(GET)
        await handler.until(partial(handler.has_received, 7))
    caplog.clear()  # of the warning about the limit


async def test_senders_that_do_not_read_make_room(caplog: pytest.LogCaptureFixture) -> None:
    """A large answer that is not read keeps no other request out."""
    handler = Parts(Fault(), b"x" * (32 << 20))
    async with Server(handler, limits=Limits(connections=4)) as server, AsyncExitStack() as stack:
        for number in range(1, 7):
            sender = await stack.enter_async_context(talk(server))
            sender.writer.transport.pause_reading()  # type: ignore[attr-defined]
            await sender.send(GET)
            await handler.until(partial(handler.has_received, number))
        assert [part.end for part in handler.sent] == [SentEnd.ROOM] * 2
        assert all(0 < part.size < 32 << 20 for part in handler.sent)
    caplog.clear()  # of the warning about the limit


async def test_a_hang_goes_before_an_idle_connection(caplog: pytest.LogCaptureFixture) -> None:
    """An idle connection may bring a request; one that hangs brings none."""
    handler = Parts(Fault(hang=60.0))
    async with (
        Server(handler, limits=Limits(connections=4)) as server,
        talk(server) as idle,
        talk(server) as hanging,
        talk(server),
        talk(server),
    ):
        await hanging.send(GET)
        await handler.until(lambda: bool(handler.requests))
        async with talk(server) as another:
            await another.send(GET)
            await handler.until(lambda: len(handler.requests) == 2)
            await idle.send(GET)
            await handler.until(lambda: len(handler.requests) == 3)
    caplog.clear()  # of the warning about the limit


async def test_a_failing_sending_is_reported(caplog: pytest.LogCaptureFixture) -> None:
    """A bug while an answer is sent ends it, and is no success."""

    class Broken(asyncio.Transport):
        def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
            """Accept every limit."""

        def is_closing(self) -> bool:
            return True

    def fail(data: bytes) -> None:
        raise ValueError

    async def drain() -> None:
        """Return at once."""

    parts: list[AnswerPart] = []
    ended: asyncio.Future[FaultySending] = asyncio.get_running_loop().create_future()
    sending = FaultySending(Broken(), fail, drain, ended.set_result)
    sending.start(Response(on_sent=parts.append), (b"head", b""), Fault(delay=0.001))

    assert not (await ended).succeeded
    assert [part.end for part in parts] == [SentEnd.FAILED]
    assert "An answer could not be sent." in caplog.text
    caplog.clear()


async def test_what_the_system_does_not_take_at_once_is_waited_for() -> None:
    """A small answer is reported once all of it was taken, not before."""

    class Full(asyncio.Transport):
        sizes = iter((0, 3, 0))

        def get_write_buffer_size(self) -> int:
            return next(self.sizes)

        def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
            """Accept every limit."""

        def is_closing(self) -> bool:
            return True

    written: list[bytes] = []
    taken = asyncio.Event()
    parts: list[AnswerPart] = []
    ended: asyncio.Future[FaultySending] = asyncio.get_running_loop().create_future()

    async def drain() -> None:
        await taken.wait()

    sending = FaultySending(Full(), written.append, drain, ended.set_result)
    assert sending.start(Response(on_sent=parts.append), (b"head", b"body"), Fault())
    assert (written, parts) == ([b"headbody"], [])
    taken.set()

    assert (await ended).succeeded
    assert [(part.end, part.size) for part in parts] == [(SentEnd.COMPLETE, 8)]


def test_pauses() -> None:
    """A fault without a pause is sent while the server shuts down."""
    faults = [Fault(delay=1), Fault(drip=1), Fault(hang=1), Fault(hang=0), Fault(cut_after=0)]

    assert [has_pause(fault) for fault in faults] == [True, True, True, False, False]
