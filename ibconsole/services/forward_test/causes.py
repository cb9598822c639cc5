"""The first cause of one request's failure, and the remedy of every cause."""

import re
from collections.abc import Mapping

from ibconsole.http1 import Phase as RequestPhase
from ibconsole.http1 import RequestFailure, RequestTrace
from ibconsole.services.forward_test.body_kinds import BodyKind, body_kind
from ibconsole.services.forward_test.connecting import proxy_cause, tls_cause
from ibconsole.services.forward_test.rungs import Cause, RungState
from ibconsole.services.forward_test.verdict import SLOW, Delivered

_REDIRECTS = {301, 302, 303, 307, 308}
_LOGIN_URL = re.compile(r"log[-_]?in|sign[-_]?in|\bauth|/sso|saml|oauth|adfs", re.IGNORECASE)
_BY_PHASE: Mapping[RequestPhase, Mapping[RequestFailure, Cause]] = {
    RequestPhase.DNS: {RequestFailure.UNKNOWN_NAME: Cause.NO_SUCH_NAME},
    RequestPhase.TCP: {
        RequestFailure.REFUSED: Cause.REFUSED,
        RequestFailure.TIMEOUT: Cause.CONNECT_TIMEOUT,
        RequestFailure.RESET: Cause.CONNECT_RESET,
    },
    RequestPhase.TLS: {
        RequestFailure.TIMEOUT: Cause.TLS_TIMEOUT,
        RequestFailure.RESET: Cause.TLS_RESET,
        RequestFailure.CERTIFICATE: Cause.CERT_INVALID,
    },
    RequestPhase.FIRST_BYTE: {
        RequestFailure.TIMEOUT: Cause.NO_ANSWER_IN_TIME,
        RequestFailure.RESET: Cause.RESET_AFTER_REQUEST,
        RequestFailure.CLOSED: Cause.CLOSED_WITHOUT_ANSWER,
    },
    RequestPhase.REST: {
        RequestFailure.TIMEOUT: Cause.ANSWER_STALLED,
        RequestFailure.RESET: Cause.ANSWER_RESET,
        RequestFailure.CLOSED: Cause.CLOSED_WITHOUT_ANSWER,
        RequestFailure.CUT: Cause.ANSWER_CUT,
    },
}
_OTHERWISE = {
    RequestPhase.DNS: Cause.NAME_LOOKUP_FAILED,
    RequestPhase.TCP: Cause.UNREACHABLE,
    RequestPhase.TLS: Cause.TLS_HANDSHAKE,
    RequestPhase.FIRST_BYTE: Cause.RESET_AFTER_REQUEST,
    RequestPhase.REST: Cause.ANSWER_RESET,
}
_STATUSES = {
    400: Cause.STATUS_400,
    401: Cause.STATUS_401,
    402: Cause.STATUS_402,
    403: Cause.STATUS_403,
    404: Cause.STATUS_404,
    405: Cause.STATUS_405,
    406: Cause.STATUS_406,
    407: Cause.STATUS_407,
    408: Cause.STATUS_408,
    409: Cause.STATUS_409,
    410: Cause.STATUS_410,
    411: Cause.STATUS_411,
    413: Cause.STATUS_413,
    414: Cause.STATUS_414,
    415: Cause.STATUS_415,
    417: Cause.STATUS_417,
    421: Cause.STATUS_421,
    422: Cause.STATUS_422,
    426: Cause.STATUS_426,
    429: Cause.STATUS_429,
    431: Cause.STATUS_431,
    500: Cause.STATUS_500,
    501: Cause.STATUS_501,
    502: Cause.GATEWAY_502,
    503: Cause.GATEWAY_503,
    504: Cause.GATEWAY_504,
}
_PAGES = {
    BodyKind.CHALLENGE: Cause.CHALLENGE_PAGE,
    BodyKind.BLOCKED: Cause.BLOCK_PAGE,
    BodyKind.TUNNEL: Cause.TUNNEL_OFF,
    BodyKind.HTTPS_PORT: Cause.HTTPS_EXPECTED,
}
_IN_200 = {
    BodyKind.LOGIN: Cause.LOGIN_PAGE,
    BodyKind.HTML: Cause.HTML_WITH_200,
    BodyKind.JSON_ERROR: Cause.ERROR_IN_200,
    BodyKind.ERROR_REPORT: Cause.ERROR_IN_200,
}
# Causes with which a message may arrive all the same, or only some messages do not.
WARNINGS = frozenset(
    {
        Cause.SOME_ADDRESSES_PRIVATE,
        Cause.SOME_ADDRESSES_DEAD,
        Cause.SOME_ADDRESSES_TLS,
        Cause.IPV6_DEAD,
        Cause.IPV6_ONLY,
        Cause.CERT_PRIVATE_CA,
        Cause.CERT_EXPIRES_SOON,
        Cause.ANSWER_SLOW,
        Cause.HTTP_1_0,
        Cause.NOT_200_2XX,
        Cause.HTML_WITH_200,
        Cause.ERROR_IN_200,
        Cause.EXPECT_REFUSED,
        Cause.CHUNKED_REFUSED,
        Cause.NEEDS_USER_AGENT,
        Cause.HEADER_CASE,
        Cause.DUPLICATE_REFUSED,
        Cause.DUPLICATE_DIFFERS,
        Cause.PARALLEL_REFUSED,
        Cause.UNSTABLE,
    }
)
# With these a 200 says nothing about the endpoint: something before it may have answered.
DOUBTFUL = frozenset(
    {
        Cause.CHALLENGE_PAGE,
        Cause.BLOCK_PAGE,
        Cause.LOGIN_PAGE,
        Cause.TUNNEL_OFF,
        Cause.HTML_WITH_200,
        Cause.ERROR_IN_200,
    }
)


