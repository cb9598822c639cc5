"""Hands a link over to the window that is open on a data directory, from another process.

The window holds a lock (`Paths.window_lock`) until it ends, however it ends, so that a note of a
dead one is never taken for that of a live one. The note has the port on which the window listens,
on this computer alone, and a proof that only this user can read: without it nothing is accepted.
Loads no event loop: the process that hands over ends as soon as the window has the link.
"""

import json
import os
import socket
import time
from pathlib import Path

import msgspec

from ibconsole.errors import UserError
from ibconsole.files import FileLock, holder_note
from ibconsole.services.links.links import LONGEST

LONGEST_REQUEST = 32_768  # bytes of a request with its line feed
LONGEST_ACTIVATION = 256
TAKEN = b"taken\n"  # the answer of the window
_PATIENCE = 5.0  # seconds in which a window answers
_RETRY_INTERVAL = 0.05
_HOST = "127.0.0.1"
# Names of what a desktop gives to a process that may put a window to the front.
_ACTIVATIONS = ("XDG_ACTIVATION_TOKEN", "DESKTOP_STARTUP_ID")


class WindowUnresponsive(UserError):
    """A window is open on the data directory, and does not answer."""


class WindowRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A request to the open window: come to the front, and show a link unless it is empty.

    `activation` is what the desktop gave to the process that asks; empty if it gave nothing.
    """

    link: str = ""
    activation: str = ""


class SentRequest(WindowRequest, frozen=True, kw_only=True):
    """A request as it is sent, one line of JSON, with the proof of the window."""

    proof: str


class WindowNote(msgspec.Struct, frozen=True, kw_only=True):
    """The note in the lock of a window: where it listens, and what it has to be given."""

    port: int
    proof: str


def request_of(link: str = "") -> WindowRequest:
    """Return a request for this link, with what the desktop gave to this process."""
    given = next(filter(None, map(os.environ.get, _ACTIVATIONS)), "")
    # One character too many is enough for the window to say that a link is too long.
    return WindowRequest(link=link[: LONGEST + 1], activation=given[:LONGEST_ACTIVATION])


def hand_over(lock: Path, request: WindowRequest, *, seconds: float = _PATIENCE) -> bool:
    """Give a request to the window that holds this lock; return false if there is no window.

    Returns as soon as the window has taken it, before the link is shown. Blocks for at most
    `seconds`. Raises WindowUnresponsive if there is a window that has not answered by then.
    """
    until = time.monotonic() + seconds
    while _is_held(lock):
        if (left := until - time.monotonic()) <= 0:
            raise WindowUnresponsive(
                "The window of ibconsole that is open does not answer, so nothing was shown."
                " Look at it, or close it, and open the link again."
            )
        note = _read_note(lock)
        if note and _was_taken(note, request, left):
            return True
        time.sleep(min(left, _RETRY_INTERVAL))  # it has just begun to listen, or ends
    return False


def _is_held(path: Path) -> bool:
    """Return whether a living process holds a lock; an unusable file is no lock."""
    try:
        if not path.is_file():
            return False
        lock = FileLock(path)
        if not lock.acquire():
            return True
        lock.release()
    except OSError:
        return False
    return False


def _read_note(path: Path) -> WindowNote | None:
    try:
        return msgspec.json.decode(holder_note(path), type=WindowNote)
    except msgspec.DecodeError:
        return None


def _was_taken(note: WindowNote, request: WindowRequest, seconds: float) -> bool:
    """Send a request; false if it was not answered."""
    sent = {"proof": note.proof, "link": request.link, "activation": request.activation}
    try:
        with socket.create_connection((_HOST, note.port), timeout=seconds) as connection:
            # In UTF-8, so that the longest link is within the bounds of a request. What is no
            # Unicode, as bytes of an argument that are no UTF-8, makes a link that is not valid.
            line = json.dumps(sent, ensure_ascii=False).encode("utf-8", "replace")
            connection.sendall(line + b"\n")
            with connection.makefile("rb") as answer:
                return answer.readline(len(TAKEN)) == TAKEN
    except (OSError, OverflowError):  # refused, ended, too slow, or no port
        return False
