"""The values of timelines and comparisons."""

from ibconsole.services.setup.history.timeline_events import ComparedValue, SetupComparison, Side


def test_differences_are_counted() -> None:
    """A comparison says how many of its values are not equal."""
    rows = (
        ComparedValue("Action 1", "type", "PULL", "PULL", Side.EQUAL),
        ComparedValue("Action 1", "callbackData", "a", "b", Side.DIFFERENT),
        ComparedValue("Action 2", "type", "", "PULL", Side.RIGHT_ONLY),
    )

    assert SetupComparison(rows).differences == 2
