"""A process that reaches nothing but this computer.

A case is opened with the addresses of a customer in it. Whatever part of the program might contact
one of them, Python asks first: an audit hook refuses every lookup of a name and every connection
that leaves this computer.
"""

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from ibconsole.hosts import is_certainly_loopback

_LOOKUPS = {
    "socket.getaddrinfo",
    "socket.gethostbyname",
    "socket.gethostbyaddr",
    "socket.getnameinfo",
}
_SENDING = {"socket.connect", "socket.sendto", "socket.sendmsg"}


class _Guard:
    """The hook of this process; Python can remove none, so it is added once and switched."""

    __cantrace__ = True  # else nothing measures what the hook does

    def __init__(self) -> None:
        self.users = 0
        self._is_added = False

    def add(self) -> None:
        if not self._is_added:
            self._is_added = True
            sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.users or not event.startswith("socket."):
            return
        if event in _LOOKUPS:
            host = arguments[0]
            if isinstance(host, tuple):  # an address whose name is asked for
                host = host[0]
        elif event in _SENDING and isinstance(arguments[1], tuple):  # a path is no network
            host = arguments[1][0]
        else:
            return
        if not _is_local(host):
            raise OSError(
                errno.ENETUNREACH, "a case is open, and nothing leaves this computer meanwhile"
            )


_guard = _Guard()


@contextmanager
def without_network() -> Iterator[None]:
    """Refuse names and connections beyond this computer in the block, in the whole process.

    What asks for one gets an OSError, as from a computer without a network.
    """
    _guard.add()
    _guard.users += 1
    try:
        yield
    finally:
        _guard.users -= 1


def _is_local(host: object) -> bool:
    if isinstance(host, bytes | bytearray):
        host = bytes(host).decode("latin-1")
    return host in {None, ""} or (isinstance(host, str) and is_certainly_loopback(host.lower()))
