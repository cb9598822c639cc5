"""Values of one exact request: its phases, its answer, and how it failed."""

from dataclasses import dataclass, field
from enum import StrEnum

from ibconsole.http1.message import Header


class Phase(StrEnum):
    """The phases of a request in their order; each is the name of a field of `Phases`."""

    DNS = "dns"
    TCP = "tcp"
    TLS = "tls"
    FIRST_BYTE = "first_byte"
    REST = "rest"


class RequestFailure(StrEnum):
    """The kind of a failed request; the phase in which it happened says the rest.

    `TLS` is a failed handshake, `CERTIFICATE` a rejected certificate. `CLOSED` means that the
    connection ended in the handshake or before any byte of the answer, `CUT` within the answer.
    """

    URL = "url"
    UNKNOWN_NAME = "unknown name"
    LOOKUP = "lookup"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    TIMEOUT = "time-out"
    RESET = "reset"
    TLS = "tls"
    CERTIFICATE = "certificate"
    CLOSED = "closed"
    CUT = "cut"
    PROTOCOL = "protocol"
    TUNNEL = "tunnel"


@dataclass(slots=True)
class Phases:
    """Seconds spent in each phase, including the last one reached; None for the others.

    `dns` is the name lookup (skipped for an IP address), `tcp` the connection (through a proxy:
    that to the proxy, and the tunnel), `tls` the handshake (https only), `first_byte` sending the
    request and waiting for the first bytes of the answer, `rest` reading the answer to its end.
    """

    dns: float | None = None
    tcp: float | None = None
    tls: float | None = None
    first_byte: float | None = None
    rest: float | None = None


@dataclass(slots=True)
class RequestTrace:
    """A request, its answer, and how far the two got.

    `status` is None if no answer could be parsed. `truncated` is true if `body` is not the
    whole body of the answer: it exceeded the limit, or the connection ended early. `request`
    is every byte sent, or that would have been sent, without what is for a proxy. `peer` is the
    IP address connected to, which is the proxy's if there is one. `proxy_failed` is true if the
    request did not get past the proxy, `proxy_status` its refusal to open a tunnel, and
    `proxy_location` where that leads. `proxy_asked` is true if it was asked for a tunnel.
    `problem` is one sentence, empty if nothing failed; `failure` is its kind, `phase` the last
    phase reached, and `tls_error` OpenSSL's name for a failed handshake. `version` is that of the
    answer, "1.0" or "1.1"; `first` are its first bytes, at most 64. `certificates` are those that
    the server sent, DER-encoded, its own first; `untrusted` is true if they were rejected.
    """

    request: bytes = b""
    status: int | None = None
    reason: str = ""
    headers: tuple[Header, ...] = ()
    body: bytes = b""
    truncated: bool = False
    phases: Phases = field(default_factory=Phases)
    peer: str = ""
    proxy_failed: bool = False
    proxy_status: int | None = None
    proxy_location: str = ""
    proxy_asked: bool = False
    certificates: tuple[bytes, ...] = ()
    untrusted: bool = False
    tls_version: str = ""
    cipher: str = ""
    version: str = ""
    first: bytes = b""
    phase: Phase = Phase.DNS
    failure: RequestFailure | None = None
    tls_error: str = ""
    problem: str = ""
