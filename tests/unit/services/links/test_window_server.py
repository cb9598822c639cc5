"""The window's server: bounds, the proof, and who serves of two."""

import asyncio
import json
from pathlib import Path

import msgspec
import pytest

from ibconsole.files import FileLock, holder_note
from ibconsole.services.links.handover import (
    LONGEST_REQUEST,
    WindowNote,
    WindowRequest,
    hand_over,
    request_of,
)
from ibconsole.services.links.window_server import WindowServer

LINK = "ibconsole://message?id=1"


def note_of(lock: Path) -> WindowNote:
    return msgspec.json.decode(holder_note(lock), type=WindowNote)


async def send(port: int, data: bytes) -> bytes:
    """Send bytes; return the answer until the end, nothing if the connection was reset."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        return await asyncio.wait_for(reader.read(), 5)
    except ConnectionError:
        return b""
    finally:
        writer.close()


async def test_what_is_dropped(tmp_path: Path) -> None:
    """Without the proof, too long, too slow or not understood: nothing reaches the window."""
    lock, taken = tmp_path / "window.lock", list[WindowRequest]()
    loop = asyncio.get_running_loop()
    async with WindowServer(FileLock(lock), taken.append, loop, deadline=0.1):
        note = note_of(lock)

        def line(**fields: object) -> bytes:
            return json.dumps({"proof": note.proof, "link": LINK} | fields).encode() + b"\n"

        dropped = [
            line(proof=""),
            line(proof="0" * 64),
            line(proof="\ud800"),
            line(proof=1),
            line(link=1),
            line(link="x" * 4_002),
            line(activation="x" * 257),
            line() * 2,
            line()[:-1],  # never ends
            b"\n",
            b"\xff\xfe\n",
            b"[" * LONGEST_REQUEST,
            b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        ]
        answers = [await send(note.port, one) for one in dropped]
        assert answers == [b""] * len(dropped)
        assert taken == []

        assert await send(note.port, line(activation="a\nb")) == b"taken\n"
        assert taken == [WindowRequest(link=LINK)]
        assert lock.stat().st_mode & 0o77 == 0


async def test_a_closed_window_does_not_answer(tmp_path: Path) -> None:
    """Once its windows are closed a process takes no link, so that another one opens a window."""
    lock, loop = tmp_path / "window.lock", asyncio.get_running_loop()
    async with WindowServer(FileLock(lock), lambda _: False, loop):
        note = note_of(lock)
        sent = json.dumps({"proof": note.proof, "link": LINK}).encode() + b"\n"

        assert await send(note.port, sent) == b""


async def test_many_connections(tmp_path: Path) -> None:
    """Connections that send nothing are few at a time, and make place for one that does."""
    lock, taken = tmp_path / "window.lock", list[WindowRequest]()
    async with WindowServer(FileLock(lock), taken.append, asyncio.get_running_loop(), deadline=60):
        silent = [await asyncio.open_connection("127.0.0.1", note_of(lock).port) for _ in range(40)]

        assert await asyncio.to_thread(hand_over, lock, request_of(LINK))
        assert len(taken) == 1
        for _, writer in silent:
            writer.close()


async def test_another_window_takes_over(tmp_path: Path) -> None:
    """Of two windows the first serves; when it ends, the other does."""
    lock, taken = tmp_path / "window.lock", list[tuple[int, str]]()
    loop = asyncio.get_running_loop()

    def server(number: int) -> WindowServer:
        take = lambda one: taken.append((number, one.link))  # noqa: E731 one for each window
        return WindowServer(FileLock(lock), take, loop, interval=0.01)

    async with server(2) as second_to_end, server(1) as other:
        assert (second_to_end.serves, other.serves) == (True, False)
        assert await asyncio.to_thread(hand_over, lock, request_of(LINK))
        await second_to_end.__aexit__()
        async with asyncio.timeout(5):
            while not other.serves:
                await asyncio.sleep(0.01)
        assert await asyncio.to_thread(hand_over, lock, request_of(LINK))
    assert taken == [(2, LINK), (1, LINK)]


async def test_a_directory_that_cannot_be_used(tmp_path: Path) -> None:
    """Without a place for the lock the window works, and takes no links of other processes."""
    (tmp_path / "file").touch()
    lock = tmp_path / "file" / "window.lock"
    async with WindowServer(
        FileLock(lock), print, asyncio.get_running_loop(), interval=0.01
    ) as server:
        assert not server.serves


@pytest.mark.parametrize("ended", ["window", "connection"])
async def test_an_end_in_the_middle(tmp_path: Path, ended: str) -> None:
    """Neither a window's loop that has ended nor a process that went away is an error."""
    lock, window = tmp_path / "window.lock", asyncio.new_event_loop()
    async with WindowServer(FileLock(lock), lambda _: None, window):
        note = note_of(lock)
        if ended == "window":
            window.close()
        data = json.dumps({"proof": note.proof}).encode() + b"\n"
        _, writer = await asyncio.open_connection("127.0.0.1", note.port)
        writer.write(data)
        await writer.drain()
        writer.close()
    window.close()
