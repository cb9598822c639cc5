"""Requests over real sockets: what is repeated, what is not, and what is said of failures."""

import asyncio
import gzip
import json
import socket
import traceback

import pytest

from ibconsole import __version__
from ibconsole.api.authorization import ApiKey
from ibconsole.api.errors import (
    ApiError,
    BadBaseUrl,
    NotFound,
    PlatformBroken,
    RateLimited,
    Refused,
    Unauthorized,
    Unreachable,
)
from ibconsole.api.exchange import Exchange
from ibconsole.api.retrying import Patience
from ibconsole.api.transport import Transport
from ibconsole.secret import Secret
from tests.unit.api.loopback import (
    CLOSE,
    HANG,
    IMPATIENT,
    KEY,
    RESET,
    Connect,
    Then,
    answer,
    loopback,
    until,
)


async def test_what_is_sent(connect: Connect) -> None:
    """A request names the program and the credential, and asks for JSON."""
    async with loopback(answer(200, b"{}")) as server:
        await connect(server.url).request("POST", "/x", b'{"type":"PULL"}')

    [request] = server.requests
    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    assert lines[0] == "post /x http/1.1"
    assert f"authorization: app {KEY}" in lines
    assert "accept: application/json" in lines
    assert f"user-agent: ibconsole/{__version__}" in lines
    assert "content-type: application/json" in lines
    assert body == b'{"type":"PULL"}'


async def test_a_request_without_a_body_names_no_type(connect: Connect) -> None:
    """Where nothing is sent nothing is said about it."""
    async with loopback(answer(201)) as server:
        await connect(server.url).request("POST", "/x")

    assert b"content-type" not in server.requests[0].lower()


async def test_connections_are_kept(connect: Connect) -> None:
    """Requests one after another share a connection."""
    async with loopback(answer(200, b"{}")) as server:
        transport = connect(server.url)
        await transport.request("GET", "/a")
        await transport.request("GET", "/b")

    assert (server.lines, server.connections) == (["GET /a", "GET /b"], 1)


async def test_no_request_no_connection(connect: Connect) -> None:
    """A transport that sends nothing connects to nothing, and can be closed twice."""
    async with loopback(answer(200)) as server, connect(server.url) as transport:
        await transport.aclose()

    assert server.connections == 0


def test_a_base_url_is_checked_first() -> None:
    """A credential is not even prepared for a place that it must not go to."""
    with pytest.raises(BadBaseUrl):
        Transport("http://example.org", ApiKey(Secret(KEY)))


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(
    "failure", [answer(502), answer(503), answer(504), RESET, CLOSE, Then(b"HTTP/1.1 2", "close")]
)
async def test_what_passes_is_not_noticed(
    connect: Connect, method: str, failure: bytes | Then
) -> None:
    """Reading and deleting survive two failures that pass."""
    async with loopback(failure, failure, answer(200, b"[]")) as server:
        reply = await connect(server.url).request(method, "/x")

    assert (reply.status, reply.body, len(server.requests)) == (200, b"[]", 3)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_three_attempts_are_enough(connect: Connect, method: str) -> None:
    """A failure that does not pass is reported after the third attempt."""
    async with loopback(answer(503)) as server:
        with pytest.raises(PlatformBroken, match="503"):
            await connect(server.url).request(method, "/x")

    assert len(server.requests) == 3


@pytest.mark.parametrize("failure", [answer(503), answer(502), answer(500), RESET, CLOSE, HANG])
async def test_what_may_have_been_created_is_not_created_again(
    connect: Connect, failure: bytes | Then
) -> None:
    """A POST that may have arrived is sent once, and the user is told to look."""
    async with loopback(failure) as server:
        with pytest.raises(ApiError, match="look at the list again before you repeat it"):
            await connect(server.url, IMPATIENT).request("POST", "/x")

    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 500, 501])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_a_refusal_is_final(connect: Connect, method: str, status: int) -> None:
    """What was refused, or failed in a way that does not pass, is not asked again."""
    async with loopback(answer(status)) as server:
        with pytest.raises(ApiError, match=str(status)):
            await connect(server.url).request(method, "/x")

    assert len(server.requests) == 1


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_retry_after(connect: Connect, pauses: list[float], method: str) -> None:
    """After a 429 nothing is sent for as long as the platform wants; then it is sent again."""
    throttled = answer(429, b"", "Retry-After: 7")
    async with loopback(throttled, answer(429), answer(200)) as server:
        await connect(server.url).request(method, "/x")

    assert (len(server.requests), pauses) == (3, [7, 1])


