"""Values of the ladder: the rungs of a test of a forward URL, and the first cause of a failure.

Names of causes are stored in archives and written in JSON: they are appended to, never renamed.
"""

from collections.abc import Callable
from enum import StrEnum

import msgspec

from ibconsole.hosts import Network
from ibconsole.services.forward_test.certificates import Certificate
from ibconsole.services.forward_test.verdict import Delivered


class Cause(StrEnum):
    """The first cause why a message would not arrive, or may not; one for each remedy."""

    NONE = "none"
    NOT_KNOWN = "not known"
    STOPPED = "stopped"
    DEADLINE = "deadline"
    # The spelling of the URL, and the name.
    SYNTAX = "syntax"
    NO_SUCH_NAME = "no such name"
    NAME_LOOKUP_FAILED = "name lookup failed"
    PRIVATE_ADDRESSES = "private addresses"
    SOME_ADDRESSES_PRIVATE = "some addresses private"
    IPV6_ONLY = "IPv6 only"
    # The connection.
    REFUSED = "connection refused"
    UNREACHABLE = "unreachable"
    CONNECT_TIMEOUT = "connect time-out"
    CONNECT_RESET = "connection reset while connecting"
    SOME_ADDRESSES_DEAD = "some addresses dead"
    IPV6_DEAD = "IPv6 addresses dead"
    # The proxy of this computer.
    PROXY_UNUSABLE = "proxy unusable"
    PROXY_UNREACHABLE = "proxy unreachable"
    PROXY_LOG_IN = "proxy log-in"
    PROXY_REFUSED = "proxy refused"
    PROXY_NO_CONNECTION = "proxy without connection to the host"
    PROXY_NOT_HTTP = "proxy not HTTP"
    PROXY_TLS = "proxy TLS"
    PROXY_REDIRECT = "proxy redirects"
    PROXY_BROKEN = "proxy broke the connection"
    PROXY_NO_TUNNEL = "proxy without a tunnel"
    # TLS and certificates.
    TLS_NOT_SPOKEN = "TLS not spoken"
    TLS_OLD = "old TLS"
    TLS_HANDSHAKE = "TLS handshake"
    TLS_NAME_UNKNOWN = "TLS name unknown"
    TLS_TIMEOUT = "TLS time-out"
    TLS_RESET = "reset in the TLS handshake"
    TLS_CLIENT_CERTIFICATE = "client certificate wanted"
    CERT_EXPIRED = "certificate expired"
    CERT_NOT_YET = "certificate not yet valid"
    CERT_NAME = "certificate for another name"
    CERT_CHAIN = "intermediate certificate missing"
    CERT_UNKNOWN_CA = "certificate of an unknown authority"
    CERT_SELF_SIGNED = "self-signed certificate"
    CERT_WEAK = "weak certificate"
    CERT_INVALID = "invalid certificate"
    CERT_PRIVATE_CA = "certificate trusted on this computer only"
    CERT_EXPIRES_SOON = "certificate expires soon"
    TLS_INTERCEPTED = "TLS intercepted"
    SOME_ADDRESSES_TLS = "TLS fails at some addresses"
    # The answer.
    RESET_AFTER_REQUEST = "reset after the request"
    CLOSED_WITHOUT_ANSWER = "closed without an answer"
    NO_ANSWER_IN_TIME = "no answer in time"
    ANSWER_RESET = "reset in the answer"
    ANSWER_CUT = "answer cut"
    ANSWER_STALLED = "answer not finished in time"
    ANSWER_SLOW = "slow answer"
    ANSWER_NOT_HTTP = "answer not HTTP"
    ANSWER_INVALID = "invalid HTTP"
    HTTPS_EXPECTED = "https expected"
    HTTP_1_0 = "HTTP/1.0"
    REDIRECT = "redirect"
    REDIRECT_TO_LOGIN = "redirect to a log-in"
    STATUS_400 = "bad request"
    STATUS_401 = "authentication wanted"
    STATUS_402 = "payment wanted"
    STATUS_403 = "forbidden"
    STATUS_404 = "not found"
    STATUS_405 = "method not allowed"
    STATUS_406 = "not acceptable"
    STATUS_407 = "proxy log-in before the endpoint"
    STATUS_408 = "request time-out"
    STATUS_409 = "conflict"
    STATUS_410 = "gone"
    STATUS_411 = "length required"
    STATUS_413 = "payload too large"
    STATUS_414 = "URL too long"
    STATUS_415 = "unsupported content type"
    STATUS_417 = "expectation failed"
    STATUS_421 = "misdirected request"
    STATUS_422 = "unprocessable content"
    STATUS_426 = "upgrade wanted"
    STATUS_429 = "too many requests"
    STATUS_431 = "headers too large"
    STATUS_4XX = "refused"
    STATUS_500 = "endpoint failed"
    STATUS_501 = "POST not supported"
    STATUS_5XX = "server failed"
    GATEWAY_502 = "bad gateway"
    GATEWAY_503 = "unavailable"
    GATEWAY_504 = "gateway time-out"
    GATEWAY_52X = "content network without its origin"
    STATUS_ODD = "no final status"
    NOT_200_2XX = "success other than 200"
    CHALLENGE_PAGE = "challenge page"
    LOGIN_PAGE = "log-in page"
    BLOCK_PAGE = "firewall's page"
    TUNNEL_OFF = "tunnel without its program"
    HTML_WITH_200 = "HTML with 200"
    ERROR_IN_200 = "error with 200"
    # Differences between requests.
    EXPECT_REFUSED = "Expect refused"
    CHUNKED_REFUSED = "chunked refused"
    USER_AGENT_FILTERED = "filtered by User-Agent"
    NEEDS_USER_AGENT = "User-Agent wanted"
    HEADER_CASE = "header names in one case only"
    SENDER_FILTERED = "filtered by sender"
    DUPLICATE_REFUSED = "duplicate refused"
    DUPLICATE_DIFFERS = "duplicate answered differently"
    PARALLEL_REFUSED = "parallel requests refused"
    UNSTABLE = "answers change"


