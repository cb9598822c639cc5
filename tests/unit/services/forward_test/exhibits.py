"""The exhibits of the zoo, each with its first cause, and the way to visit them."""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass
from gzip import compress
from pathlib import Path

from ibconsole.services.console.console import Console
from ibconsole.services.forward_test.chains import PublicRoots
from ibconsole.services.forward_test.connecting import Trust
from ibconsole.services.forward_test.forward_test import ForwardTester
from ibconsole.services.forward_test.ladder import LadderClimber
from ibconsole.services.forward_test.payloads import SAMPLE
from ibconsole.services.forward_test.records import ForwardTest
from ibconsole.services.forward_test.rungs import Cause
from ibconsole.services.forward_test.senders import LadderPlan
from tests.certificates import (
    IssuedCertificate,
    make_authority,
    make_certificate,
    make_intermediate,
    make_self_signed,
)
from tests.unit.services.forward_test.zoo import (
    HOST,
    Alone,
    Cold,
    Limited,
    Once,
    Serve,
    SmallResolver,
    answer,
    closes,
    complains,
    decides,
    drips,
    greets,
    hangs,
    old_server_tls,
    open_server,
    open_tls_server,
    processes,
    resets,
    says,
)

ROOT = make_authority("Public root")
MIDDLE = make_intermediate(ROOT, "Public R7")
COMPANY = make_authority("Company CA")
STRANGE = make_authority("Unknown CA")
GOOD = make_certificate(MIDDLE, HOST, days=90, issuer_url="http://ca.example/r7.der")
OK = answer(200, b"thanks")
THANKS = says(OK)
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
THREADED = {
    "client certificate",
    "client certificate of old",
    "no common cipher",
    "unknown to the server",
    "TLS on an http port",
}
LOCAL = ("127.0.0.1",)


@dataclass
class Exhibit:
    """A broken server, its first cause, and what its URL and its name are like."""

    cause: Cause
    serve: Serve | None = THANKS
    leaf: IssuedCertificate | None = None
    tls: ssl.SSLContext | None = None
    count: int | None = None
    encrypted: bool = False
    addresses: tuple[str, ...] = LOCAL
    parallel: bool = False
    second: IssuedCertificate | None = None


def page(text: str) -> bytes:
    return f"<!doctype html><html><head><title>{text}</title></head></html>".encode()


def status(code: int, body: bytes = b"", *headers: str) -> Serve:
    return says(answer(code, body, *headers))


def only(agent: str) -> Serve:
    return decides(lambda one: 200 if agent in (one.header("user-agent") or "") else 403)