@pytest.mark.parametrize(
    ("retry_after", "requests", "seconds"), [("1", 3, 1), ("61", 1, 61), ("3600", 1, 3600)]
)
async def test_too_many_requests_in_the_end(
    connect: Connect, retry_after: str, requests: int, seconds: float
) -> None:
    """Who is asked to wait for more than a minute, or a third time, is told."""
    async with loopback(answer(429, b"", f"Retry-After: {retry_after}")) as server:
        with pytest.raises(RateLimited) as caught:
            await connect(server.url).request("GET", "/x")

    assert caught.value.retry_after == seconds
    assert len(server.requests) == requests


@pytest.mark.parametrize("failure", [answer(503), RESET])
async def test_deleted_by_the_attempt_that_failed(connect: Connect, failure: bytes | Then) -> None:
    """A DELETE that finds nothing after an attempt that may have worked has succeeded."""
    async with loopback(failure, answer(404)) as server:
        assert (await connect(server.url).request("DELETE", "/x")).status == 204


@pytest.mark.parametrize("before", [[], [answer(429)]])
async def test_deleted_by_somebody_else(connect: Connect, before: list[bytes]) -> None:
    """A DELETE that finds nothing, and cannot have been the cause, says so."""
    async with loopback(*before, answer(404)) as server:
        with pytest.raises(NotFound):
            await connect(server.url).request("DELETE", "/x")


async def test_silence(connect: Connect) -> None:
    """Where somebody listens and never answers, the call fails in time, and once is enough."""
    async with loopback(HANG) as server:
        with pytest.raises(Unreachable, match="did not answer in time") as caught:
            await connect(server.url, IMPATIENT).request("GET", "/x")

    assert caught.value.sent
    assert len(server.requests) == 1


async def test_an_answer_that_drips_without_end(connect: Connect) -> None:
    """An answer that began is given more time, but not for ever."""
    head = Then(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "hang")
    async with loopback(head) as server:
        with pytest.raises(Unreachable, match="in time"):
            await connect(server.url, Patience(answer=0.2, whole=0.4)).request("GET", "/x")

    assert len(server.requests) == 1


@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_nobody_there(connect: Connect, log: list[Exchange], method: str) -> None:
    """Where nobody listens nothing is sent, so that anything may be tried again."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(Unreachable, match="refused the connection, nothing was sent") as caught:
        await connect(url).request(method, "/x")

    assert not caught.value.sent
    assert [(one.attempt, one.status) for one in log] == [(1, None), (2, None), (3, None)]


async def test_a_black_hole(connect: Connect) -> None:
    """Where connecting takes too long the user is told where, and that nothing was sent."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as hole:
        # The kernel answers nobody more than its queue holds.
        waiting = [socket.socket() for _ in range(4)]
        for one in waiting:
            one.settimeout(0)
            one.connect_ex(hole.getsockname())
        try:
            place = f"127.0.0.1:{hole.getsockname()[1]}"
            with pytest.raises(Unreachable, match=f"Nobody answered at {place}") as caught:
                await connect(f"http://{place}", IMPATIENT).request("GET", "/x")
        finally:
            for one in waiting:
                one.close()

    assert not caught.value.sent


async def test_no_encryption(connect: Connect) -> None:
    """A place that does not speak TLS gets no request, and is not asked again."""
    async with loopback(answer(200)) as server:

        async def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            writer.write(answer(400))
            await writer.drain()
            writer.close()

        async with await asyncio.start_server(plain, "127.0.0.1", 0) as talking:
            port = talking.sockets[0].getsockname()[1]
            with pytest.raises(Unreachable, match="No encrypted connection") as caught:
                await connect(f"https://127.0.0.1:{port}").request("GET", "/x")

    assert caught.value.lasting
    assert not server.requests


async def test_redirects_are_not_followed(connect: Connect) -> None:
    """A credential goes nowhere but to the base URL."""
    async with loopback(answer(200)) as elsewhere:
        moved = answer(307, b"", f"Location: {elsewhere.url}/y")
        async with loopback(moved) as server:
            with pytest.raises(PlatformBroken, match=r"redirected the request to 127\.0\.0\.1"):
                await connect(server.url).request("GET", "/x")

    assert (len(server.requests), len(elsewhere.requests)) == (1, 0)