class RungKind(StrEnum):
    """The rungs of the ladder, in their order."""

    SYNTAX = "syntax"
    NAMES = "names"
    ADDRESSES = "addresses"
    CONNECTIONS = "connections"
    TLS = "tls"
    ANSWER = "answer"
    REPEAT = "repeat"
    SENDERS = "senders"
    PARALLEL = "parallel"


class RungState(StrEnum):
    """The result of a rung; `SKIPPED` means that it was not tried."""

    PASSED = "passed"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"
    NOT_KNOWN = "not known"


class Rung(msgspec.Struct, frozen=True):
    """One rung: its result in a sentence, what to do, and how long it took.

    `remedy` is empty if nothing is to be done. `details` are sentences or facts, the most
    important first. `seconds` is None for a rung that was not tried.
    """

    kind: RungKind
    state: RungState
    sentence: str
    remedy: str = ""
    details: tuple[str, ...] = ()
    seconds: float | None = None
    cause: Cause = Cause.NONE


class HostNames(msgspec.Struct, frozen=True):
    """The addresses of a host, in the order of the system's resolver, and its canonical names.

    `problem` is a sentence, empty if there is an address.
    """

    host: str
    addresses: tuple[str, ...] = ()
    canonical_names: tuple[str, ...] = ()
    seconds: float = 0.0
    problem: str = ""
    cause: Cause = Cause.NONE


class TlsProbe(msgspec.Struct, frozen=True):
    """A TLS handshake with one address.

    `version` and `cipher` are empty if no handshake was completed, not even one that accepts any
    certificate. `trusted` says that this computer accepts the certificates, `public` that an
    authority that everybody knows issued them, `name_matches` that they are for the host; None
    where that is not known. `accepts_old` says whether TLS 1.0 or 1.1 is accepted. `cause` is the
    first cause of a failure, `causes` are all; `problem` is a sentence.
    """

    version: str = ""
    cipher: str = ""
    certificates: tuple[Certificate, ...] = ()
    trusted: bool = False
    public: bool | None = None
    name_matches: bool | None = None
    accepts_old: bool | None = None
    seconds: float = 0.0
    problem: str = ""
    cause: Cause = Cause.NONE
    causes: tuple[Cause, ...] = ()


class AddressProbe(msgspec.Struct, frozen=True):
    """A connection to one address of the host, or to the host through a proxy.

    `address` is empty where a proxy looks the name up. `seconds` is the time until the connection
    was open or failed. `tls` is None where TLS was not tried.
    """

    address: str
    family: str
    kind: Network = Network.PUBLIC
    seconds: float = 0.0
    problem: str = ""
    cause: Cause = Cause.NONE
    tls: TlsProbe | None = None

    @property
    def is_connected(self) -> bool:
        """True if the connection was open."""
        return self.cause is Cause.NONE


class SentTest(msgspec.Struct, frozen=True):
    """One request of a ladder: who it was sent as, and what became of it.

    `label` names the sender or the repetition. `id` is that of its record in the archive, 0 if it
    has none yet. `counts` and `cause` are the verdict on this request alone.
    """

    label: str
    rung: RungKind
    counts: Delivered
    status: int | None = None
    seconds: float = 0.0
    problem: str = ""
    cause: Cause = Cause.NONE
    id: int = 0


class Ladder(msgspec.Struct, frozen=True):
    """A test of a forward URL, rung by rung, up to the first one that says why it fails.

    `url` has no user name and password in it, `at` is in milliseconds since the epoch. `vantage`
    says from where it was tested: "from this computer, through the proxy …". `counts` says
    whether the platform would count a message as delivered; it is "perhaps" where no request was
    sent and nothing fails. `sent` are the requests in the order in which they were sent.
    `stopped` says that the user ended it.
    """

    url: str
    at: int
    vantage: str
    proxy: str = ""
    rungs: tuple[Rung, ...] = ()
    names: HostNames | None = None
    probes: tuple[AddressProbe, ...] = ()
    sent: tuple[SentTest, ...] = ()
    cause: Cause = Cause.NONE
    counts: Delivered = Delivered.PERHAPS
    seconds: float = 0.0
    stopped: bool = False

    def rung(self, kind: RungKind) -> Rung | None:
        """Return the rung of a kind; None if the ladder did not come to it."""
        return next((rung for rung in self.rungs if rung.kind is kind), None)

    @property
    def first_problem(self) -> Rung | None:
        """The first rung that failed; without one, the first with a warning; else None."""
        for state in (RungState.FAILED, RungState.WARNING):
            found = next((rung for rung in self.rungs if rung.state is state), None)
            if found:
                return found
        return None


OnRung = Callable[[Ladder], object]