_RENEW = "Have the certificate renewed, and its renewal automated."
_ALLOW = (
    "Have the firewall let POST requests of the platform through on this path, by its published"
    " networks instead of by User-Agent or a challenge."
)
_PUBLIC = "Enter a public address, such as that of a tunnel which ends here, in the action."
_NO_LOG_IN = (
    "Have the endpoint accept requests without a log-in on this path, and protect it by a path that"
    " cannot be guessed or by a list of the platform's networks."
)
_LOGS = "Read the endpoint's own log for the time of this test, and have it repaired."
_ANSWER_FIRST = (
    "Have the endpoint store what arrives and answer 200 at once, and process it afterwards."
)
_CONTENT = "Have the endpoint store what arrives, answer 200, and validate it afterwards."
_VENDOR_UNKNOWN = " Whether the platform sends such requests is not known."
_PROXY = "This is a matter of this computer: the platform does not use its proxy. "

_REMEDIES: Mapping[Cause, str] = {
    Cause.NONE: "",
    Cause.NOT_KNOWN: "Repeat the test from a computer on the internet.",
    Cause.STOPPED: "Repeat the test if you need the rest.",
    Cause.DEADLINE: "Repeat the test with more time (--timeout).",
    Cause.SYNTAX: "Replace the action by one with the corrected URL.",
    Cause.NO_SUCH_NAME: (
        "Compare the name letter by letter, and have its owner create the DNS record (A or AAAA)."
    ),
    Cause.NAME_LOOKUP_FAILED: (
        "Try again. If it stays, have the owner check the name servers of the domain, or check"
        " this computer's own."
    ),
    Cause.PRIVATE_ADDRESSES: _PUBLIC,
    Cause.SOME_ADDRESSES_PRIVATE: "Have the private addresses removed from the public DNS record.",
    Cause.IPV6_ONLY: (
        "Have an IPv4 address (A record) added: whether the platform uses IPv6 is not known."
    ),
    Cause.REFUSED: (
        "Have the server started, or correct the port. A firewall that rejects looks the same."
    ),
    Cause.UNREACHABLE: "Have the address and the routes to it checked by the server's network.",
    Cause.CONNECT_TIMEOUT: (
        "Have the server started, or the firewall opened for the platform's networks: one that"
        " drops packets looks like this."
    ),
    Cause.CONNECT_RESET: "Have the firewall or load balancer before the server checked.",
    Cause.SOME_ADDRESSES_DEAD: (
        "Have the dead addresses repaired or removed from DNS: deliveries fail intermittently."
    ),
    Cause.IPV6_DEAD: "Have the IPv6 addresses (AAAA records) repaired or removed from DNS.",
    Cause.PROXY_UNUSABLE: _PROXY + "Correct the variable that names it.",
    Cause.PROXY_UNREACHABLE: _PROXY + "Correct its address, or start it.",
    Cause.PROXY_LOG_IN: _PROXY + "Correct the user name and password in the variable.",
    Cause.PROXY_REFUSED: _PROXY + "Ask its administrator to allow the host, or use NO_PROXY.",
    Cause.PROXY_NO_CONNECTION: (
        "Check the host: the proxy does not reach it. Repeat the test without the proxy to be sure."
    ),
    Cause.PROXY_NOT_HTTP: _PROXY + "Correct its address: what answers there is no HTTP proxy.",
    Cause.PROXY_TLS: _PROXY + "Check whether the proxy is to be reached by http:// or https://.",
    Cause.PROXY_REDIRECT: (
        _PROXY + "Log in to the network with a browser, or ask its administrator."
    ),
    Cause.PROXY_BROKEN: _PROXY + "Ask its administrator why it ends connections to this host.",
    Cause.PROXY_NO_TUNNEL: (
        _PROXY + "Ask its administrator why it answers in place of this host, or use NO_PROXY."
    ),
    Cause.TLS_NOT_SPOKEN: "Have TLS enabled on this port, or correct the port or scheme.",
    Cause.TLS_OLD: "Have TLS 1.2 or 1.3 enabled: current senders refuse older versions.",
    Cause.TLS_HANDSHAKE: (
        "Have the TLS settings of the server checked: versions, ciphers, and whether it wants a"
        " client certificate."
    ),
    Cause.TLS_NAME_UNKNOWN: "Have this host configured on the server, with its certificate.",
    Cause.TLS_TIMEOUT: "Have the server checked: the port is open, but TLS does not answer.",
    Cause.TLS_RESET: (
        "Have the server or firewall checked: it ends the handshake. A port without TLS looks"
        " the same."
    ),
    Cause.TLS_CLIENT_CERTIFICATE: (
        "Have this path exempted from client certificates: the platform is not known to send one."
    ),
    Cause.CERT_EXPIRED: _RENEW,
    Cause.CERT_NOT_YET: "Check the clocks of the server and of this computer, or wait.",
    Cause.CERT_NAME: "Have a certificate for this host installed, or use a host that it names.",
    Cause.CERT_CHAIN: (
        "Have the server send the intermediate certificate, too (the “full chain”): browsers"
        " find it by themselves, senders do not."
    ),
    Cause.CERT_UNKNOWN_CA: "Have a certificate of a public authority installed.",
    Cause.CERT_SELF_SIGNED: "Have a certificate of a public authority installed.",
    Cause.CERT_WEAK: "Have a certificate with a current key and signature installed.",
    Cause.CERT_INVALID: "Have the certificate replaced.",
    Cause.CERT_PRIVATE_CA: (
        "Have a certificate of a public authority installed: the platform is not likely to know"
        " this one."
    ),
    Cause.CERT_EXPIRES_SOON: _RENEW,
    Cause.TLS_INTERCEPTED: (
        "Repeat the test from a computer whose traffic is not decrypted: this certificate is not"
        " that of the endpoint."
    ),
    Cause.SOME_ADDRESSES_TLS: (
        "Have the same certificate and settings installed behind every address: deliveries fail"
        " intermittently."
    ),
    Cause.RESET_AFTER_REQUEST: (
        "Have the endpoint, and the firewall before it, checked: the request is discarded."
    ),
    Cause.CLOSED_WITHOUT_ANSWER: _LOGS,
    Cause.NO_ANSWER_IN_TIME: _ANSWER_FIRST,
    Cause.ANSWER_RESET: _LOGS,
    Cause.ANSWER_CUT: "Have the endpoint checked: it announces more than it sends.",
    Cause.ANSWER_STALLED: "Have the endpoint send short answers at once.",
    Cause.ANSWER_SLOW: _ANSWER_FIRST,
    Cause.ANSWER_NOT_HTTP: "Correct the port, or have an HTTP server put there.",
    Cause.ANSWER_INVALID: "Have the server's answers corrected: they violate HTTP/1.1.",
    Cause.HTTPS_EXPECTED: "Begin the URL of the action with https://.",
    Cause.HTTP_1_0: "Nothing, if deliveries arrive. A current server answers with HTTP/1.1.",
    Cause.REDIRECT: "Enter the final URL in the action: redirects are not known to be followed.",
    Cause.REDIRECT_TO_LOGIN: _NO_LOG_IN,
    Cause.STATUS_400: _CONTENT,
    Cause.STATUS_401: _NO_LOG_IN,
    Cause.STATUS_402: "Have the account of the endpoint's hosting checked.",
    Cause.STATUS_403: _ALLOW,
    Cause.STATUS_404: "Correct the path, or have the endpoint deployed there.",
    Cause.STATUS_405: "Correct the path, or have POST accepted on it.",
    Cause.STATUS_406: "Have the endpoint answer whatever form is asked for.",
    Cause.STATUS_407: "Have the proxy before the endpoint let requests in without a log-in.",
    Cause.STATUS_408: "Have the time-out for reading requests raised.",
    Cause.STATUS_409: "Have the endpoint answer 200 to a message that it has already.",
    Cause.STATUS_410: "Enter the current URL in the action.",
    Cause.STATUS_411: "Have the endpoint accept the framing of the request.",
    Cause.STATUS_413: "Have the limit for the size of requests raised.",
    Cause.STATUS_414: "Use a shorter URL.",
    Cause.STATUS_415: "Have the content type application/json accepted.",
    Cause.STATUS_417: "Have the header Expect: 100-continue supported or ignored.",
    Cause.STATUS_421: "Have this host configured on the server.",
    Cause.STATUS_422: _CONTENT,
    Cause.STATUS_426: "Have HTTP/1.1 accepted, and TLS if that is what it asks for.",
    Cause.STATUS_429: "Have the platform's networks exempted from the limit of requests.",
    Cause.STATUS_431: "Have the limit for the size of headers raised.",
    Cause.STATUS_4XX: _LOGS,
    Cause.STATUS_500: _LOGS,
    Cause.STATUS_501: "Correct the URL, or have POST supported by the server.",
    Cause.STATUS_5XX: _LOGS,
    Cause.GATEWAY_502: "Have the application behind the gateway checked: it answers wrongly.",
    Cause.GATEWAY_503: "Have the application behind the gateway started, or wait for its return.",
    Cause.GATEWAY_504: _ANSWER_FIRST,
    Cause.GATEWAY_52X: (
        "Have the origin checked: the content network does not reach it, or not by valid TLS."
    ),
    Cause.STATUS_ODD: "Have the endpoint answer with a valid final status: 200.",
    Cause.NOT_200_2XX: "Have the endpoint answer 200: that is what the platform expects.",
    Cause.CHALLENGE_PAGE: _ALLOW,
    Cause.LOGIN_PAGE: _NO_LOG_IN,
    Cause.BLOCK_PAGE: _ALLOW,
    Cause.TUNNEL_OFF: "Start the tunnel's program, or enter its current address in the action.",
    Cause.HTML_WITH_200: (
        "Check whether this path is the endpoint: a web page answers, which may throw messages"
        " away."
    ),
    Cause.ERROR_IN_200: (
        "Have the endpoint's error repaired: by the status, the message counts as delivered and"
        " is not sent again."
    ),
    Cause.EXPECT_REFUSED: "Have Expect: 100-continue supported or ignored." + _VENDOR_UNKNOWN,
    Cause.CHUNKED_REFUSED: "Have chunked requests accepted." + _VENDOR_UNKNOWN,
    Cause.USER_AGENT_FILTERED: _ALLOW,
    Cause.NEEDS_USER_AGENT: "Have requests without User-Agent accepted." + _VENDOR_UNKNOWN,
    Cause.HEADER_CASE: "Have header names accepted in either case, as HTTP demands.",
    Cause.SENDER_FILTERED: _ALLOW,
    Cause.DUPLICATE_REFUSED: (
        "Have the endpoint answer 200 to a message that it has already: the platform may repeat"
        " one, and a refusal makes it repeat again."
    ),
    Cause.DUPLICATE_DIFFERS: "Have the endpoint answer a repeated message as the first.",
    Cause.PARALLEL_REFUSED: "Have the endpoint accept at least 20 connections at a time.",
    Cause.UNSTABLE: "Repeat the test: the endpoint answers the same request in different ways.",
}


