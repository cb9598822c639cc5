"""Reasons of failed connections."""

import errno
import os
import socket
import ssl

import h11
import pytest

from ibconsole.http1.exact import send
from ibconsole.http1.failures import (
    explain_protocol,
    explain_proxy,
    failure_of,
    reason_of,
    tls_reason,
)
from ibconsole.http1.trace import RequestFailure
from ibconsole.http1.via import ProxyHop
from tests.proxies import SmallProxy, running


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


async def test_wrong_schemes() -> None:
    """The problem of a URL with the wrong scheme names the protocol of the server."""
    async with running(SmallProxy(answer=b"\x15\x03\x03\x00\x02\x02\x46")) as encrypted:
        plain_to_tls = await send(f"http://{encrypted.address}/")
    async with running(SmallProxy(greeting=b"HTTP/1.1 400 No\r\n\r\n")) as plain:
        tls_to_plain = await send(f"https://{plain.address}/")
    async with running(SmallProxy(answer=b"SSH-2.0-OpenSSH_9.2\r\n")) as shell:
        to_ssh = await send(f"http://{shell.address}/")

    assert "speaks TLS on this port: the URL has to begin with https://" in plain_to_tls.problem
    assert tls_to_plain.problem == "TLS failed: the server does not speak TLS on this port."
    assert to_ssh.problem == "The server does not speak HTTP on this port, but SSH."
    assert explain_protocol(b"HTTP/1.1 200 OK") == ""
    assert "HTTP/2 only" in explain_protocol(b"\0\0\6\4\0\0\0\0\0\0\3\0\0\0\x80")
    assert explain_protocol(b"\0\0\6\4\0\0\0\0\1\0\3") == ""


def test_a_broken_tunnel() -> None:
    """A proxy that was asked and reset the connection broke it."""
    sentence = explain_proxy(
        ProxyHop("P", "p", 1), ConnectionResetError(errno.ECONNRESET, ""), unknown=False, asked=True
    )

    assert sentence.startswith("The proxy P broke the connection: ")


@pytest.mark.parametrize(
    ("error", "first", "ended", "kind"),
    [
        (socket.gaierror(socket.EAI_NONAME, "no"), b"", False, RequestFailure.UNKNOWN_NAME),
        (socket.gaierror(socket.EAI_AGAIN, "no"), b"", False, RequestFailure.LOOKUP),
        (ConnectionRefusedError(), b"", False, RequestFailure.REFUSED),
        (ConnectionResetError(), b"", False, RequestFailure.RESET),
        (OSError(errno.ENETUNREACH, "no"), b"", False, RequestFailure.UNREACHABLE),
        (TimeoutError(), b"", False, RequestFailure.TIMEOUT),
        (ssl.SSLError(), b"", False, RequestFailure.TLS),
        (ssl.SSLCertVerificationError(), b"", False, RequestFailure.CERTIFICATE),
        (h11.RemoteProtocolError("no"), b"", True, RequestFailure.CLOSED),
        (h11.RemoteProtocolError("no"), b"HTTP/1.1 2", True, RequestFailure.CUT),
        (h11.RemoteProtocolError("no"), b"HTTP/1.1 2", False, RequestFailure.PROTOCOL),
        (h11.RemoteProtocolError("no"), b"SSH-2.0", True, RequestFailure.PROTOCOL),
    ],
)
def test_kinds(
    error: OSError | h11.RemoteProtocolError, first: bytes, ended: bool, kind: RequestFailure
) -> None:
    """Each failure has a kind, which says what to do about it."""
    assert failure_of(error, first=first, ended=ended) is kind
