"""The guard around a process that has a case open."""

import asyncio
import errno
import socket
import sys
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial

import pytest

from ibconsole.http1.exact import send
from ibconsole.services.evidence.case_runs.offline import without_network


def test_nothing_else_is_asked_or_contacted() -> None:
    """Names are not looked up and addresses not connected to, as on a computer without network."""
    names = ("hooks.kestrel.aero", "203.0.113.9", "10.0.0.1", "2001:db8::1", "x.localhost")
    with without_network(), ExitStack() as stack:
        four, six = (
            stack.enter_context(socket.socket(family, socket.SOCK_DGRAM))
            for family in (socket.AF_INET, socket.AF_INET6)
        )
        attempts: list[Callable[[], object]] = [
            *(partial(ask, one) for one in names for ask in (socket.gethostbyname, look_up)),
            *(partial(four.connect, (one, 443)) for one in ("203.0.113.9", "10.0.0.1")),
            partial(four.sendto, b"x", ("203.0.113.9", 53)),
            partial(socket.getnameinfo, ("203.0.113.9", 443), 0),
            partial(six.connect, ("2001:db8::1", 443)),
        ]
        for attempt in attempts:
            with pytest.raises(OSError, match="a case is open") as raised:
                attempt()
            assert raised.value.errno == errno.ENETUNREACH


def look_up(host: str) -> object:
    """Ask for all addresses of a host."""
    return socket.getaddrinfo(host, 443)


async def test_this_computer_is_reached() -> None:
    """Loopback and sockets without a network work, and after the block the rest is free again."""
    with without_network():
        server = await asyncio.start_server(lambda _, writer: writer.close(), "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        async with server:
            reached = await send(f"http://localhost:{port}/", timeout=5.0)
        refused = await send("http://203.0.113.9/", timeout=5.0)
        left, right = socket.socketpair()
        with left, right, without_network():
            left.send(b"x")

    assert reached.peer
    assert refused.problem == "No connection to 203.0.113.9:80: Network is unreachable."
    sys.audit("socket.connect", None, ("203.0.113.9", 443))
