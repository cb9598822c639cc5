"""Reasons of failed connections, as clauses and sentences."""

import os
import socket
import ssl

import h11

from ibconsole.http1.trace import RequestFailure
from ibconsole.http1.via import ProxyHop, is_http2, protocol_of

# OpenSSL's names for bytes that are no TLS.
_NO_TLS = {"WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE", "HTTP_REQUEST", "UNKNOWN_PROTOCOL"}


_KINDS: tuple[tuple[type[OSError], RequestFailure], ...] = (
    (ssl.SSLCertVerificationError, RequestFailure.CERTIFICATE),
    (ssl.SSLError, RequestFailure.TLS),
    (TimeoutError, RequestFailure.TIMEOUT),
    (ConnectionRefusedError, RequestFailure.REFUSED),
    (ConnectionError, RequestFailure.RESET),
)
_NO_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}


def failure_of(
    error: OSError | h11.RemoteProtocolError, *, first: bytes, ended: bool
) -> RequestFailure:
    """Return the kind of a failure.

    `first` are the first bytes of the answer; `ended` says that the other side has closed.
    """
    if isinstance(error, h11.RemoteProtocolError):
        if not first:
            return RequestFailure.CLOSED
        return (
            RequestFailure.CUT if ended and first.startswith(b"HTTP/") else RequestFailure.PROTOCOL
        )
    return next((kind for cause, kind in _KINDS if isinstance(error, cause)), _other(error))


def _other(error: OSError) -> RequestFailure:
    if isinstance(error, socket.gaierror):
        return RequestFailure.UNKNOWN_NAME if error.errno in _NO_NAME else RequestFailure.LOOKUP
    return RequestFailure.UNREACHABLE


def reason_of(error: OSError) -> str:
    """Return why a connection failed, as a clause."""
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(error, socket.gaierror) or not error.errno:
        return error.strerror or str(error) or type(error).__name__
    return os.strerror(error.errno)  # asyncio replaces `strerror` by its own text


def tls_reason(error: OSError) -> str:
    """Return why a TLS handshake failed, as a clause."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted, {error.verify_message.rstrip('.')}"
    # Python sets the reason only if OpenSSL itself reported the error.
    if getattr(error, "reason", None) in _NO_TLS:
        return "the server does not speak TLS on this port"
    if reason := getattr(error, "reason", None):
        return str(reason).lower().replace("_", " ")
    return "the connection was closed in the handshake"


def explain_protocol(first: bytes) -> str:
    """Return a sentence on an answer that begins with these bytes, empty if it may be HTTP."""
    if is_http2(first):
        return "The server speaks HTTP/2 only on this port, not HTTP/1.1."
    protocol = protocol_of(first)
    if protocol == "TLS":
        return "The server speaks TLS on this port: the URL has to begin with https://."
    return f"The server does not speak HTTP on this port, but {protocol}." if protocol else ""


def explain_proxy(via: ProxyHop, error: OSError, *, unknown: bool, asked: bool) -> str:
    """Return a sentence for a proxy that could not be reached, or that broke the connection.

    `unknown` says that its name was looked up, `asked` that it was asked to connect.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"The proxy {via.name} was not trusted: {tls_reason(error)}."
    if isinstance(error, ssl.SSLError):
        return f"The proxy {via.name} failed in the TLS handshake: {tls_reason(error)}."
    if unknown:
        return f"The name of the proxy {via.name} is not known: {reason_of(error)}."
    if asked:
        return f"The proxy {via.name} broke the connection: {reason_of(error)}."
    return f"No connection to the proxy {via.name}: {reason_of(error)}."
