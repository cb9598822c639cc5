"""Handing a link over to the window that holds the lock, through real locks and sockets."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest

from ibconsole.files import FileLock
from ibconsole.services.links.handover import (
    WindowNote,
    WindowRequest,
    WindowUnresponsive,
    hand_over,
    request_of,
)
from ibconsole.services.links.links import InvalidLink, parse_link
from ibconsole.services.links.window_server import WindowServer

LINK = "ibconsole://message?id=1"


def test_without_a_window(tmp_path: Path) -> None:
    """Neither a missing lock, nor that of a dead window, nor a file that is none, is a window."""
    missing, dead, folder = (tmp_path / name for name in ("missing", "dead", "folder"))
    dead.write_bytes(msgspec.json.encode(WindowNote(port=9, proof="x")))
    folder.mkdir()

    assert [hand_over(one, request_of(LINK)) for one in (missing, dead, folder)] == [False] * 3
    assert not missing.exists()


@pytest.mark.parametrize("note", ["", "{", '{"port": 70000, "proof": "x"}'])
def test_a_window_that_does_not_answer(tmp_path: Path, note: str) -> None:
    """A lock that is held, and a note that leads nowhere, are one sentence after the time."""
    lock = FileLock(tmp_path / "window.lock")
    lock.acquire(note)

    with pytest.raises(WindowUnresponsive, match="does not answer, so nothing was shown"):
        hand_over(lock.path, request_of(LINK), seconds=0.1)

    lock.release()


async def test_a_window_that_hangs(tmp_path: Path) -> None:
    """A window whose loop stands still is waited for no longer than asked for."""
    path = tmp_path / "window.lock"
    standing = asyncio.new_event_loop()  # takes what is called, and runs nothing
    async with WindowServer(FileLock(path), lambda _: None, standing):
        with pytest.raises(WindowUnresponsive):
            await asyncio.to_thread(hand_over, path, request_of(LINK), seconds=0.3)
    standing.close()


async def test_a_request_reaches_the_window(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link and what the desktop gave arrive unchanged, once the answer is there."""
    monkeypatch.delenv("DESKTOP_STARTUP_ID", raising=False)
    monkeypatch.setenv("XDG_ACTIVATION_TOKEN", "from the desktop")
    path, taken = tmp_path / "window.lock", list[WindowRequest]()
    async with WindowServer(FileLock(path), taken.append, asyncio.get_running_loop()):
        assert await asyncio.to_thread(hand_over, path, request_of(LINK))
        assert taken == [WindowRequest(link=LINK, activation="from the desktop")]

    assert not await asyncio.to_thread(hand_over, path, request_of(LINK))


@pytest.mark.parametrize(
    "link", ["\udcff\udc80", "\N{PILE OF POO}" * 9_000, "\0\x1b" * 9_000, '"' * 9_000]
)
async def test_any_argument_reaches_the_window(tmp_path: Path, link: str) -> None:
    """Whatever a command line has, the window says what is wrong with it, and is not waited for."""
    path, taken = tmp_path / "window.lock", list[WindowRequest]()
    async with WindowServer(FileLock(path), taken.append, asyncio.get_running_loop()) as server:
        request = request_of(f"ibconsole://{link}")
        assert await asyncio.to_thread(hand_over, path, request)
        lines = [one.encode("utf-8", "replace") for one in (request.link, taken[0].link)]
        assert lines[0] == lines[1]
        with pytest.raises(InvalidLink):
            parse_link(taken[0].link)
        assert server.serves


PROGRAM = """
import asyncio, sys
from pathlib import Path
from ibconsole.files import FileLock
from ibconsole.services.links.window_server import WindowServer

async def run():
    lock, loop = FileLock(Path(sys.argv[1])), asyncio.get_running_loop()
    async with WindowServer(lock, lambda one: None, loop):
        print("listening", flush=True)
        await asyncio.sleep(100)

asyncio.run(run())
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
def test_a_stopped_window_and_a_killed_one(tmp_path: Path) -> None:
    """A stopped process does not answer; one that was killed leaves nothing in the way."""
    path = tmp_path / "window.lock"
    with subprocess.Popen([sys.executable, "-c", PROGRAM, path], stdout=subprocess.PIPE) as window:
        assert window.stdout
        window.stdout.readline()
        assert hand_over(path, request_of(LINK))

        os.kill(window.pid, signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(WindowUnresponsive):
            hand_over(path, request_of(LINK), seconds=0.2)
        assert time.monotonic() - began < 5

        window.kill()
    assert path.exists()
    assert not hand_over(path, request_of(LINK))


async def test_another_program_at_the_port(tmp_path: Path) -> None:
    """What closes, or answers something else, has not taken a link."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        lock = FileLock(tmp_path / "window.lock")
        note = WindowNote(port=other.getsockname()[1], proof="x")
        lock.acquire(msgspec.json.encode(note).decode())

        def answer() -> None:
            connection, _ = other.accept()
            with connection:
                connection.recv(1_000)
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n")

        answered = asyncio.get_running_loop().run_in_executor(None, answer)
        with pytest.raises(WindowUnresponsive):
            await asyncio.to_thread(hand_over, lock.path, request_of(LINK), seconds=0.3)
        await answered
        lock.release()
