"""One exact request, sent to servers with and without defects."""

import asyncio
import datetime
import ipaddress
import socket
import ssl
from collections.abc import Callable
from contextlib import closing, suppress
from pathlib import Path

import pytest

from ibconsole.http1.exact import connect, fetch_certificates, send, unverified_tls
from ibconsole.http1.message import Fault, Request, Response
from ibconsole.http1.server import Server
from ibconsole.http1.trace import Phase, RequestFailure, RequestTrace
from tests.unit.http1.talking import UNRESOLVABLE, Echo, raw_server, until

OK = b"HTTP/1.1 200 OK\r\n"


async def trace_of(answer: bytes, *, method: str = "POST", max_answer: int = 1000) -> RequestTrace:
    """Send a request to a server that answers with these bytes and closes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer)

    async with raw_server(serve) as url:
        return await send(url, method=method, max_answer=max_answer)


async def test_request_goes_out_as_given() -> None:
    """The server receives exactly the bytes in the trace, headers spelled as given."""
    echo = Echo()

    async with Server(echo) as server:
        trace = await send(
            f"{server.url}/a?b", headers=[(b"x-ODD", b"1"), (b"HOST", b"there")], body=b"hi"
        )

    assert trace.problem == ""
    assert trace.request == echo.requests[0].raw
    assert trace.request == (
        b"POST /a?b HTTP/1.1\r\nx-ODD: 1\r\nHOST: there\r\nContent-Length: 2\r\n\r\nhi"
    )


async def test_answer_is_read() -> None:
    """The trace holds status, headers as spelled, body, and the time of each phase."""

    async def answer(request: Request) -> Response:
        return Response(201, ((b"x-ODD", b"\xe9"),), b"made")

    async with Server(answer) as server:
        trace = await send(server.url)

    assert (trace.status, trace.reason, trace.body) == (201, "Created", b"made")
    assert trace.headers == ((b"x-ODD", b"\xe9"), (b"Content-Length", b"4"))
    assert (trace.peer, trace.certificates) == ("127.0.0.1", ())
    assert (trace.truncated, trace.problem) == (False, "")
    phases = trace.phases
    assert (phases.dns, phases.tls) == (None, None)
    assert min(phases.tcp or 0, phases.first_byte or 0, phases.rest or 0) > 0


async def test_name_is_looked_up() -> None:
    """A name lookup is a phase of its own, and each address of the name is tried."""
    async with Server(Echo()) as server:
        trace = await send(f"http://localhost:{server.port}/")

    assert (trace.status, trace.peer) == (200, "127.0.0.1")
    assert (trace.phases.dns or 0) > 0


async def test_redirect_is_not_followed() -> None:
    """A redirect is recorded as the answer and not followed."""
    echo = Echo()

    async def elsewhere(request: Request) -> Response:
        await echo(request)
        return Response(307, ((b"Location", b"/b"),))

    async with Server(elsewhere) as server:
        trace = await send(server.url)

    assert (trace.status, len(echo.requests)) == (307, 1)


@pytest.mark.parametrize(
    ("answer", "method", "body"),
    [
        (OK + b"\r\nto the end", "POST", b"to the end"),
        (OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n", "POST", b"hi"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 2\r\n\r\nhi", "POST", b"hi"),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nhi", "GET", b"hi"),
        (OK + b"Content-Length: 2\r\n\r\n", "HEAD", b""),
        (b"HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nhi and more", "GET", b"hi"),
        (OK + b"\r\n", "CONNECT", b""),
    ],
)
async def test_every_framing_is_read(answer: bytes, method: str, body: bytes) -> None:
    """The body is read to its end with every way of framing."""
    trace = await trace_of(answer, method=method)

    assert (trace.status, trace.body) == (200, body)
    assert (trace.truncated, trace.problem) == (False, "")


async def test_long_answer_is_bounded() -> None:
    """A long answer is kept up to the limit and marked as truncated."""
    trace = await trace_of(OK + b"\r\n" + b"x" * 2000, max_answer=10)

    assert (trace.status, trace.body) == (200, b"x" * 10)
    assert (trace.truncated, trace.problem) == (True, "")


@pytest.mark.parametrize(
    ("answer", "status", "problem"),
    [
        (b"", None, "The connection was closed without an answer."),
        (b"HTTP/1.1 2", None, "The answer was cut: the connection was closed before its end."),
        (
            OK + b"Content-Length: 9\r\n\r\nhi",
            200,
            "The answer was cut: the connection was closed before its end.",
        ),
        (b"SSH-2.0-x\r\n\r\n", None, "The server does not speak HTTP on this port, but SSH."),
        (b"what?\r\n\r\n", None, "The answer was not HTTP/1.1: illegal status line: "),
        (
            OK + b"X: " + b"x" * 200_000,
            None,
            "The answer was not HTTP/1.1: Receive buffer too long",
        ),
    ],
)
async def test_incomplete_answer(answer: bytes, status: int | None, problem: str) -> None:
    """An incomplete answer is kept as far as it arrived, and explained in a sentence."""
    trace = await trace_of(answer)

    assert trace.status == status
    assert trace.problem.startswith(problem)
    assert trace.truncated is (status is not None)


@pytest.mark.parametrize(
    ("fault", "problem", "body"),
    [
        (
            Fault(reset=True),
            "The connection broke before an answer: Connection reset by peer.",
            b"",
        ),
        (Fault(cut_after=4), "The answer was cut: ", b"0123"),
        (Fault(declared_length=99), "The answer was cut: ", b"0123456789"),
        (Fault(declared_length=2), "", b"01"),
        (Fault(drip=0.001, delay=0.001), "", b"0123456789"),
    ],
)
async def test_faults_are_seen(fault: Fault, problem: str, body: bytes) -> None:
    """Every fault of the server leads to a result of its own."""

    async def faulty(request: Request) -> Response:
        return Response(body=b"0123456789", fault=fault)

    async with Server(faulty) as server:
        trace = await send(server.url)

    assert trace.problem.startswith(problem)
    assert bool(trace.problem) is bool(problem)
    assert trace.body == body


async def test_connection_breaks_in_the_body() -> None:
    """The part of an answer that arrived before a reset is kept."""

    async def faulty(request: Request) -> Response:
        return Response(body=b"x" * 9, fault=Fault(reset=True, cut_after=8, drip=0.02))

    async with Server(faulty) as server:
        trace = await send(server.url)

    assert trace.status == 200
    assert trace.problem.startswith("The answer was cut")
    assert trace.truncated


async def test_refused_connection() -> None:
    """A refused connection is explained with host and port."""
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]

    trace = await send(f"http://127.0.0.1:{port}/")

    assert trace.problem == f"No connection to 127.0.0.1:{port}: nothing listens there."
    assert trace.phases.first_byte is None


async def test_no_route() -> None:
    """Other connection errors are given in the system's words."""
    trace = await send("http://255.255.255.255:9/", timeout=5)

    assert trace.status is None
    assert trace.problem.startswith("No connection to 255.255.255.255:9: ")


