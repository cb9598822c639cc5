"""The computer's clock."""

import time

import pytest

from ibconsole.clock import LeapDetector, SteadyPeriod, elapsed_ms, now_ms


def test_milliseconds() -> None:
    """The time is in milliseconds since the epoch."""
    before = time.time()
    now = now_ms()

    assert before * 1000 - 1 <= now <= time.time() * 1000


def test_a_leap_is_detected_both_ways() -> None:
    """A clock that is set by more than an hour has leapt, until it is set back or accepted."""
    wall = [0]
    leaps = LeapDetector(lambda: wall[0], lambda: 0)
    for step, leapt in ((3_000_000, False), (4_000_000, True), (-4_000_000, True), (0, False)):
        wall[0] = step
        assert leaps.leapt is leapt
    wall[0] = 9_000_000
    leaps.accept()

    assert not leaps.leapt


def test_time_that_passes_is_no_leap() -> None:
    """Both clocks advance together, and the elapsed time never decreases."""
    before = elapsed_ms()

    assert elapsed_ms() >= before
    assert not LeapDetector().leapt


@pytest.mark.parametrize(
    ("wall", "elapsed", "is_new"),
    [
        (30_000, 30_000, False),
        (30_000, 30_500, False),
        (85_000, 85_000, False),  # a busy computer
        (600_000, 600_000, True),  # it was suspended
        (30_000 + 61_000, 30_000, True),  # the clock was set forward
        (-3_600_000, 30_000, True),  # and back
        (-29_000, 30_000, False),  # a correction
        (30_000, 600_000, True),  # suspended, and the clock set back meanwhile
    ],
)
def test_a_period_without_a_break(wall: int, elapsed: int, is_new: bool) -> None:
    """A period begins anew when the computer was suspended or its clock was set."""
    period = SteadyPeriod(began=-5, wall=0, elapsed=0).advance(wall, elapsed, 30_000)

    assert period == SteadyPeriod(wall if is_new else -5, wall, elapsed)
