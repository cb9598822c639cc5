"""Only what does no harm is repeated, and silence is not borne for ever."""

import pytest

from ibconsole.api.errors import ApiError, NotFound, PlatformBroken, RateLimited, Unreachable
from ibconsole.api.retrying import Attempts

SENT = Unreachable("Broke off.", sent=True)
UNSENT = Unreachable("Nobody there.")
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
def test_what_is_worth_another_attempt(
    error: BaseException, *, reading: bool | float, creating: bool | float
) -> None:
    """What may have been created is never created again; a refused or lost request may be sent."""
    for method, again in [("GET", reading), ("DELETE", reading), ("POST", creating)]:
        attempts = Attempts(method)
        attempts.begin()

        assert attempts.again(error) == again


def test_a_platform_that_asks_for_peace_again_and_again() -> None:
    """Retry-After is granted up to a minute in all; then the user is told."""
    attempts = Attempts("GET")

    assert attempts.again(RateLimited(retry_after=40)) == 40
    assert attempts.again(RateLimited(retry_after=40)) is False


def test_silence() -> None:
    """Where nobody answers, all attempts together end within 9 s."""
    clock = Clock()
    attempts = Attempts("GET", clock=clock)

    assert attempts.begin() <= 9
    clock.now = 4.0
    assert attempts.again(UNSENT)
    assert 4 < attempts.begin() <= 5
    clock.now = 8.0
    assert not attempts.again(UNSENT)
    clock.now = 100.0
    assert attempts.begin() == 0.1
    assert attempts.number == 3


def test_an_answer_ends_the_silence() -> None:
    """Who answers, even with a failure, is given the time of a new silence."""
    clock = Clock()
    attempts = Attempts("GET", clock=clock)
    attempts.begin()
    clock.now = 8.0
    attempts.answered()

    assert attempts.again(SENT)
    assert attempts.begin() > 8


@pytest.mark.parametrize(
    ("error", "may_be_done"),
    [
        (SENT, True),
        (UNSENT, False),
        (PlatformBroken("x", status=503), True),
        (RateLimited(), False),
    ],
)
def test_what_may_have_been_done(error: ApiError, *, may_be_done: bool) -> None:
    """A request that was refused or never sent has done nothing."""
    attempts = Attempts("DELETE")
    attempts.again(error)

    assert attempts.may_be_done == may_be_done