def cause_of(trace: RequestTrace, *, seconds: float) -> Cause:
    """Return the first cause of what became of a request that took so long; NONE for success."""
    if trace.proxy_failed:
        return proxy_cause(trace)
    if trace.status is not None and (trace.status != 200 or trace.failure is None):
        return _by_answer(trace, seconds)
    return _by_failure(trace)


def _by_failure(trace: RequestTrace) -> Cause:
    match trace.failure:
        case None:
            return Cause.STOPPED
        case RequestFailure.URL:
            return Cause.SYNTAX
        case RequestFailure.PROTOCOL:
            return _by_protocol(trace.first)
        case RequestFailure.TLS:
            return tls_cause(trace.tls_error)
        case failure:
            return _BY_PHASE[trace.phase].get(failure, _OTHERWISE[trace.phase])


def state_of(cause: Cause) -> RungState:
    """Return the state of a rung with this cause."""
    if cause is Cause.NONE:
        return RungState.PASSED
    return RungState.WARNING if cause in WARNINGS else RungState.FAILED


def counts_with(counts: Delivered, cause: Cause) -> Delivered:
    """Return what a verdict by the status is worth if the answer has this cause."""
    if counts is Delivered.YES and cause in DOUBTFUL:
        return Delivered.PERHAPS
    return counts


