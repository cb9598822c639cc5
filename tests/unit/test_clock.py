"""The computer's clock."""

import time

from ibconsole.clock import LeapDetector, elapsed_ms, now_ms


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
