"""Raw HTTP/1.1: a small, hard server, and one exact request. Knows nothing of ours."""

from ibconsole.http1.exact import Exchange, Phases, certificates_of, send
from ibconsole.http1.incoming import Limits
from ibconsole.http1.message import Fault, Header, Malformed, Request, Response
from ibconsole.http1.outgoing import target_of
from ibconsole.http1.server import ListenError, Server

__all__ = [
    "Exchange",
    "Fault",
    "Header",
    "Limits",
    "ListenError",
    "Malformed",
    "Phases",
    "Request",
    "Response",
    "Server",
    "certificates_of",
    "send",
    "target_of",
]
