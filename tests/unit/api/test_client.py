"""Requests over real sockets: credential, retries, budget and masking."""

import asyncio
import json
import traceback

import pytest

from ibconsole import __version__
from ibconsole.api.authorization import ApiKey
from ibconsole.api.client import ApiClient
from ibconsole.api.errors import (
    ApiError,
    BadBaseUrl,
    NotFound,
    PlatformBroken,
    RateLimited,
    Refused,
)
from ibconsole.api.exchange import Exchange
from ibconsole.secret import Secret
from tests.unit.api.loopback import (
    CLOSE,
    HANG,
    KEY,
    RESET,
    SHORT_TIMEOUTS,
    Connect,
    Then,
    answer,
    loopback,
    until,
)


async def test_headers_of_a_request(connect: Connect) -> None:
    """A request contains the program's name, the credential, and asks for JSON."""
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


async def test_request_without_a_body(connect: Connect) -> None:
    """A request without a body has no content type."""
    async with loopback(answer(201)) as server:
        await connect(server.url).request("POST", "/x")

    assert b"content-type" not in server.requests[0].lower()


def test_base_url_is_checked_first() -> None:
    """A client cannot be created for a URL that a credential must not be sent to."""
    with pytest.raises(BadBaseUrl):
        ApiClient("http://example.org", ApiKey(Secret(KEY)))


@pytest.mark.parametrize("method", ["GET", "DELETE"])
@pytest.mark.parametrize(
    "failure", [answer(502), answer(503), answer(504), RESET, CLOSE, Then(b"HTTP/1.1 2", "close")]
)
async def test_temporary_failures(connect: Connect, method: str, failure: bytes | Then) -> None:
    """GET and DELETE succeed after two temporary failures."""
    async with loopback(failure, failure, answer(200, b"[]")) as server:
        reply = await connect(server.url).request(method, "/x")

    assert (reply.status, reply.body, len(server.requests)) == (200, b"[]", 3)


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_three_attempts(connect: Connect, method: str) -> None:
    """A lasting failure is raised after the third attempt."""
    async with loopback(answer(503)) as server:
        with pytest.raises(PlatformBroken, match="503"):
            await connect(server.url).request(method, "/x")

    assert len(server.requests) == 3


@pytest.mark.parametrize("failure", [answer(503), answer(502), answer(500), RESET, CLOSE, HANG])
async def test_post_is_not_repeated(connect: Connect, failure: bytes | Then) -> None:
    """A POST that may have arrived is sent once, and the error advises to look at the list."""
    async with loopback(failure) as server:
        with pytest.raises(ApiError, match="look at the list again before you repeat it"):
            await connect(server.url, SHORT_TIMEOUTS).request("POST", "/x")

    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 500, 501])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_refusal_is_final(connect: Connect, method: str, status: int) -> None:
    """A refused request, or one with a lasting failure, is not repeated."""
    async with loopback(answer(status)) as server:
        with pytest.raises(ApiError, match=str(status)):
            await connect(server.url).request(method, "/x")

    assert len(server.requests) == 1


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
async def test_retry_after(connect: Connect, pauses: list[float], method: str) -> None:
    """After a 429 the request is repeated when the time of Retry-After is over."""
    throttled = answer(429, b"", "Retry-After: 7")
    async with loopback(throttled, answer(429), answer(200)) as server:
        await connect(server.url).request(method, "/x")

    assert (len(server.requests), pauses) == (3, [7, 1])


@pytest.mark.parametrize(
    ("retry_after", "requests", "seconds"), [("1", 3, 1), ("61", 1, 61), ("3600", 1, 3600)]
)
async def test_rate_limit_that_lasts(
    connect: Connect, retry_after: str, requests: int, seconds: float
) -> None:
    """A pause of more than a minute, or a third 429, is raised as an error."""
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
async def test_deleted_by_another_client(connect: Connect, before: list[bytes]) -> None:
    """A DELETE that finds nothing, without an earlier attempt that may have worked, is an error."""
    async with loopback(*before, answer(404)) as server:
        with pytest.raises(NotFound):
            await connect(server.url).request("DELETE", "/x")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429, 500, 503])
async def test_no_failure_reveals_the_key(connect: Connect, status: int) -> None:
    """A key that the platform repeats in its answer is masked in the error."""
    body = json.dumps({"error": KEY, "message": f"App {KEY}", "violations": [{"property": KEY}]})
    async with loopback(answer(status, body.encode())) as server:
        with pytest.raises(ApiError) as caught:
            await connect(server.url).request("GET", "/x")

    shown = [str(caught.value), repr(caught.value), caught.value.details, repr(vars(caught.value))]
    shown += traceback.format_exception(caught.value)
    assert not any(KEY in text for text in shown)


async def test_log(connect: Connect, log: list[Exchange]) -> None:
    """Every attempt is reported with its outcome."""
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
    """A cancelled call ends at once and is not repeated."""
    async with loopback(reply) as server:
        call = asyncio.get_running_loop().create_task(connect(server.url).request("GET", "/x"))
        await until(lambda: bool(server.requests))
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call

        assert len(server.requests) == 1


async def test_refusal_has_the_platforms_words(connect: Connect) -> None:
    """The error contains the platform's explanation."""
    async with loopback(answer(400, b'{"errorCode":"E400","description":"Bad"}')) as server:
        with pytest.raises(Refused, match="400 E400 “Bad”"):
            await connect(server.url).request("GET", "/x")
