"""Reasons of failed connections."""

import errno
import os
import socket
import ssl

import pytest

from ibconsole.http1.failures import explain_proxy, reason_of, tls_reason
from ibconsole.http1.via import ProxyHop


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (ConnectionRefusedError(), "nothing listens there"),
        (socket.gaierror(-2, "Name not known"), "Name not known"),
        (OSError(errno.EHOSTUNREACH, "by asyncio"), os.strerror(errno.EHOSTUNREACH)),
        (OSError("text"), "text"),
        (OSError(), "OSError"),
    ],
)
def test_reasons(error: OSError, words: str) -> None:
    """The system's own text is shown."""
    assert reason_of(error) == words


def test_reasons_of_tls() -> None:
    """A handshake that ended without a reason was closed."""
    assert tls_reason(OSError()) == "the connection was closed in the handshake"
    assert tls_reason(ssl.SSLError()) == "the connection was closed in the handshake"


def test_a_broken_tunnel() -> None:
    """A proxy that was asked and reset the connection broke it."""
    sentence = explain_proxy(
        ProxyHop("P", "p", 1), ConnectionResetError(errno.ECONNRESET, ""), unknown=False, asked=True
    )

    assert sentence.startswith("The proxy P broke the connection: ")
