import sys
from collections.abc import Iterator
from typing import Any

import pytest


class _Contacts(list[object]):
    """The hosts that this process looks up and connects to, in their order."""

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event in {"socket.getaddrinfo", "socket.gethostbyname"}:
            self.append(arguments[0])
        elif event == "socket.connect" and isinstance(arguments[1], tuple):
            self.append(arguments[1][0])


_CONTACTS = _Contacts()
sys.addaudithook(_CONTACTS)  # which Python never removes


@pytest.fixture
def contacts() -> Iterator[list[object]]:
    """The hosts that were looked up or connected to since the test began."""
    _CONTACTS.clear()
    yield _CONTACTS
    _CONTACTS.clear()
