import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from ibconsole.http1 import Request, Response, Server
from ibconsole.simulator.clock import Clock
from ibconsole.simulator.forwarding import RETRIES, Forwarder, pause_before_retry
from ibconsole.simulator.mailbox import Way


class Receiver:
    """A customer's server that says no as often as it is told."""

    def __init__(self, refusals: int = 0) -> None:
        self.refusals = refusals
        self.bodies: list[bytes] = []
        self.content_type: str | None = None

    async def __call__(self, request: Request) -> Response:
        self.bodies.append(request.body)
        self.content_type = request.header("content-type")
        self.refusals -= 1
        return Response(503 if self.refusals >= 0 else 200)


@asynccontextmanager
async def at_work(forwarder: Forwarder) -> AsyncIterator[None]:
    task = asyncio.get_running_loop().create_task(forwarder.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def settled(forwarder: Forwarder) -> None:
    async with asyncio.timeout(10):
        while forwarder.waiting:
            await asyncio.sleep(0.002)


async def test_a_message_is_posted_in_its_envelope() -> None:
    """The receiver gets what the contract documents, and its 200 ends the matter."""
    receiver, way = Receiver(), Way("forward")
    async with Server(receiver) as server:
        way.url = f"{server.url}/in"
        forwarder = Forwarder(Clock(1.0), anywhere=False)
        async with at_work(forwarder):
            forwarder.hand({"messageId": "m"}, way)
            await settled(forwarder)

    assert json.loads(receiver.bodies[0]) == {
        "results": [{"messageId": "m"}],
        "messageCount": 1,
        "pendingMessageCount": 0,
    }
    assert receiver.content_type == "application/json;charset=UTF-8"
    assert (way.state, way.attempts, forwarder.delivered) == ("delivered", 1, 1)


async def test_a_failed_forward_is_tried_again_by_the_published_rule() -> None:
    """On a clock that goes fast enough, and until it is taken."""
    receiver, way = Receiver(refusals=2), Way("forward")
    async with Server(receiver) as server:
        way.url = server.url
        forwarder = Forwarder(Clock(60_000.0), anywhere=False)
        async with at_work(forwarder):
            forwarder.hand({}, way)
            await settled(forwarder)

    assert (way.state, way.attempts, len(receiver.bodies)) == ("delivered", 3, 3)


async def test_after_twenty_retries_a_message_is_lost() -> None:
    """The rule ends somewhere, and the loss is counted."""
    receiver, way = Receiver(refusals=1_000), Way("forward")
    async with Server(receiver) as server:
        way.url = server.url
        forwarder = Forwarder(Clock(10_000_000.0), anywhere=False)
        async with at_work(forwarder):
            forwarder.hand({}, way)
            await settled(forwarder)

    assert (way.state, way.attempts, forwarder.lost) == ("lost", RETRIES + 1, 1)


def test_the_pauses_are_the_published_ones() -> None:
    """1 min + n² min: the last retry comes after 41 h 30 min, as is told."""
    assert [pause_before_retry(number) / 60 for number in range(4)] == [1, 2, 5, 10]
    assert sum(map(pause_before_retry, range(RETRIES))) == (41 * 60 + 30) * 60


async def test_nobody_else_is_contacted() -> None:
    """A host beyond this machine is counted and never reached, unless that was asked for."""
    forwarder = Forwarder(Clock(1.0), anywhere=False)
    way = Way("forward", url="http://192.0.2.1/in")
    forwarder.hand({}, way)

    assert (way.state, forwarder.refused_hosts, forwarder.waiting) == ("not allowed", 1, 0)
    assert forwarder.attempts == 0


async def test_what_waits_is_bounded() -> None:
    """Beyond the room a message is lost, and said to be."""
    forwarder = Forwarder(Clock(1.0), anywhere=False, room=1)
    ways = [Way("forward", url="http://127.0.0.1:9/") for _ in range(2)]
    for way in ways:
        forwarder.hand({}, way)

    assert [way.state for way in ways] == ["waiting", "lost"]