def answer_kind(headers: tuple[tuple[bytes, bytes], ...], body: bytes) -> BodyKind:
    """Return the kind of an answer's body."""
    texts = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in headers}
    return body_kind(texts, body)


def _by_protocol(first: bytes) -> Cause:
    if first.startswith((b"\x15\x03", b"\x16\x03")):
        return Cause.HTTPS_EXPECTED
    is_http = first.lstrip(b"\r\n").startswith(b"HTTP/")
    return Cause.ANSWER_INVALID if is_http else Cause.ANSWER_NOT_HTTP


def _by_answer(trace: RequestTrace, seconds: float) -> Cause:
    status = trace.status or 0
    kind = answer_kind(trace.headers, trace.body)
    if status in _REDIRECTS:
        return _by_target(trace)
    if kind in _PAGES:
        return _PAGES[kind]
    if status == 200:
        return _by_success(trace, kind, seconds)
    if 200 <= status < 300:
        return Cause.NOT_200_2XX
    return _STATUSES.get(status) or _by_class(status)


def _by_class(status: int) -> Cause:
    if 520 <= status <= 530:
        return Cause.GATEWAY_52X
    return {4: Cause.STATUS_4XX, 5: Cause.STATUS_5XX}.get(status // 100, Cause.STATUS_ODD)


def _by_target(trace: RequestTrace) -> Cause:
    target = next((value for name, value in trace.headers if name.lower() == b"location"), b"")
    is_login = _LOGIN_URL.search(target.decode("latin-1"))
    return Cause.REDIRECT_TO_LOGIN if is_login else Cause.REDIRECT


def _by_success(trace: RequestTrace, kind: BodyKind, seconds: float) -> Cause:
    if kind in _IN_200:
        return _IN_200[kind]
    if seconds >= SLOW:
        return Cause.ANSWER_SLOW
    return Cause.HTTP_1_0 if trace.version == "1.0" else Cause.NONE


def remedy_for(cause: Cause) -> str:
    """Return what to do about a cause, in at most two sentences; empty for NONE."""
    return _REMEDIES[cause]
