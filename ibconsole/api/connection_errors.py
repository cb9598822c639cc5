"""Sentences for connections that failed: what happened, what is unharmed, what to do."""

import socket
import ssl
from collections.abc import Iterator
from typing import TypeVar

from ibconsole.api.errors import Unreachable

E = TypeVar("E", bound=BaseException)


def connection_failed(error: BaseException, host: str, via: str = "") -> Unreachable:
    """Return the error for a connection that could not be made; its cause is found in `error`.

    `via` names the proxy through which the host was reached.
    """
    through = f" through the proxy {via}" if via else ""
    if find_cause(error, socket.gaierror):
        return Unreachable(
            f"The name {host} was not found, nothing was sent. Check the base URL and your network."
        )
    if distrust := find_cause(error, ssl.SSLCertVerificationError):
        return Unreachable(
            f"The certificate of {host}{through} is not trusted ({tls_reason(distrust)}), nothing"
            " was sent. The connection may be intercepted: ask your network's administrator.",
            lasting=True,
        )
    if trouble := find_cause(error, ssl.SSLError):
        return Unreachable(
            f"No encrypted connection to {host}{through} could be made ({tls_reason(trouble)}),"
            " nothing was sent. Check the base URL.",
            lasting=True,
        )
    if find_cause(error, ConnectionRefusedError):
        return Unreachable(
            f"{host} refused the connection, nothing was sent. Check the base URL and your network."
        )
    return Unreachable(
        f"{host} cannot be reached{through}, nothing was sent. Check the base URL and your network."
    )


def connect_timed_out(host: str, seconds: float) -> Unreachable:
    """Return the error for a connection that took longer than that many seconds."""
    return Unreachable(
        f"The connection to {host} timed out after {seconds:.0f} s, nothing was sent."
        " Check the base URL and your network."
    )


def answer_timed_out(host: str) -> str:
    """Return a clause, without a full stop: the answer did not arrive in time."""
    return f"{host} was asked and did not answer in time"


def answer_too_slow(host: str) -> str:
    """Return a clause, without a full stop: the answer did not end within the time limit."""
    return f"{host} was asked, and its answer did not end within the time limit"


def answer_incomplete(host: str) -> str:
    """Return a clause, without a full stop: the connection ended before the answer did."""
    return f"{host} was asked, and the connection ended before the answer was complete"


def answer_not_http(host: str) -> str:
    """Return a clause, without a full stop: the answer was not HTTP."""
    return f"{host} was asked, and answered something that is not HTTP"


def request_failed(clause: str, method: str) -> Unreachable:
    """Return the error for a request that may have arrived; `clause` is one from above."""
    harm = (
        "Nothing was changed: try again."
        if method in {"GET", "HEAD"}
        else "The change may or may not have been made:"
        " look at the list again before you repeat it."
    )
    return Unreachable(f"{clause}. {harm}", sent=True)


def pull_problem(clause: str) -> str:
    """Return the sentence for a pull that may have consumed messages; `clause` as above."""
    return (
        f"{clause}. The platform may have handed out messages that did not arrive; what did arrive"
        " is kept, and the pull is not repeated by itself."
    )


def find_cause(error: BaseException, kind: type[E]) -> E | None:
    """Return the first error of a kind in an error's chain of causes and groups; None if none."""
    return next((cause for cause in _cause_chain(error) if isinstance(cause, kind)), None)


def _cause_chain(error: BaseException, depth: int = 0) -> Iterator[BaseException]:
    yield error
    if depth > 10:
        return
    members = error.exceptions if isinstance(error, BaseExceptionGroup) else ()
    for cause in (error.__cause__, error.__context__, *members):
        if cause:
            yield from _cause_chain(cause, depth + 1)


def tls_reason(error: ssl.SSLError) -> str:
    """Return OpenSSL's reason for a failed handshake, in lower case."""
    # Python sets these attributes only if OpenSSL itself reported the error.
    reason = getattr(error, "verify_message", "") or getattr(error, "reason", "")
    return str(reason or "unknown reason").replace("_", " ").lower()