async def test_unknown_name() -> None:
    """A name that cannot be resolved is named."""
    trace = await send(f"http://{UNRESOLVABLE}/")

    assert trace.problem.startswith(f"The name {UNRESOLVABLE} is not known: ")


@pytest.mark.parametrize("url", ["here", "http://a b/"])
async def test_bad_url(url: str) -> None:
    """Nothing is sent to an invalid URL, and the problem is explained."""
    trace = await send(url)

    assert trace.request == b""
    assert trace.problem.endswith(".")


@pytest.mark.parametrize(
    ("fault", "doing"),
    [
        (Fault(delay=3600), "waiting for the answer"),
        (Fault(drip=3600), "reading the answer"),
    ],
)
async def test_out_of_time(fault: Fault, doing: str) -> None:
    """The time-out limits the whole call, and the problem names the phase it ended in."""

    async def faulty(request: Request) -> Response:
        return Response(body=b"0123456789", fault=fault)

    async with Server(faulty) as server:
        trace = await send(server.url, timeout=0.25)

    assert trace.problem == f"Out of time after 0.25 s, {doing}."


@pytest.mark.parametrize(
    ("rest", "failure", "status"),
    [
        (b"", RequestFailure.CLOSED, None),
        (b"HTTP/1.1 200", RequestFailure.CUT, None),
        (OK + b"Content-Length: 9\r\n\r\nx", RequestFailure.CUT, 200),
        (OK + b"\r\nx", None, 200),
    ],
)
async def test_interim_answers(
    rest: bytes, failure: RequestFailure | None, status: int | None
) -> None:
    """An interim answer is none: what counts is what follows it."""
    trace = await trace_of(b"HTTP/1.1 100 Continue\r\n\r\n" * 2 + rest)

    assert (trace.failure, trace.status) == (failure, status)
    assert rest or trace.problem == "The connection was closed without an answer."


async def test_out_of_time_in_tls() -> None:
    """A server that stays silent in the TLS handshake runs into the time-out."""
    gone = asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            await reader.read()
            gone.set()

    async with raw_server(silent) as url:
        trace = await send(url.replace("http:", "https:"), timeout=0.5)
        await until(gone.is_set)

    assert trace.problem == "Out of time after 0.5 s, in the TLS handshake."


