"""The result of a forward test: verdict and answer, and the list of previous tests."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QMenu, QStackedWidget, QTabWidget, QToolButton, QWidget

from ibconsole.services.forward_test import ForwardTest, Ladder
from ibconsole.ui.forward_test.facts import answer_text, columns, summary_of
from ibconsole.ui.forward_test.ladder_view import LadderView
from ibconsole.ui.tables import RecordsModel, RecordsTable
from ibconsole.ui.toolkit import Command, Theme, TimeDisplay
from ibconsole.ui.viewers import JsonView, SummaryView
from ibconsole.ui.widgets import IconButton, Notice

_WIDTHS = (148, 0, 130, 104, 72)
_EMPTY = (
    "Enter a forward URL and send: name, addresses, connections and TLS are tested, then it gets a"
    " POST as the platform would send it. You see the first cause if messages do not arrive."
)


def without_parts(tests: Sequence[ForwardTest]) -> Sequence[ForwardTest]:
    """Return the tests without the further requests of their ladders."""
    parts = {
        sent.id for test in tests if test.ladder for sent in test.ladder.sent if sent.id != test.id
    }
    return [test for test in tests if test.id not in parts]


class ResultView(QStackedWidget):
    """Tabs with the result, the answer and previous tests; a notice before the first test.

    `shown_changed` is emitted when the result of another test is shown.
    """

    shown_changed = Signal()

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, time_display: TimeDisplay
    ) -> None:
        super().__init__(parent)
        self._time_display = time_display
        self.ladder = LadderView(theme)
        self.summary = SummaryView(theme)
        self.answer = JsonView(theme, "Body of the answer")
        self.previous_tests = RecordsTable(
            RecordsModel(columns(time_display), lambda test: test.id, self),
            stretch=1,
            optional=(4, 3),
            copies=(("Copy URL", lambda test: test.url),),
        )
        self.export = IconButton("copy", "Copy or save the result", theme, text="Copy")
        self._shown: ForwardTest | None = None
        self._previous: Sequence[ForwardTest] = ()
        self.tabs = QTabWidget(documentMode=True)
        self.notice = Notice(theme)
        self._set_up()
        time_display.changed.connect(self._on_zone_changed)

    @property
    def shown(self) -> ForwardTest | None:
        """The test whose result is shown."""
        return self._shown

    def offer(self, commands: Sequence[Command]) -> None:
        """Offer these commands on the result, and in the menu of the history."""
        menu = QMenu(self.export)
        menu.addActions(list(commands))
        self.export.setMenu(menu)
        self.export.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        for command in commands:
            command.add_to(self.previous_tests)

    def show_test(self, test: ForwardTest) -> None:
        """Show the result of a test, the last one or a previous one; the open tab stays open."""
        self._shown = test
        self.ladder.show_test(test)
        self.summary.show_summary(summary_of(test, self._time_display.zone))
        self.answer.show_text(answer_text(test))
        self.setCurrentWidget(self.tabs)
        self.shown_changed.emit()

    def show_progress(self, ladder: Ladder) -> None:
        """Show how far a test has come."""
        self.ladder.show_ladder(ladder)
        self.setCurrentWidget(self.tabs)

    def show_ladder_tab(self) -> None:
        """Open the tab with the ladder."""
        self.tabs.setCurrentWidget(self.ladder)

    def show_previous(self, tests: Sequence[ForwardTest]) -> None:
        """List the recorded tests; open the list if no result is shown yet."""
        tests = without_parts(tests)
        self._previous = tests
        self.previous_tests.show_records(tests)
        tab = self.tabs.indexOf(self.previous_tests)
        self.tabs.setTabText(tab, f"History ({len(tests):,})")
        if tests and self.currentWidget() is self.notice:
            self.tabs.setCurrentWidget(self.previous_tests)
            self.setCurrentWidget(self.tabs)

    def _on_zone_changed(self) -> None:
        self.previous_tests.show_records(self._previous)
        if self._shown:
            self.summary.show_summary(summary_of(self._shown, self._time_display.zone))

    def _set_up(self) -> None:
        self.previous_tests.setAccessibleName("History")
        self.previous_tests.set_widths(*_WIDTHS, by_content=True)
        self.previous_tests.placeholder = "No forward URL was tested yet."
        self.tabs.setAccessibleName("Result of the test")
        self.tabs.setCornerWidget(self.export)
        self.tabs.addTab(self.ladder, "Ladder")
        self.tabs.addTab(self.summary, "Request")
        self.tabs.addTab(self.answer, "Answer")
        self.tabs.addTab(self.previous_tests, "History")
        self.notice.show_empty(_EMPTY, icon_name="send")
        self.addWidget(self.tabs)
        self.addWidget(self.notice)
        self.setCurrentWidget(self.notice)
