"""Sooner while messages wait, later while something is wrong."""

import pytest

from ibconsole.api import Forbidden, PlatformBroken, RateLimited, Unauthorized, Unreachable
from ibconsole.services.intake.pull import NotRequested, PullBusy
from ibconsole.services.intake.pull_loop import LONGEST, SHORTEST, PullSchedule, may_pass
from ibconsole.services.intake.spool import NotStored


@pytest.mark.parametrize(("pending", "seconds"), [(9, SHORTEST), (0, 30.0), (None, 30.0)])
def test_waiting_messages_are_fetched_at_once(pending: int | None, seconds: float) -> None:
    """What is known to wait does not wait for the interval."""
    assert PullSchedule(30.0).after_messages(pending) == seconds


def test_failures_make_it_slower() -> None:
    """Each failure doubles the wait up to a bound; an answer takes it back."""
    pace = PullSchedule(30.0)
    waits = [pace.after_failure(Unreachable("No.")) for _ in range(40)]

    assert waits[:4] == [60.0, 120.0, 240.0, LONGEST]
    assert waits[-1] == LONGEST
    assert pace.after_messages(0) == 30.0
    assert pace.after_failure(Unreachable("No.")) == 60.0


def test_the_platform_may_ask_for_more() -> None:
    """Retry-After is granted, however long."""
    assert PullSchedule(1.0).after_failure(RateLimited(retry_after=900.0)) == 900.0


def test_intervals_have_bounds() -> None:
    """Nobody pulls more often than once in a second; who wants an hour gets an hour."""
    assert PullSchedule(0.0).after_messages(0) == SHORTEST
    assert PullSchedule(3600.0).after_failure(Unreachable("No.")) == 3600.0


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (Unreachable("No."), True),
        (PlatformBroken("No.", status=503), True),
        (RateLimited(), True),
        (PullBusy("No."), True),
        (NotRequested("No."), True),
        (NotStored("No."), False),
        (Unauthorized(), False),
        (Forbidden(), False),
    ],
)
def test_what_time_does_not_heal(error: Exception, *, passes: bool) -> None:
    """A refused credential, or a disk that did not take an answer, needs its user."""
    assert may_pass(error) is passes