async def test_early_answer_to_a_long_request() -> None:
    """An answer that arrives before the request was read is accepted."""

    async def early(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 0\r\n\r\n")
            await reader.read()

    async with raw_server(early) as url:
        trace = await send(url, body=b"x" * 5_000_000)

    assert (trace.status, trace.problem) == (413, "")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Create a key and a self-signed certificate for 127.0.0.1."""
    pytest.importorskip("cryptography")
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import ec  # noqa: PLC0415

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "here")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "here.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


def der_of(certificate: Path) -> bytes:
    _, _, pem = certificate.read_text().partition("-----END PRIVATE KEY-----\n")
    return ssl.PEM_cert_to_DER_cert(pem)


async def trace_over_tls(
    certificate: Path, url: Callable[[int], str], tls: ssl.SSLContext | None
) -> RequestTrace:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(OK + b"Content-Length: 2\r\n\r\nhi")

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        return await send(url(server.sockets[0].getsockname()[1]), tls=tls)


async def test_tls(certificate: Path) -> None:
    """Over https the handshake is timed, and the certificate is in the trace."""
    trusting = ssl.create_default_context(cafile=certificate)

    trace = await trace_over_tls(certificate, "https://127.0.0.1:{}/".format, trusting)

    assert (trace.status, trace.body, trace.problem) == (200, b"hi", "")
    assert (trace.phases.tls or 0) > 0
    assert trace.certificates == (der_of(certificate),)


async def test_untrusted_certificate(certificate: Path) -> None:
    """An untrusted certificate ends the call before the request is sent."""
    trace = await trace_over_tls(certificate, "https://127.0.0.1:{}/".format, None)

    assert trace.untrusted
    assert trace.problem.startswith("TLS failed: the certificate is not trusted, self")
    assert (trace.status, trace.phases.first_byte) == (None, None)


async def test_certificates_without_a_request(certificate: Path) -> None:
    """The certificate of an untrusted server can be fetched without sending a request."""
    got: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(OSError):
            got.append(await reader.read())

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        url = f"https://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
        shown = await fetch_certificates(url)

    assert shown == (der_of(certificate),)
    assert not any(got)


@pytest.mark.parametrize("url", ["https://127.0.0.1:1/", "https://", "rubbish"])
async def test_no_certificates(url: str) -> None:
    """Without a TLS handshake there are no certificates, which is not an error."""
    assert await fetch_certificates(url) == ()


async def test_certificate_for_another_name(certificate: Path) -> None:
    """A trusted certificate has to be issued for the requested host."""
    trusting = ssl.create_default_context(cafile=certificate)

    trace = await trace_over_tls(certificate, "https://localhost:{}/".format, trusting)

    assert "Hostname mismatch" in trace.problem


async def test_https_to_a_plain_server() -> None:
    """An https request to a plain HTTP port reports that TLS failed."""
    async with Server(Echo()) as server:
        trace = await send(server.url.replace("http:", "https:"))

    assert trace.problem.startswith("TLS failed: ")


async def test_closed_in_the_handshake() -> None:
    """A server that closes in the handshake is not reported as a bad certificate."""

    async def curt(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.transport.abort()

    async with raw_server(curt) as url:
        trace = await send(url.replace("http:", "https:"))

    assert trace.problem == "TLS failed: the connection was closed in the handshake."


async def test_cancelling_closes_the_connection() -> None:
    """Cancelling a request closes its connection."""
    begun, gone = asyncio.Event(), asyncio.Event()

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer):
            await reader.readuntil(b"\r\n\r\n")
            begun.set()
            await reader.read()
            gone.set()

    async with raw_server(silent) as url:
        sending = asyncio.gather(send(url))
        await begun.wait()
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        await until(gone.is_set)


async def test_connection_without_a_request(certificate: Path) -> None:
    """A look at a server sends nothing, and takes the addresses that it is given."""
    heard: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with closing(writer), suppress(OSError):
            heard.append(await reader.read(100))

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    async with await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context) as server:
        there = [(socket.AF_INET, server.sockets[0].getsockname())]
        encrypted = await connect("https://x.example/", tls=unverified_tls(), addresses=there)
        plain = await connect("http://x.example/", addresses=there)

    assert (encrypted.problem, encrypted.tls_version) == ("", "TLSv1.3")
    assert encrypted.cipher.startswith("TLS_")
    assert len(encrypted.certificates) == 1
    assert (plain.problem, plain.phase, plain.certificates) == ("", Phase.TCP, ())
    assert b"".join(heard) == b""
    assert (await connect("ftp://x")).failure is RequestFailure.URL
