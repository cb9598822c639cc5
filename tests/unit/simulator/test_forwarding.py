import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from ibconsole.http1.message import Fault, Request, Response
from ibconsole.http1.server import Server
from ibconsole.simulator.clock import SimulatedClock
from ibconsole.simulator.forwarding import (
    ForwardAttempt,
    Forwarder,
    is_forwardable,
    is_loopback,
    targets_loopback,
)
from ibconsole.simulator.inbox import MessageRoute, RouteKind
from ibconsole.simulator.settings import PUBLISHED_DELAYS


@pytest.mark.parametrize(
    ("url", "possible"),
    [
        ("https://example.com/in", True),
        ("http://127.0.0.1:8484/in?x=1", True),
        ("ftp://example.com", False),
        ("example.com/in", False),
        ("http://", False),
        ("http://a b", False),
        ("http://a:99999", False),
        ("http://a\\b", False),
        ("http://[::1", False),
    ],
)
def test_urls_that_messages_can_be_forwarded_to(url: str, possible: bool) -> None:
    """A forward URL is an http or https URL with a host, without blanks."""
    assert is_forwardable(url) is possible


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("LOCALHOST", True),
        ("127.0.0.1:80", True),
        ("[::1]:80", True),
        ("127.0.0.1.example.com", False),
        ("192.168.0.1", False),
        ("2130706433", False),
        ("169.254.0.1", False),
        ("", False),
    ],
)
def test_hosts_that_are_loopback(host: str, here: bool) -> None:
    """Only plain spellings of loopback count: the sandbox must not reach another host."""
    assert is_loopback(host) is here
    if ":" not in host:
        assert targets_loopback(f"http://{host}/in") is here


class Receiver:
    """A customer's server that refuses the first requests, and accepts all others."""

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
async def running(forwarder: Forwarder) -> AsyncIterator[None]:
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
    """The receiver gets the documented body, and its status 200 completes the delivery."""
    receiver, route = Receiver(), MessageRoute(RouteKind.FORWARD)
    async with Server(receiver) as server:
        route.url = f"{server.url}/in"
        forwarder = Forwarder(SimulatedClock(1.0), anywhere=False)
        async with running(forwarder):
            forwarder.submit({"messageId": "m"}, route)
            await settled(forwarder)

    assert json.loads(receiver.bodies[0]) == {
        "results": [{"messageId": "m"}],
        "messageCount": 1,
        "pendingMessageCount": 0,
    }
    assert receiver.content_type == "application/json;charset=UTF-8"
    assert (route.state, route.attempts, forwarder.delivered) == ("delivered", 1, 1)


async def test_a_failed_forward_is_retried_until_it_is_delivered() -> None:
    """The delays before retries pass in simulated time, which can run much faster."""
    receiver, route = Receiver(refusals=2), MessageRoute(RouteKind.FORWARD)
    async with Server(receiver) as server:
        route.url = server.url
        forwarder = Forwarder(SimulatedClock(60_000.0), anywhere=False)
        async with running(forwarder):
            forwarder.submit({}, route)
            await settled(forwarder)

    assert (route.state, route.attempts, len(receiver.bodies)) == ("delivered", 3, 3)


async def test_after_twenty_retries_a_message_is_lost() -> None:
    """The number of retries is limited, and the loss is counted."""
    receiver, route = Receiver(refusals=1_000), MessageRoute(RouteKind.FORWARD)
    async with Server(receiver) as server:
        route.url = server.url
        forwarder = Forwarder(SimulatedClock(10_000_000.0), anywhere=False)
        async with running(forwarder):
            forwarder.submit({}, route)
            await settled(forwarder)

    assert (route.state, route.attempts, forwarder.lost) == ("lost", 21, 1)


def test_retry_delays_are_the_published_ones() -> None:
    """1 min + n² min: the last retry is made after 41 h 30 min, as published."""
    assert [delay / 60 for delay in PUBLISHED_DELAYS[:4]] == [1, 2, 5, 10]
    assert sum(PUBLISHED_DELAYS) == (41 * 60 + 30) * 60


async def test_another_law_is_followed_and_attempts_are_observed() -> None:
    """The delays are data; a 200 that is not whole is no delivery, and is repeated."""
    attempts: list[ForwardAttempt] = []

    async def cut(request: Request) -> Response:
        return Response(200, body=b"OK", fault=Fault(cut_after=1))

    async with Server(cut) as server:
        forwarder = Forwarder(SimulatedClock(1_000.0), anywhere=False)
        forwarder.delays, forwarder.on_attempt = (10.0,), attempts.append
        route = MessageRoute(RouteKind.FORWARD, url=server.url)
        async with running(forwarder):
            forwarder.submit({"messageId": "m"}, route)
            await settled(forwarder)

    assert [(one.message_id, one.number, one.status) for one in attempts] == [
        ("m", 1, 200),
        ("m", 2, 200),
    ]
    assert attempts[1].began >= attempts[0].ended + 10
    assert all(one.problem and not one.accepted and not one.is_timeout for one in attempts)
    assert route.state == "lost"


async def test_remote_hosts_are_not_contacted() -> None:
    """A forward to another computer is counted and never sent, unless that is allowed."""
    forwarder = Forwarder(SimulatedClock(1.0), anywhere=False)
    route = MessageRoute(RouteKind.FORWARD, url="http://192.0.2.1/in")
    forwarder.submit({}, route)

    assert (route.state, forwarder.refused_hosts, forwarder.waiting) == ("not allowed", 1, 0)
    assert forwarder.attempts == 0


async def test_the_queue_is_bounded() -> None:
    """A message that exceeds the capacity of the queue is lost, and its route shows that."""
    forwarder = Forwarder(SimulatedClock(1.0), anywhere=False, capacity=1)
    routes = [MessageRoute(RouteKind.FORWARD, url="http://127.0.0.1:9/") for _ in range(2)]
    for route in routes:
        forwarder.submit({}, route)

    assert [route.state for route in routes] == ["waiting", "lost"]
