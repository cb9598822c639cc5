"""Sending an answer with a deliberate defect: late, in slow pieces, cut, reset."""

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress

from ibconsole.http1.message import Fault

_PIECES = 10


async def send_with_fault(
    transport: asyncio.Transport,
    answer: tuple[bytes, bytes],
    fault: Fault,
    *,
    closing: asyncio.Event,
    drain: Callable[[], Awaitable[None]],
) -> None:
    """Send the head and the body of an answer as the fault says.

    Raises OSError if the connection has ended, or if the server shuts down during a pause;
    `drain` waits until the connection takes more bytes.
    """
    head, body = answer
    await _pause(fault.delay, closing)
    if fault.reset and fault.cut_after is None:
        _reset(transport)
        return
    transport.write(head)
    await drain()
    body = body[: fault.cut_after]
    size = max(1, -(-len(body) // _PIECES)) if fault.drip else max(1, len(body))
    for start in range(0, len(body), size):
        if start:
            await _pause(fault.drip, closing)
        transport.write(body[start : start + size])
        await drain()
    if fault.reset:
        _reset(transport)


async def _pause(seconds: float, closing: asyncio.Event) -> None:
    # A fault may last for a minute; shutting the server down ends it early.
    if not seconds:
        return
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await closing.wait()
            raise ConnectionAbortedError


def _reset(transport: asyncio.Transport) -> None:
    sock = transport.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
