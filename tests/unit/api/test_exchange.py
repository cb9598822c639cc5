"""Every attempt is told to whoever keeps a log, with its secrets masked."""

import asyncio

import pytest

from ibconsole.api.errors import Unreachable
from ibconsole.api.exchange import KEPT_BODY, Exchange, Noted, asked_by, observed
from ibconsole.api.masking import Mask
from ibconsole.secret import MASK, Secret

BASE_URL = "https://xxxxx.api.infobip.com"
PLANTED = "planted-b55aa966f1704c72"


def noted(attempt: int = 1) -> Noted:
    return Noted("GET", BASE_URL, "/x", attempt=attempt, mask=Mask([Secret(PLANTED)]))


def test_a_success() -> None:
    """A log learns what was asked and for whom, what came, and how long it took."""
    seen: list[Exchange] = []
    before = asked_by.set("Applications: refresh")
    with observed(seen.append, noted(2)) as attempt:
        attempt.request((("Accept", "application/json"),), b"{}")
        attempt.answer(200, (("Server", "x"),))
        attempt.answer_body(b"[1]")
    asked_by.reset(before)

    [exchange] = seen
    assert (exchange.method, exchange.base_url, exchange.path) == ("GET", BASE_URL, "/x")
    assert (exchange.status, exchange.attempt, exchange.problem) == (200, 2, "")
    assert exchange.asked_by == "Applications: refresh"
    assert exchange.request_headers == (("Accept", "application/json"),)
    assert (exchange.request_body, exchange.answer_body) == (b"{}", b"[1]")
    assert (exchange.answer_headers, exchange.answer_size) == ((("Server", "x"),), 3)
    assert 0 <= exchange.duration < 60
    assert exchange.started_at_ms > 1_700_000_000_000


def test_secrets_are_masked_on_both_ways() -> None:
    """Neither what was sent nor what an answer repeats shows a credential."""
    seen: list[Exchange] = []
    with observed(seen.append, noted()) as attempt:
        attempt.request((("Authorization", f"App {PLANTED}"),), PLANTED.encode())
        attempt.answer(401, (("X-Received", PLANTED), ("Set-Cookie", "session=1")))
        attempt.answer_body(f'{{"text":"no such key {PLANTED}"}}'.encode())

    [exchange] = seen
    assert PLANTED not in repr(exchange)
    assert exchange.request_headers == (("Authorization", f"App {MASK}"),)
    assert exchange.answer_headers == (("X-Received", MASK), ("Set-Cookie", MASK))


def test_no_half_of_a_secret_is_left() -> None:
    """What is cut for its length is masked before."""
    seen: list[Exchange] = []
    body = b"x" * (KEPT_BODY - 8) + PLANTED.encode()
    with observed(seen.append, noted()) as attempt:
        attempt.answer_body(body)

    assert len(seen[0].answer_body) == KEPT_BODY
    assert seen[0].answer_size == len(body)
    assert seen[0].answer_body.endswith(b"********")


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (Unreachable("Nobody there."), "Nobody there."),
        (asyncio.CancelledError(), "The request was cancelled."),
        (KeyError("x"), "KeyError"),
    ],
)
def test_a_failure(error: BaseException, problem: str) -> None:
    """A log learns of failures and cancellations, which go on as if nobody had looked."""
    seen: list[Exchange] = []
    with pytest.raises(type(error)), observed(seen.append, noted()):
        raise error

    assert [exchange.problem for exchange in seen] == [problem]


def test_nobody_looks() -> None:
    """A log is not needed."""
    with observed(None, noted()) as attempt:
        attempt.answer(200, ())

    assert attempt.status == 200
