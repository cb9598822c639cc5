"""The detection of a suspended computer."""

from ibconsole.services.intake.suspend import SuspendDetector


def test_a_suspension_is_reported_once() -> None:
    """The first check after a suspension returns its start and its end, later ones nothing."""
    times = iter([100.0, 101.0, 102.0, 3702.0, 3703.0])
    detector = SuspendDetector(lambda: next(times))

    found = [detector.check() for _ in range(5)]

    assert found == [None, None, None, (102_000, 3_702_000), None]


def test_a_clock_that_is_set_back() -> None:
    """A clock that is set back, or a check that is a second late, is no suspension."""
    times = iter([100.0, 102.0, 50.0, 51.0])
    detector = SuspendDetector(lambda: next(times))

    assert [detector.check() for _ in range(4)] == [None] * 4
