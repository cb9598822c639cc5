"""The period of a timeline is chosen from a list."""

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.ui.timeline.range_choice import RangeChoice, TimelineRange

DAY = 86_400_000


@pytest.mark.parametrize(
    ("chosen", "label", "since"),
    [
        (TimelineRange.DAY, "Last 24 hours", 99 * DAY),
        (TimelineRange.WEEK, "Last 7 days", 93 * DAY),
        (TimelineRange.MONTH, "Last 30 days", 70 * DAY),
        (TimelineRange.ALL, "All", None),
    ],
)
def test_a_period_is_chosen(
    qtbot: QtBot, chosen: TimelineRange, label: str, since: int | None
) -> None:
    """A week at first; the program chooses one without any signal."""
    choice = RangeChoice()
    qtbot.addWidget(choice)
    assert choice.chosen is TimelineRange.WEEK

    with qtbot.assertNotEmitted(choice.currentIndexChanged):
        choice.choose(chosen)

    assert (choice.chosen, choice.currentText()) == (chosen, label)
    assert chosen.since(100 * DAY) == since