PROMPT = {
    "healthy": Exhibit(Cause.NONE),
    "301": Exhibit(Cause.REDIRECT, status(301, b"", "Location: https://other.example/in")),
    "307": Exhibit(Cause.REDIRECT, status(307, b"", "Location: /in/")),
    "302 to a log-in": Exhibit(Cause.REDIRECT_TO_LOGIN, status(302, b"", "Location: /login?x=1")),
    "400": Exhibit(Cause.STATUS_400, status(400)),
    "401": Exhibit(Cause.STATUS_401, status(401)),
    "403": Exhibit(Cause.STATUS_403, status(403)),
    "404": Exhibit(Cause.STATUS_404, status(404)),
    "405": Exhibit(Cause.STATUS_405, status(405)),
    "409": Exhibit(Cause.STATUS_409, status(409)),
    "410": Exhibit(Cause.STATUS_410, status(410)),
    "411": Exhibit(Cause.STATUS_411, status(411)),
    "413": Exhibit(Cause.STATUS_413, status(413)),
    "415": Exhibit(Cause.STATUS_415, status(415)),
    "418": Exhibit(Cause.STATUS_4XX, status(418)),
    "422": Exhibit(Cause.STATUS_422, status(422)),
    "429": Exhibit(Cause.STATUS_429, status(429)),
    "500": Exhibit(Cause.STATUS_500, status(500)),
    "501": Exhibit(Cause.STATUS_501, status(501)),
    "502": Exhibit(Cause.GATEWAY_502, status(502)),
    "503": Exhibit(Cause.GATEWAY_503, status(503)),
    "504": Exhibit(Cause.GATEWAY_504, status(504)),
    "522": Exhibit(Cause.GATEWAY_52X, status(522)),
    "202": Exhibit(Cause.NOT_200_2XX, status(202)),
    "304": Exhibit(Cause.STATUS_ODD, says(b"HTTP/1.1 304 Not Modified\r\n\r\n")),
    "HTML with 200": Exhibit(Cause.HTML_WITH_200, status(200, page("Welcome"))),
    "log-in page": Exhibit(
        Cause.LOGIN_PAGE, status(200, page("Sign in") + b'<input type="password">')
    ),
    "challenge with 403": Exhibit(
        Cause.CHALLENGE_PAGE, status(403, page("Just a moment..."), "cf-mitigated: challenge")
    ),
    "captcha with 200": Exhibit(Cause.CHALLENGE_PAGE, status(200, page("Captcha"))),
    "firewall with 200": Exhibit(
        Cause.BLOCK_PAGE, status(200, page("The requested URL was rejected"))
    ),
    "tunnel off": Exhibit(Cause.TUNNEL_OFF, status(404, page("ERR_NGROK_3200"))),
    "error with 200": Exhibit(Cause.ERROR_IN_200, status(200, b'{"error":"no such tenant"}')),
    "SOAP fault with 200": Exhibit(
        Cause.ERROR_IN_200, status(200, b"<s:Envelope><s:Body><s:Fault/></s:Body></s:Envelope>")
    ),
    "traceback with 200": Exhibit(
        Cause.ERROR_IN_200, status(200, b"Traceback (most recent call last):\n  File")
    ),
    "problem with 200": Exhibit(
        Cause.ERROR_IN_200, status(200, b'{"type":"about:blank","title":"Oops","status":500}')
    ),
    "tunnel off, as text": Exhibit(Cause.TUNNEL_OFF, status(530, b"error code: 1033")),
    "early hints": Exhibit(
        Cause.NONE, says(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + answer(200, b"ok"))
    ),
    "two interim answers": Exhibit(Cause.NONE, says(b"HTTP/1.1 100 Continue\r\n\r\n" * 2 + OK)),
    "interim answers only": Exhibit(
        Cause.CLOSED_WITHOUT_ANSWER, says(b"HTTP/1.1 100 Continue\r\n\r\n")
    ),
    "cut after an interim answer": Exhibit(
        Cause.ANSWER_CUT, says(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX:")
    ),
    "switches protocols": Exhibit(
        Cause.ANSWER_INVALID, says(b"HTTP/1.1 101 X\r\nUpgrade: h2c\r\nConnection: upgrade\r\n\r\n")
    ),
    "HTTP/2 only": Exhibit(Cause.ANSWER_NOT_HTTP, says(b"\0\0\6\4\0\0\0\0\0\0\3\0\0\0\x80")),
    "garbage after the body": Exhibit(Cause.NONE, says(OK + b"GARBAGE\r\n")),
    "another answer after the first": Exhibit(Cause.NONE, says(OK + answer(500))),
    "until it closes": Exhibit(Cause.NONE, says(b"HTTP/1.1 200\n\nok")),
    "chunked, with a length": Exhibit(
        Cause.NONE, says(CHUNKED + b"Content-Length: 9\r\n\r\n2\r\nok\r\n0\r\n\r\n")
    ),
    "wrong chunk": Exhibit(Cause.ANSWER_INVALID, says(CHUNKED + b"\r\n1\r\nokay\r\n0\r\n\r\n")),
    "no last chunk": Exhibit(Cause.ANSWER_CUT, says(CHUNKED + b"\r\n2\r\nok\r\n")),
    "no end of the headers": Exhibit(Cause.ANSWER_CUT, says(CHUNKED)),
    "blank line first": Exhibit(Cause.ANSWER_INVALID, says(b"\r\n" + OK)),
    "broken gzip": Exhibit(Cause.NONE, status(200, b"\x1f\x8bx", "Content-Encoding: gzip")),
    "error in gzip": Exhibit(
        Cause.ERROR_IN_200, status(200, compress(b'[{"error":"x"}]'), "Content-Encoding: gzip")
    ),
    "451": Exhibit(Cause.STATUS_4XX, status(451)),
    "600": Exhibit(Cause.STATUS_ODD, status(600)),
    "401 with a form": Exhibit(
        Cause.STATUS_401, status(401, page("x") + b'<input type="password">')
    ),
    "refuses a country": Exhibit(
        Cause.BLOCK_PAGE, status(403, page("x") + b"It is not available in your country.")
    ),
    "429 once": Exhibit(Cause.STATUS_429, Cold(429)),
    "503 once": Exhibit(Cause.GATEWAY_503, Cold(503)),
    "length contradicts itself": Exhibit(
        Cause.ANSWER_INVALID,
        says(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nokk"),
    ),
    "HTTP/0.9": Exhibit(Cause.ANSWER_NOT_HTTP, says(b"<html>hello</html>")),
    "a database": Exhibit(Cause.ANSWER_NOT_HTTP, says(b"-ERR unknown command 'POST'\r\n")),
    "HTTP/1.0": Exhibit(Cause.HTTP_1_0, says(answer(200, b"ok", version="1.0"))),
    "closes after the headers": Exhibit(
        Cause.ANSWER_CUT, says(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n")
    ),
    "resets in the answer": Exhibit(
        Cause.ANSWER_RESET, resets(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nxx")
    ),
    "closes": Exhibit(Cause.CLOSED_WITHOUT_ANSWER, closes),
    "resets": Exhibit(Cause.RESET_AFTER_REQUEST, resets()),
    "SSH": Exhibit(Cause.ANSWER_NOT_HTTP, greets),
    "invalid HTTP": Exhibit(Cause.ANSWER_INVALID, says(b"HTTP/1.1 2OO Fine\r\nbad header\r\n\r\n")),
    "TLS on an http port": Exhibit(Cause.HTTPS_EXPECTED, says(OK), GOOD, encrypted=False),
    "nginx's complaint": Exhibit(
        Cause.HTTPS_EXPECTED,
        status(400, page("400 The plain HTTP request was sent to HTTPS port")),
    ),
    "Expect refused": Exhibit(
        Cause.EXPECT_REFUSED, decides(lambda one: 417 if one.header("expect") else 200)
    ),
    "chunked refused": Exhibit(
        Cause.CHUNKED_REFUSED, decides(lambda one: 411 if one.header("transfer-encoding") else 200)
    ),
    "header case": Exhibit(
        Cause.HEADER_CASE, decides(lambda one: 200 if b"Content-Type:" in one.head else 415)
    ),
    "User-Agent filter": Exhibit(Cause.USER_AGENT_FILTERED, only("curl")),
    "only our User-Agent": Exhibit(Cause.USER_AGENT_FILTERED, only("ibconsole")),
    "only the platform's User-Agent": Exhibit(Cause.USER_AGENT_FILTERED, only("Apache")),
    "only with Connection": Exhibit(
        Cause.SENDER_FILTERED, decides(lambda one: 200 if one.header("connection") else 403)
    ),
    "missing User-Agent": Exhibit(
        Cause.NEEDS_USER_AGENT, decides(lambda one: 200 if one.header("user-agent") else 403)
    ),
    "Accept filter": Exhibit(
        Cause.SENDER_FILTERED, decides(lambda one: 200 if one.header("accept") == "*/*" else 406)
    ),
    "duplicate refused": Exhibit(Cause.DUPLICATE_REFUSED, Once(409)),
    "duplicate fails": Exhibit(Cause.DUPLICATE_DIFFERS, Once(500)),
    "limit of requests": Exhibit(Cause.STATUS_429, Limited(3, 429)),
    "soon tired": Exhibit(Cause.UNSTABLE, Limited(3, 500)),
    "parallel refused": Exhibit(Cause.PARALLEL_REFUSED, Alone(), parallel=True),
    "refused": Exhibit(Cause.REFUSED, None),
    "one dead address of two": Exhibit(
        Cause.SOME_ADDRESSES_DEAD, addresses=("127.0.0.1", "127.0.0.2")
    ),
    "IPv6 dead": Exhibit(Cause.IPV6_DEAD, addresses=("::1", "127.0.0.1")),
    "no address": Exhibit(Cause.PRIVATE_ADDRESSES, addresses=("0:0::0.0.0.0", "::")),
    "metadata": Exhibit(Cause.PRIVATE_ADDRESSES, addresses=("169.254.169.254",)),
    "unknown name": Exhibit(Cause.NO_SUCH_NAME, addresses=()),
    "healthy TLS": Exhibit(Cause.NONE, leaf=GOOD, encrypted=True),
    "TLS 1.3 only": Exhibit(Cause.NONE, leaf=GOOD, encrypted=True),
    "wants a name": Exhibit(Cause.NONE, leaf=GOOD, encrypted=True),
    "redirect to http": Exhibit(
        Cause.REDIRECT, status(301, b"", f"Location: http://{HOST}/"), leaf=GOOD, encrypted=True
    ),
    "expired": Exhibit(
        Cause.CERT_EXPIRED, leaf=make_certificate(MIDDLE, HOST, days=-2), encrypted=True
    ),
    "not yet valid": Exhibit(
        Cause.CERT_NOT_YET, leaf=make_certificate(MIDDLE, HOST, days=9, starts=3), encrypted=True
    ),
    "wrong name": Exhibit(
        Cause.CERT_NAME, leaf=make_certificate(MIDDLE, "www.example", days=90), encrypted=True
    ),
    "no intermediate": Exhibit(Cause.CERT_CHAIN, leaf=GOOD, count=1, encrypted=True),
    "unknown authority": Exhibit(
        Cause.CERT_UNKNOWN_CA, leaf=make_certificate(STRANGE, HOST, days=90), encrypted=True
    ),
    "self-signed": Exhibit(
        Cause.CERT_SELF_SIGNED, leaf=make_self_signed(HOST, days=90), encrypted=True
    ),
    "private authority": Exhibit(
        Cause.CERT_PRIVATE_CA, leaf=make_certificate(COMPANY, HOST, days=90), encrypted=True
    ),
    "expires soon": Exhibit(
        Cause.CERT_EXPIRES_SOON, leaf=make_certificate(MIDDLE, HOST, days=9), encrypted=True
    ),
    "old TLS": Exhibit(Cause.TLS_OLD, leaf=GOOD, encrypted=True),
    "client certificate": Exhibit(Cause.TLS_CLIENT_CERTIFICATE, leaf=GOOD, encrypted=True),
    "client certificate of old": Exhibit(Cause.TLS_CLIENT_CERTIFICATE, leaf=GOOD, encrypted=True),
    "no common cipher": Exhibit(Cause.TLS_HANDSHAKE, leaf=GOOD, encrypted=True),
    "unknown to the server": Exhibit(Cause.TLS_NAME_UNKNOWN, leaf=GOOD, encrypted=True),
    "no TLS": Exhibit(Cause.TLS_NOT_SPOKEN, complains, encrypted=True),
    "resets in the handshake": Exhibit(Cause.TLS_RESET, resets(at_once=True), encrypted=True),
    "another certificate behind one address": Exhibit(
        Cause.SOME_ADDRESSES_TLS,
        leaf=GOOD,
        second=make_certificate(MIDDLE, "www.example", days=90),
        addresses=("127.0.0.1", "127.0.0.2"),
        encrypted=True,
    ),
}
SLOW = {
    "hangs": Exhibit(Cause.NO_ANSWER_IN_TIME, hangs),
    "hangs after an interim answer": Exhibit(Cause.NO_ANSWER_IN_TIME, processes),
    "hangs in the handshake": Exhibit(Cause.TLS_TIMEOUT, hangs, encrypted=True),
    "drips": Exhibit(Cause.ANSWER_STALLED, drips),
}


def _server(
    name: str, serve: Serve, tls: ssl.SSLContext | None
) -> AbstractAsyncContextManager[int]:
    return open_tls_server(tls) if tls and name in THREADED else open_server(serve, tls)


def _set_up(context: ssl.SSLContext, name: str) -> None:
    if name in {"client certificate of old", "no common cipher"}:
        context.maximum_version = ssl.TLSVersion.TLSv1_2
    if name == "no common cipher":
        context.set_ciphers("AES128-SHA:@SECLEVEL=0")
    if name.startswith("client certificate"):
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(STRANGE.der))
    if name == "TLS 1.3 only":
        context.minimum_version = ssl.TLSVersion.TLSv1_3
    if name == "wants a name":
        context.sni_callback = lambda _, host, __: (
            None if host else ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        )
    if name == "unknown to the server":
        context.sni_callback = lambda *_: ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME


class Zoo:
    """Visits exhibits with real connections, as the sandbox's tests do."""

    def __init__(self, console: Console, directory: Path) -> None:
        self.directory = directory
        context = ROOT.trusting_context()
        context.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(COMPANY.der))
        self.tester = ForwardTester(
            console.writer,
            console.activity.add,
            trust=Trust(lambda: context, PublicRoots([ROOT.certificate])),
            sandbox=True,
        )

    def server_tls(self, name: str, exhibit: Exhibit) -> ssl.SSLContext | None:
        if not exhibit.leaf:
            return None
        leaf = exhibit.leaf
        if exhibit.count == 1:
            leaf = IssuedCertificate(leaf.certificate, leaf.key)
        context = leaf.server_context(self.directory)
        if name == "old TLS":
            return old_server_tls(self.directory / f"{id(leaf)}.pem")
        _set_up(context, name)
        return context

    async def visit(self, name: str, exhibit: Exhibit, seconds: float) -> ForwardTest:
        async with AsyncExitStack() as stack:
            port = 1
            if exhibit.serve:
                tls = self.server_tls(name, exhibit)
                port = await stack.enter_async_context(_server(name, exhibit.serve, tls))
            if exhibit.second and exhibit.serve:
                other = exhibit.second.server_context(self.directory)
                await stack.enter_async_context(
                    open_server(exhibit.serve, other, host="127.0.0.2", port=port)
                )
            scheme = "https" if exhibit.encrypted else "http"
            resolver = SmallResolver({HOST: exhibit.addresses} if exhibit.addresses else {})
            climber = LadderClimber(self.tester, resolver=resolver, environ={})
            plan = LadderPlan(timeout=seconds, parallel=exhibit.parallel)
            return await climber.climb(f"{scheme}://{HOST}:{port}/in/x", SAMPLE, plan)

    async def causes(self, exhibits: Mapping[str, Exhibit], seconds: float) -> dict[str, Cause]:
        slots = asyncio.Semaphore(8)

        async def visit(name: str, exhibit: Exhibit) -> Cause:
            async with slots:
                test = await self.visit(name, exhibit, seconds)
            assert test.ladder
            return test.ladder.cause

        async with asyncio.TaskGroup() as group:
            tasks = {name: group.create_task(visit(name, one)) for name, one in exhibits.items()}
        return {name: task.result() for name, task in tasks.items()}
