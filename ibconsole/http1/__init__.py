"""Raw HTTP/1.1: a small, hardened server, a client for one exact request, and lenient readers.

Depends on nothing else in ibconsole.
"""

from ibconsole.http1.exact import Phases, RequestTrace, fetch_certificates, send
from ibconsole.http1.incoming import Limits
from ibconsole.http1.lenient import LenientAnswer, LenientRequest, read_answer, read_request
from ibconsole.http1.message import Fault, Header, Malformed, Request, Response
from ibconsole.http1.outgoing import parse_target
from ibconsole.http1.server import ListenError, Server

__all__ = [
    "Fault",
    "Header",
    "LenientAnswer",
    "LenientRequest",
    "Limits",
    "ListenError",
    "Malformed",
    "Phases",
    "Request",
    "RequestTrace",
    "Response",
    "Server",
    "fetch_certificates",
    "parse_target",
    "read_answer",
    "read_request",
    "send",
]
