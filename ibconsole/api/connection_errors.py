"""Sentences for connections that failed: what happened, what is unharmed, what to do."""

import socket
import ssl
from collections.abc import Iterator
from typing import TypeVar

from ibconsole.api.errors import Unreachable

E = TypeVar("E", bound=BaseException)


def not_connected(error: BaseException, host: str) -> Unreachable:
    """No connection was made, so that nothing was sent; the causes of `error` say why."""
    if find_cause(error, socket.gaierror):
        return Unreachable(
            f"The name {host} was not found, nothing was sent. Check the base URL and your network."
        )
    if distrust := find_cause(error, ssl.SSLCertVerificationError):
        return Unreachable(
            f"The certificate of {host} is not trusted ({_reason(distrust)}), nothing was sent."
            " Somebody may be in between: ask your network's administrator.",
            lasting=True,
        )
    if trouble := find_cause(error, ssl.SSLError):
        return Unreachable(
            f"No encrypted connection to {host} could be made ({_reason(trouble)}), nothing was"
            " sent. Check the base URL.",
            lasting=True,
        )
    if find_cause(error, ConnectionRefusedError):
        return Unreachable(
            f"{host} refused the connection, nothing was sent. Check the base URL and your network."
        )
    return Unreachable(
        f"{host} cannot be reached, nothing was sent. Check the base URL and your network."
    )


def nobody_there(host: str, seconds: float) -> Unreachable:
    """Connecting took too long."""
    return Unreachable(
        f"Nobody answered at {host} within {seconds:.0f} s, nothing was sent."
        " Check the base URL and your network."
    )


def proxy_refused(host: str) -> Unreachable:
    """The proxy of the environment did not connect us."""
    return Unreachable(
        f"The proxy that your system names did not connect to {host}, nothing was sent."
        " Check your system's proxy settings.",
        lasting=True,
    )


def proxy_unusable() -> Unreachable:
    """The environment names a proxy that no client could be made for."""
    return Unreachable(
        "The proxy that your system names cannot be used, nothing was sent. Check the variables"
        " HTTPS_PROXY and ALL_PROXY: the address must begin with http:// or https://.",
        lasting=True,
    )


def silent(host: str) -> str:
    """Half a sentence: the answer did not come in time."""
    return f"{host} was asked and did not answer in time"


def endless(host: str) -> str:
    """Half a sentence: the answer dripped in for longer than anybody waits."""
    return f"{host} was asked, and its answer had not ended when the time for it was up"


def broken_off(host: str) -> str:
    """Half a sentence: the connection ended before the answer did."""
    return f"{host} was asked, and the connection ended before the answer was complete"


def garbled(host: str) -> str:
    """Half a sentence: the answer was no HTTP."""
    return f"{host} was asked, and answered something that is not HTTP"


def sent_in_vain(what: str, method: str) -> Unreachable:
    """A request that may have arrived got no whole answer."""
    harm = (
        "Nothing was changed: try again."
        if method == "GET"
        else "The change may have been made or not: look at the list again before you repeat it."
    )
    return Unreachable(f"{what}. {harm}", sent=True)


def pulled_in_vain(what: str) -> str:
    """The sentence about a pull that may have consumed messages."""
    return (
        f"{what}. The platform may have handed out messages that did not arrive; what did arrive"
        " is kept, and the pull is not repeated by itself."
    )


def find_cause(error: BaseException, kind: type[E]) -> E | None:
    """The first error of a kind among an error, what caused it, and the members of groups."""
    return next((cause for cause in _causes(error) if isinstance(cause, kind)), None)


def _causes(error: BaseException, depth: int = 0) -> Iterator[BaseException]:
    yield error
    if depth > 10:
        return
    members = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    for cause in (error.__cause__, error.__context__, *members):
        if cause:
            yield from _causes(cause, depth + 1)


def _reason(error: ssl.SSLError) -> str:
    # Python sets these attributes only where OpenSSL itself reported the error.
    told = getattr(error, "verify_message", "") or getattr(error, "reason", "")
    return str(told or "unknown reason").replace("_", " ").lower()