@pytest.mark.parametrize(
    "answers",
    [
        [Then(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "close")],
        [Then(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "reset")],
    ],
)
async def test_a_list_that_breaks_off(connect: Connect, answers: list[Then]) -> None:
    """Half a list is no list."""
    async with loopback(*answers) as server:
        with pytest.raises(Unreachable, match="ended before the answer was complete"):
            await connect(server.url).request("GET", "/x")

    assert len(server.requests) == 3


@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_a_change_whose_answer_breaks_off(connect: Connect, method: str) -> None:
    """The status says that a change was made; the body does not matter."""
    half = Then(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "close")
    async with loopback(half) as server:
        reply = await connect(server.url).request(method, "/x")

    assert (reply.status, reply.body, len(server.requests)) == (200, b"", 1)


async def test_a_refusal_that_breaks_off(connect: Connect) -> None:
    """A refusal is known by its status, whatever becomes of its body."""
    half = Then(b"HTTP/1.1 401 No\r\nContent-Length: 9\r\n\r\n{", "close")
    async with loopback(half) as server:
        with pytest.raises(Unauthorized):
            await connect(server.url).request("GET", "/x")


async def test_something_that_is_not_http(connect: Connect) -> None:
    """Another program on that port is recognized as such."""
    async with loopback(Then(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", "close")) as server:
        with pytest.raises(Unreachable, match="not HTTP"):
            await connect(server.url).request("GET", "/x")


async def test_compressed_answers(connect: Connect) -> None:
    """An answer may be compressed."""
    packed = answer(200, gzip.compress(b"[1]"), "Content-Encoding: gzip")
    async with loopback(packed) as server:
        assert (await connect(server.url).request("GET", "/x")).body == b"[1]"


async def test_bombs(connect: Connect) -> None:
    """An answer that unpacks to more than 64 MB is not taken, and not asked for again."""
    bomb = gzip.compress(b"x" * (65 * 1024 * 1024), 1)
    async with loopback(answer(200, bomb, "Content-Encoding: gzip")) as server:
        with pytest.raises(PlatformBroken, match="larger than 64 MB"):
            await connect(server.url).request("GET", "/x")

    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500, 503])
async def test_no_failure_gives_the_key_away(connect: Connect, status: int) -> None:
    """A platform that repeats the key in its answer gives it to nobody."""
    body = json.dumps({"error": KEY, "message": f"App {KEY}", "violations": [{"property": KEY}]})
    async with loopback(answer(status, body.encode())) as server:
        with pytest.raises(ApiError) as caught:
            await connect(server.url).request("GET", "/x")

    shown = [str(caught.value), repr(caught.value), caught.value.details, repr(vars(caught.value))]
    shown += traceback.format_exception(caught.value)
    assert not any(KEY in text for text in shown)


async def test_the_log(connect: Connect, log: list[Exchange]) -> None:
    """Every attempt is logged with what became of it."""
    async with loopback(answer(503), answer(200)) as server:
        await connect(server.url).request("GET", "/x?y=1")

    assert [(one.method, one.path, one.attempt, one.status) for one in log] == [
        ("GET", "/x?y=1", 1, 503),
        ("GET", "/x?y=1", 2, 200),
    ]
    assert "503" in log[0].problem
    assert log[1].problem == ""


@pytest.mark.parametrize(
    "reply", [HANG, Then(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", "hang")]
)
async def test_cancelling(connect: Connect, reply: Then) -> None:
    """A call that is cancelled ends at once and is not repeated."""
    async with loopback(reply) as server:
        call = asyncio.get_running_loop().create_task(connect(server.url).request("GET", "/x"))
        await until(lambda: bool(server.requests))
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

        assert len(server.requests) == 1


async def test_a_refusal_has_the_platforms_words(connect: Connect) -> None:
    """What the platform said is in the error."""
    async with loopback(answer(400, b'{"errorCode":"E400","description":"Bad"}')) as server:
        with pytest.raises(Refused, match="400 E400 “Bad”"):
            await connect(server.url).request("GET", "/x")
