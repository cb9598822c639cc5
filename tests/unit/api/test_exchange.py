"""Exchanges: every attempt is reported to the observer with its secrets masked."""

import asyncio

import pytest

from ibconsole.api.errors import Unreachable
from ibconsole.api.exchange import (
    KEPT_BODY,
    Exchange,
    ExchangeRecorder,
    Observation,
    current_purpose,
)
from ibconsole.api.masking import Mask
from ibconsole.secret import MASK, Secret

BASE_URL = "https://xxxxx.api.infobip.com"
PLANTED = "planted-b55aa966f1704c72"


def recorder(attempt: int = 1) -> ExchangeRecorder:
    return ExchangeRecorder("GET", BASE_URL, "/x", attempt=attempt, mask=Mask([Secret(PLANTED)]))


def test_success() -> None:
    """An exchange holds the request and its origin, the answer, and the duration."""
    seen: list[Exchange] = []
    before = current_purpose.set("Applications: refresh")
    with Observation(seen.append, recorder(2)) as attempt:
        attempt.record_request((("Accept", "application/json"),), b"{}")
        attempt.record_head(200, (("Server", "x"),))
        attempt.record_body(b"[1]")
    current_purpose.reset(before)

    [exchange] = seen
    assert (exchange.method, exchange.base_url, exchange.path) == ("GET", BASE_URL, "/x")
    assert (exchange.status, exchange.attempt, exchange.problem) == (200, 2, "")
    assert exchange.purpose == "Applications: refresh"
    assert exchange.request_headers == (("Accept", "application/json"),)
    assert (exchange.request_body, exchange.answer_body) == (b"{}", b"[1]")
    assert (exchange.answer_headers, exchange.answer_size) == ((("Server", "x"),), 3)
    assert 0 <= exchange.duration < 60
    assert exchange.started_at_ms > 1_700_000_000_000


def test_secrets_are_masked_both_ways() -> None:
    """Neither the request nor an answer that repeats the credential shows it."""
    seen: list[Exchange] = []
    with Observation(seen.append, recorder()) as attempt:
        attempt.record_request((("Authorization", f"App {PLANTED}"),), PLANTED.encode())
        attempt.record_head(401, (("X-Received", PLANTED), ("Set-Cookie", "session=1")))
        attempt.record_body(f'{{"text":"no such key {PLANTED}"}}'.encode())

    [exchange] = seen
    assert PLANTED not in repr(exchange)
    assert exchange.request_headers == (("Authorization", f"App {MASK}"),)
    assert exchange.answer_headers == (("X-Received", MASK), ("Set-Cookie", MASK))


def test_no_part_of_a_secret_is_left() -> None:
    """A body is masked before it is cut to its maximum length."""
    seen: list[Exchange] = []
    body = b"x" * (KEPT_BODY - 8) + PLANTED.encode()
    with Observation(seen.append, recorder()) as attempt:
        attempt.record_body(body)

    assert len(seen[0].answer_body) == KEPT_BODY
    assert seen[0].answer_size == len(body)
    assert seen[0].answer_body.endswith(b"********")


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (Unreachable("Not connected."), "Not connected."),
        (asyncio.CancelledError(), "The request was cancelled."),
        (KeyError("x"), "KeyError"),
    ],
)
def test_failure(error: BaseException, problem: str) -> None:
    """Failures and cancellations are reported and propagated unchanged."""
    seen: list[Exchange] = []
    with pytest.raises(type(error)), Observation(seen.append, recorder()):
        raise error

    assert [exchange.problem for exchange in seen] == [problem]


def test_no_observer() -> None:
    """An observer is not required."""
    with Observation(None, recorder()) as attempt:
        attempt.record_head(200, ())

    assert attempt.status == 200
