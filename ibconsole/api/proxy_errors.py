"""Errors of proxies: how far a connection got, and sentences that name the proxy.

A request that fails before the proxy has opened the way to the platform was not sent, whatever
the HTTP client calls the failure.
"""

import re
import socket
import ssl
from enum import IntEnum
from typing import Any

from ibconsole.api.connection_errors import connection_failed, find_cause, tls_reason
from ibconsole.api.errors import Unreachable
from ibconsole.proxies import Proxy

# The first bytes of what is often found on a port that was taken for a proxy's.
_PROTOCOLS = (
    ("SSH-", "SSH"),
    ("\\x15\\x03", "TLS"),
    ("\\x16\\x03", "TLS"),
    ("220 ", "SMTP or FTP"),
)


class Stage(IntEnum):
    """The progress of one request, in order."""

    CONNECTING = 1
    PROXY_TLS = 2
    PROXY_ASKED = 3  # to open the way to the platform (CONNECT)
    PLATFORM_TLS = 4
    REQUEST = 5


class ConnectionProgress:
    """Follows a request by the events that the HTTP client reports (httpcore's trace extension).

    `tunnel` is true if the request goes through a proxy by CONNECT.
    """

    def __init__(self, *, tunnel: bool) -> None:
        self._tunnel = tunnel
        self._connects = False  # a connection that is open already is used without
        self.stage = Stage.CONNECTING

    async def __call__(self, event: str, _: dict[str, Any]) -> None:
        """Record an event."""
        match event:
            case "connection.connect_tcp.started":
                self._connects, self.stage = True, Stage.CONNECTING
            case "connection.start_tls.started":
                self.stage = Stage.PROXY_TLS if self._tunnel else Stage.PLATFORM_TLS
            case "proxy.start_tls.started":
                self.stage = Stage.PLATFORM_TLS
            case "proxy.start_tls.complete":
                self.stage = Stage.REQUEST
            case "http11.send_request_headers.started" if self.stage < Stage.REQUEST:
                asks = self._tunnel and self._connects and self.stage < Stage.PROXY_ASKED
                self.stage = Stage.PROXY_ASKED if asks else Stage.REQUEST


def unusable(problem: str) -> Unreachable:
    """Return the error for a variable that cannot be used; `problem` is the clause of a choice."""
    return Unreachable(f"Nothing was sent, because {problem}.", lasting=True)


def proxy_failed(
    error: BaseException, proxy: Proxy, stage: Stage, host: str, *, timed_out: bool
) -> Unreachable:
    """Return the error for a request that did not get past the proxy, and was not sent."""
    if stage is Stage.PLATFORM_TLS and not timed_out:
        return connection_failed(error, host, via=str(proxy))
    if timed_out:
        return Unreachable(_time_out(proxy, stage, host))
    if stage is Stage.CONNECTING:
        return Unreachable(_not_connected(error, proxy))
    if stage is Stage.PROXY_TLS:
        return _no_tls(error, proxy)
    return _refused(str(error), proxy, host)


def _time_out(proxy: Proxy, stage: Stage, host: str) -> str:
    if stage in {Stage.CONNECTING, Stage.PROXY_TLS}:
        return (
            f"The connection to the proxy {proxy} timed out, nothing was sent. Check the address"
            f" in {proxy.variable} and your network."
        )
    if stage is Stage.PROXY_ASKED:
        return (
            f"The proxy {proxy} was asked for a connection to {host} and did not answer in time,"
            f" nothing was sent. Check that {proxy.variable} names an HTTP proxy."
        )
    return f"The connection to {host} through the proxy {proxy} timed out, nothing was sent."


def _not_connected(error: BaseException, proxy: Proxy) -> str:
    if find_cause(error, socket.gaierror):
        happened = f"The name of the proxy {proxy} was not found"
    elif find_cause(error, ConnectionRefusedError):
        happened = f"The proxy {proxy} refused the connection"
    else:
        happened = f"The proxy {proxy} cannot be reached"
    return (
        f"{happened}, nothing was sent. Check the address in {proxy.variable}, that the proxy"
        " runs, and your network."
    )


def _no_tls(error: BaseException, proxy: Proxy) -> Unreachable:
    if distrust := find_cause(error, ssl.SSLCertVerificationError):
        return Unreachable(
            f"The certificate of the proxy {proxy} is not trusted ({tls_reason(distrust)}),"
            " nothing was sent. Ask your network's administrator.",
            lasting=True,
        )
    return Unreachable(
        f"The proxy {proxy} does not speak TLS, nothing was sent. If it is a plain HTTP proxy,"
        f" write http:// in {proxy.variable}.",
        lasting=True,
    )


def _refused(text: str, proxy: Proxy, host: str) -> Unreachable:
    """Return the error for an answer to CONNECT, of which the client keeps status and reason."""
    if re.fullmatch(r"\d{3}( .*)?", text, re.DOTALL):
        status = int(text[:3])
        return Unreachable(proxy.explain_refusal(status, host), lasting=400 <= status < 500)
    for sign, protocol in _PROTOCOLS:
        if sign in text:
            return _no_proxy(f"answered with {protocol}", proxy)
    if "disconnected" in text or "closed connection" in text or "ReadError" in text or not text:
        # The client drops what does not end as a head, such as one line of SSH or an alert of TLS.
        return _no_proxy("closed the connection without a valid answer", proxy)
    return _no_proxy("answered something that is not HTTP", proxy)


def _no_proxy(happened: str, proxy: Proxy) -> Unreachable:
    other = (
        "if it expects TLS, write https:// there"
        if proxy.scheme == "http"
        else "check its port there"
    )
    return Unreachable(
        f"The proxy {proxy} {happened}, nothing was sent. Check that {proxy.variable} names an"
        f" HTTP proxy; {other}.",
        lasting=True,
    )
