"""Raw HTTP/1.1: a small, hardened server, a client for one exact request, and lenient readers.

The server is one `asyncio.Protocol` object for each connection (`connection`) behind a limit of
connections (`server`). Bytes are kept as received, then cut into requests (`incoming`): a head is
parsed by llhttp (`head`), and what that refuses goes to the lenient reader (`lenient`), which
reads all but contradictory framing. The client's answers are parsed by h11 (`exact`),
which may go through a proxy (`via`).

Depends on nothing else in ibconsole but `lazy`.
"""

from typing import TYPE_CHECKING

from ibconsole.lazy import lazy_names

if TYPE_CHECKING:
    from ibconsole.http1.exact import Address, connect, fetch_certificates, send, unverified_tls
    from ibconsole.http1.incoming import Limits
    from ibconsole.http1.lenient import LenientAnswer, LenientRequest, read_answer, read_request
    from ibconsole.http1.message import (
        AnswerPart,
        Fault,
        Header,
        Malformed,
        PendingResponse,
        Request,
        Response,
        SentEnd,
    )
    from ibconsole.http1.outgoing import Target, encode_request, parse_target
    from ibconsole.http1.server import ListenError, Server
    from ibconsole.http1.trace import Phase, Phases, RequestFailure, RequestTrace
    from ibconsole.http1.via import (
        Overheard,
        ProxyHop,
        client_hello,
        overhear,
        protocol_of,
    )
else:
    __getattr__ = lazy_names(
        __name__,
        {
            "exact": "Address connect fetch_certificates send unverified_tls",
            "incoming": "Limits",
            "lenient": "LenientAnswer LenientRequest read_answer read_request",
            "message": (
                "AnswerPart Fault Header Malformed PendingResponse Request Response SentEnd"
            ),
            "outgoing": "Target encode_request parse_target",
            "server": "ListenError Server",
            "trace": "Phase Phases RequestFailure RequestTrace",
            "via": "Overheard ProxyHop client_hello overhear protocol_of",
        },
    )

__all__ = [
    "Address",
    "AnswerPart",
    "Fault",
    "Header",
    "LenientAnswer",
    "LenientRequest",
    "Limits",
    "ListenError",
    "Malformed",
    "Overheard",
    "PendingResponse",
    "Phase",
    "Phases",
    "ProxyHop",
    "Request",
    "RequestFailure",
    "RequestTrace",
    "Response",
    "SentEnd",
    "Server",
    "Target",
    "client_hello",
    "connect",
    "encode_request",
    "fetch_certificates",
    "overhear",
    "parse_target",
    "protocol_of",
    "read_answer",
    "read_request",
    "send",
    "unverified_tls",
]
