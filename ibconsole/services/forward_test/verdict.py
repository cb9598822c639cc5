"""The verdict on an answer: would the platform count the message as delivered?

The rules are those of platform.md §5. Only one is documented, that the platform expects 200;
everything else is inferred, and the verdict says so.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum

import msgspec

from ibconsole.hosts import host_of, is_loopback, is_private
from ibconsole.plural import counted
from ibconsole.services.forward_test.certificates import Certificate

EXPIRES_SOON = 14  # days until a certificate expires
SLOW = 5.0  # seconds
LONG = 1_024  # bytes of an answer


class Delivered(StrEnum):
    """The likelihood that the platform counts a message as delivered."""

    YES = "yes"
    PERHAPS = "perhaps"
    NO = "no"


class Verdict(msgspec.Struct, frozen=True):
    """A verdict with its reasons, all in sentences.

    `documented` and `inferred` are the rules behind it; `remarks` are about other risks.
    """

    counts: Delivered
    sentence: str
    documented: tuple[str, ...] = ()
    inferred: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


_EXPECTED = "The platform expects 200."
_RETRIED = (
    "For forwards of mobile push no retries are documented. For delivery reports and SMS the"
    " platform tries again after 1 min + 1 min * n²; assume the same, and that the message is lost"
    " after the last retry."
)
_UNAUTHENTICATED = (
    "Accept requests without a log-in on this path, and protect it otherwise: by a path that cannot"
    " be guessed, or by a list of the platform's addresses."
)
_FILTERED = (
    "The platform calls from other addresses than this test, and its headers are not documented: it"
    " may be treated differently."
)
_REDIRECTS = {301, 302, 303, 307, 308}
# What an endpoint says by a status, after "No: 404 says that".
_MEANINGS = {
    400: "the endpoint does not understand this request or its content",
    401: "the endpoint wants authentication, and the platform sends none",
    402: "the endpoint wants a payment, often from the owner of its hosting",
    403: "the endpoint refuses this sender, by a firewall or a list of addresses, or it wants a"
    " log-in, which the platform does not send",
    404: "there is nothing at this path",
    405: "this path does not accept POST",
    406: "the endpoint cannot answer in a form that the request accepts",
    407: "a proxy before the endpoint wants a log-in, which the platform does not send",
    408: "the endpoint did not receive the request in time",
    409: "the request conflicts with what the endpoint has",
    410: "this path was given up for good",
    411: "the endpoint wants the length of the request in advance (Content-Length)",
    412: "the endpoint wants a condition that the request does not meet",
    413: "the payload is too large for the endpoint",
    414: "the URL is too long for the endpoint",
    415: "the endpoint does not take this content type, application/json",
    417: "the endpoint does not support Expect: 100-continue",
    418: "the endpoint does not serve such requests",
    421: "this server is not responsible for the host",
    422: "the endpoint cannot process the content",
    423: "the endpoint is locked",
    425: "the endpoint does not take a request that may be a repeated one",
    426: "the endpoint wants another protocol, such as TLS",
    428: "the endpoint wants a conditional request",
    429: "the endpoint gets too many requests",
    431: "the headers are too large for the endpoint",
    451: "the endpoint is closed for legal reasons",
    500: "the endpoint has failed",
    501: "the server does not support POST",
    502: "a gateway is in front of the endpoint and got no valid answer from it",
    503: "the endpoint is overloaded, under maintenance, or does not run behind its gateway",
    504: "a gateway is in front of the endpoint and got no answer from it in time",
    505: "the server does not support HTTP/1.1",
    507: "the endpoint has no space left",
    508: "the endpoint, or a gateway in front of it, calls itself in a loop",
    511: "the network wants a log-in before it lets requests through",
}
# What proxies answer themselves to plain requests, a captive portal among them.
_BY_PROXIES = {301, 302, 303, 307, 308, 400, 403, 404, 500, 502, 503, 504, 511}
# A payload that is refused for what is in it is refused again.
_ABOUT_CONTENT = {400, 406, 409, 411, 413, 415, 422}
_LOST = (
    "Such an answer has cost users their messages: store what arrives, answer 200, and validate it"
    " afterwards."
)


class ForwardOutcome(msgspec.Struct, frozen=True):
    """The part of a test's result that a verdict depends on.

    `seconds` is the duration of all phases; `status` is None if no answer arrived. `proxy` names
    the proxy of the request, `proxy_failed` is true if it did not get past that. `sandbox` is true
    if the platform runs on this computer.
    """

    status: int | None
    problem: str = ""
    seconds: float = 0.0
    answer_size: int = 0
    certificates: Sequence[Certificate] = ()
    untrusted: bool = False
    proxy: str = ""
    proxy_failed: bool = False
    sandbox: bool = False


def judge(url: str, outcome: ForwardOutcome) -> Verdict:
    """Return the verdict on the outcome of a test of this URL."""
    counts, sentence, inferred = _delivery(outcome)
    remarks = (*_reachability(url, outcome), *_doubts(url, outcome), *_risks(outcome))
    return Verdict(counts, sentence, (_EXPECTED,), inferred, remarks)


def _delivery(outcome: ForwardOutcome) -> tuple[Delivered, str, tuple[str, ...]]:
    status, problem = outcome.status, outcome.problem
    if outcome.proxy_failed:
        return (
            Delivered.PERHAPS,
            f"Not known: the test did not get past the proxy. {problem}",
            ("The platform does not use this proxy, so this says nothing about its deliveries.",),
        )
    if outcome.untrusted:
        return (
            Delivered.NO,
            "No, as far as is known: the certificate is not trusted here, so nothing was sent.",
            ("Whether the platform accepts such a certificate is not documented.", _RETRIED),
        )
    if status is None:
        return Delivered.NO, f"No: there was no answer. {problem}", (_RETRIED,)
    if status == 200 and problem:
        return (
            Delivered.PERHAPS,
            f"Perhaps: the answer began with 200, but was not complete. {problem}",
            ("Whether the platform reads an answer to its end is not documented.",),
        )
    return _by_status(status)


def _by_status(status: int) -> tuple[Delivered, str, tuple[str, ...]]:
    if status == 200:
        return Delivered.YES, "Yes: this answer counts as delivered.", ()
    if 200 <= status < 300:
        sentence = f"Perhaps: {status} is a success, but not the one that is expected."
        likely = "Other codes of the 200s are likely to count, too. Answer 200 to be sure."
        return Delivered.PERHAPS, sentence, (likely,)
    if status in _REDIRECTS:
        sentence = f"No, as far as is known: {status} is a redirect."
        unknown = "Whether the platform follows redirects is not documented. Use the final URL."
        return Delivered.NO, sentence, (unknown,)
    return Delivered.NO, f"No: {status} {_meaning(status)}.", _consequences(status)


def _meaning(status: int) -> str:
    if meaning := _MEANINGS.get(status):
        return f"says that {meaning}"
    match status // 100:
        case 4:
            return "says that the endpoint refuses the request"
        case 5:
            return "says that the endpoint, or a gateway in front of it, has failed"
        case 3:
            return "is neither a success nor a redirect to another URL"
        case 1:
            return "announces an answer, and none followed"
    return "is no status of HTTP"


def _consequences(status: int) -> tuple[str, ...]:
    if status == 401:
        return _UNAUTHENTICATED, _RETRIED
    if status == 403:
        return _FILTERED, _RETRIED
    return (_LOST, _RETRIED) if status in _ABOUT_CONTENT else (_RETRIED,)


def _reachability(url: str, outcome: ForwardOutcome) -> Iterator[str]:
    """Compare the reach of this computer with that of the platform."""
    host = host_of(url)
    if outcome.sandbox:
        if not is_loopback(host):
            yield f"The sandbox forwards to this computer only, not to {host}."
    elif is_loopback(host):
        yield f"Tested from this computer. The platform cannot reach {host}."
    elif host and is_private(host):
        yield (
            f"Tested from this computer. The platform cannot reach {host}, which is in a private"
            " network."
        )
    elif outcome.status is not None and not outcome.proxy_failed:
        through = f", through the proxy {outcome.proxy}" if outcome.proxy else ""
        yield (
            f"Tested from this computer{through}. A firewall may treat the platform's requests"
            " differently."
        )


def _doubts(url: str, outcome: ForwardOutcome) -> Iterator[str]:
    """Say where an answer may be the proxy's own: a tunnel cannot answer for the endpoint."""
    plain = url.lower().startswith("http:")
    if outcome.proxy and plain and outcome.status in _BY_PROXIES:
        yield (
            f"The answer may be that of the proxy {outcome.proxy}, not of the endpoint: a plain"
            " http request is answered by the proxy where it does not reach the host."
        )


def _risks(outcome: ForwardOutcome) -> Iterator[str]:
    """List what may make a later delivery fail."""
    if outcome.certificates:
        left = outcome.certificates[0].days_left
        if left < 0:
            yield "The certificate has expired."
        elif left <= EXPIRES_SOON:
            within = f"in {counted(left, 'day')}" if left else "within a day"
            yield f"The certificate expires {within}."
    if outcome.seconds >= SLOW:
        yield (
            f"It took {outcome.seconds:.1f} s. How long the platform waits is not documented:"
            " answer at once, and process the message afterwards."
        )
    if outcome.answer_size > LONG:
        yield (
            "The answer is long. The platform logs it, and its support may see it: keep answers"
            " short and free of secrets."
        )
