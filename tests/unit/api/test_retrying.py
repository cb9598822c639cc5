"""Retries: only harmless requests are repeated, and the time for a call is limited."""

import pytest

from ibconsole.api.errors import ApiError, NotFound, PlatformBroken, RateLimited, Unreachable
from ibconsole.api.retrying import Attempts

SENT = Unreachable("Broke off.", sent=True)
UNSENT = Unreachable("Not connected.")
UNTRUSTED = Unreachable("No trust.", lasting=True)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("error", "reading", "creating"),
    [
        (SENT, True, False),
        (UNSENT, True, True),
        (UNTRUSTED, False, False),
        (PlatformBroken("x", status=500), False, False),
        (PlatformBroken("x", status=502), True, False),
        (PlatformBroken("x", status=503), True, False),
        (PlatformBroken("x", status=504), True, False),
        (PlatformBroken("x", status=307), False, False),
        (PlatformBroken("x"), False, False),
        (RateLimited(retry_after=7), 7, 7),
        (RateLimited(retry_after=61), False, False),
        (NotFound(404), False, False),
        (KeyboardInterrupt(), False, False),
    ],
)
def test_retries_by_kind_of_failure(
    error: BaseException, *, reading: bool | float, creating: bool | float
) -> None:
    """A POST that may have arrived is never repeated; GET and DELETE are, if it can help."""
    for method, should_retry in [("GET", reading), ("DELETE", reading), ("POST", creating)]:
        attempts = Attempts(method)
        attempts.begin()

        assert attempts.should_retry(error) == should_retry


def test_repeated_retry_after() -> None:
    """The pauses of Retry-After are granted up to a minute in all; then the call fails."""
    attempts = Attempts("GET")

    assert attempts.should_retry(RateLimited(retry_after=40)) == 40
    assert attempts.should_retry(RateLimited(retry_after=40)) is False


def test_no_answer() -> None:
    """Without any answer, all attempts together end within 9 s."""
    clock = Clock()
    attempts = Attempts("GET", clock=clock)

    assert attempts.begin() <= 9
    clock.now = 4.0
    assert attempts.should_retry(UNSENT)
    assert 4 < attempts.begin() <= 5
    clock.now = 8.0
    assert not attempts.should_retry(UNSENT)
    clock.now = 100.0
    assert attempts.begin() == 0.1
    assert attempts.number == 3


def test_an_answer_restarts_the_time_limit() -> None:
    """After an answer, even a failure, the next attempt has the full time."""
    clock = Clock()
    attempts = Attempts("GET", clock=clock)
    attempts.begin()
    clock.now = 8.0
    attempts.mark_answered()

    assert attempts.should_retry(SENT)
    assert attempts.begin() > 8


@pytest.mark.parametrize(
    ("error", "may_have_succeeded"),
    [
        (SENT, True),
        (UNSENT, False),
        (PlatformBroken("x", status=503), True),
        (RateLimited(), False),
    ],
)
def test_possible_success(error: ApiError, *, may_have_succeeded: bool) -> None:
    """A request that was refused or never sent has not changed anything."""
    attempts = Attempts("DELETE")
    attempts.should_retry(error)

    assert attempts.may_have_succeeded == may_have_succeeded
