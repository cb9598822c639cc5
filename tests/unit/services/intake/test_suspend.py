"""A computer that slept is noticed by its clock."""

from ibconsole.services.intake.suspend import SuspendDetector


def test_sleep_is_noticed_once() -> None:
    """From when to when it slept is told at the first look, and not again."""
    times = iter([100.0, 101.0, 102.0, 3702.0, 3703.0])
    jumps = SuspendDetector(lambda: next(times))

    told = [jumps.noticed() for _ in range(5)]

    assert told == [None, None, None, (102_000, 3_702_000), None]


def test_a_clock_that_is_set_back_is_no_sleep() -> None:
    """Nor is one second that took two."""
    times = iter([100.0, 102.0, 50.0, 51.0])
    jumps = SuspendDetector(lambda: next(times))

    assert [jumps.noticed() for _ in range(4)] == [None] * 4
