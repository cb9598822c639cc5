"""Answers with a deliberate defect, and the connection that carries them."""

import asyncio

import pytest

from ibconsole.http1.faulty import send_with_fault
from ibconsole.http1.message import Fault


class Written(asyncio.Transport):
    """A transport that keeps what is written."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.pieces.append(bytes(data))


async def drain() -> None:
    """Return at once, as on a connection that takes everything."""


@pytest.mark.parametrize(
    ("fault", "pieces"),
    [
        (Fault(), [b"head", b"0123456789"]),
        (Fault(cut_after=4), [b"head", b"0123"]),
        (Fault(drip=0.0001), [b"head", *(b"%d" % digit for digit in range(10))]),
    ],
)
async def test_pieces(fault: Fault, pieces: list[bytes]) -> None:
    """The body is cut, or sent in ten pieces, as the fault says."""
    transport = Written()

    await send_with_fault(
        transport, (b"head", b"0123456789"), fault, closing=asyncio.Event(), drain=drain
    )

    assert transport.pieces == pieces


async def test_closing_ends_a_delay() -> None:
    """A delay ends without an answer when the server shuts down."""
    transport, closing = Written(), asyncio.Event()
    closing.set()

    with pytest.raises(ConnectionAbortedError):
        await send_with_fault(transport, (b"", b""), Fault(delay=60), closing=closing, drain=drain)

    assert transport.pieces == []
