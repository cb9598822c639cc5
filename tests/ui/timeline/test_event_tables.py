"""The tables of a timeline."""

from PySide6.QtGui import QGuiApplication
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.ui.timeline.event_tables import EventDetails, EventViews
from ibconsole.ui.timeline.hour_bars import Bar
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.ui.timeline.samples import CREATED, EVENTS, FAILED, NOW


def test_events_are_listed_in_their_order(
    time_display: TimeDisplay, qtbot: QtBot, qtmodeltester: ModelTester
) -> None:
    """The oldest event is on top, and a copied row says the same as the chart."""
    views = EventViews(time_display)
    qtbot.addWidget(views)
    views.show()
    qtmodeltester.check(views.events.model())
    views.events.show_records(EVENTS[::-1])
    qtbot.waitUntil(lambda: views.events.model().rowCount() == len(EVENTS))

    texts = [views.events.model().index(0, column).data() for column in range(3)]
    views.events.selectRow(0)
    views.events.copy_row()

    assert texts == ["23 Nov 22:06:40", "changed here", "Action PULL created"]
    assert QGuiApplication.clipboard().text() == "\t".join(texts)


def test_figures_are_numbers(time_display: TimeDisplay, qtbot: QtBot) -> None:
    """Each bar is a row with both ways."""
    views = EventViews(time_display)
    qtbot.addWidget(views)
    views.figures.show_records([Bar(NOW - 3_600_000, NOW, 1234, 5)])

    assert [views.figures.model().index(0, column).data() for column in range(4)] == [
        "29 Nov 21:06:40", "29 Nov 22:06:40", "1,234", "5",
    ]  # fmt: skip


def test_details_keep_their_place(time_display: TimeDisplay, qtbot: QtBot) -> None:
    """Showing the same events again keeps the cursor, where the user reads or copies."""
    details = EventDetails(time_display)
    qtbot.addWidget(details)
    details.show_events((CREATED, FAILED))
    assert "by: ada@desk" in details.toPlainText()
    assert "404" in details.toPlainText()
    details.show_events([CREATED] * 52)
    assert details.toPlainText().endswith("and 2 more events")
    details.show_events((CREATED, FAILED))
    details.selectAll()

    details.show_events((CREATED, FAILED))

    assert details.textCursor().hasSelection()
