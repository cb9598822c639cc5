"""The page of a team's checks: what is wrong with its archive, and what to do about it."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPlainTextEdit, QVBoxLayout, QWidget

from ibconsole.errors import UserError
from ibconsole.services.team import CheckState, TeamCheck, TeamExamination
from ibconsole.ui.tables import Column, RecordsModel, RecordsTable
from ibconsole.ui.toolkit import (
    SPACE,
    Indicator,
    Theme,
    TimeDisplay,
    copy_to_clipboard,
    one_line,
    times,
)
from ibconsole.ui.widgets import ElidedLabel, PushButton, StateDot

_WORDS = {CheckState.PROBLEM: "Problem", CheckState.UNKNOWN: "Not known", CheckState.OK: "OK"}
_ORDER = list(_WORDS)  # what needs attention comes first
_WIDTHS = (84, 120, 0)
_DETAILS_HEIGHT = 28 * SPACE
_CHECKING = "Checking; nothing is changed."
_STOPPED = "The checks were stopped; nothing was changed."
_NO_SELECTION = "Select a check: what was found is shown here, and what to do about it."

COLUMNS: Sequence[Column[TeamCheck]] = (
    Column("State", lambda one: _WORDS[one.state], sort_key=lambda one: _ORDER.index(one.state)),
    Column("Check", lambda one: one_line(one.name)),
    Column("Found", lambda one: one_line(one.sentence), tooltip=lambda one: one.sentence),
)


class ChecksPage(QWidget):
    """Lists the checks of one examination, the problems first.

    The former examination stays, with its time, while another one is made.
    """

    check_requested = Signal()
    stop_requested = Signal()

    def __init__(self, theme: Theme, display: TimeDisplay, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._display = display
        self._examination: TeamExamination | None = None
        self.dot = StateDot(theme)
        self.summary = ElidedLabel()
        self.table = RecordsTable(
            RecordsModel(COLUMNS, lambda one: (one.name, one.sentence), self),
            stretch=2,
            parent=self,
        )
        self.details = QPlainTextEdit(readOnly=True, placeholderText=_NO_SELECTION)
        self.copy = PushButton("Copy report", theme)
        self.stop = PushButton("Stop", theme)
        self.again = PushButton("Check again", theme)
        self._set_up()
        self._lay_out()
        self._connect()
        self.forget()

    @property
    def title(self) -> str:
        """The title of the page, with the number of problems."""
        checks = self._examination.checks if self._examination else ()
        problems = sum(one.state is CheckState.PROBLEM for one in checks)
        return f"Checks ({problems:,} wrong)" if problems else "Checks"

    def forget(self) -> None:
        """Show no examination, because another team is chosen."""
        self._examination = None
        self.table.show_records([])
        self.copy.setEnabled(False)
        self._show_state(Indicator.OFF, "", busy=False)
        self._on_selected()

    def show_busy(self) -> None:
        """Show that the checks are made now."""
        before = f" Before: {self._found}" if self._examination else ""
        self._show_state(Indicator.BUSY, f"{_CHECKING}{before}", busy=True)

    def show_examination(self, examination: TeamExamination) -> None:
        """Show the checks; the first problem is selected, unless a check is."""
        self._examination = examination
        self.table.show_records(examination.checks)
        self.copy.setEnabled(True)
        if not self.table.selected_record:
            first = min(examination.checks, key=lambda one: _ORDER.index(one.state))
            self.table.select_records((first.name, first.sentence))
        self._show_state(self._indicator, self._found, busy=False)
        self._on_selected()

    def show_stopped(self) -> None:
        """Show that the checks were not finished."""
        before = f" Before: {self._found}" if self._examination else ""
        self._show_state(Indicator.OFF, f"{_STOPPED}{before}", busy=False)

    def show_failed(self, error: UserError) -> None:
        """Show why nothing can be checked."""
        self._show_state(Indicator.DANGER, str(error), busy=False)

    @property
    def _found(self) -> str:
        if not self._examination:
            return ""
        at = times.second(self._examination.at, self._display.zone)
        return f"{self._examination.sentence.removesuffix('.')}, at {at}."

    @property
    def _indicator(self) -> Indicator:
        states = {one.state for one in self._examination.checks} if self._examination else set()
        if CheckState.PROBLEM in states:
            return Indicator.WARNING
        return Indicator.OFF if CheckState.UNKNOWN in states else Indicator.OK

    def _show_state(self, indicator: Indicator, text: str, *, busy: bool) -> None:
        self.dot.show_state(indicator, text)
        self.dot.setVisible(bool(text))
        self.summary.setText(text)
        self.stop.setVisible(busy)
        self.again.setVisible(not busy)

    def _on_selected(self) -> None:
        check = self.table.selected_record
        remedy = f"\n\nWhat to do: {check.remedy}" if check and check.remedy else ""
        self.details.setPlainText(f"{check.name}: {check.sentence}{remedy}" if check else "")

    def _on_copy_clicked(self) -> None:
        if self._examination:
            copy_to_clipboard(self._examination.report)

    def _on_time_display_changed(self) -> None:
        if self._examination and self.again.isVisibleTo(self):
            self._show_state(self._indicator, self._found, busy=False)

    def _connect(self) -> None:
        self.table.record_selected.connect(self._on_selected)
        self.copy.clicked.connect(self._on_copy_clicked)
        self.stop.clicked.connect(self.stop_requested)
        self.again.clicked.connect(self.check_requested)
        self._display.changed.connect(self._on_time_display_changed)

    def _set_up(self) -> None:
        self.table.setAccessibleName("Checks of the team's archive")
        self.table.set_widths(*_WIDTHS, by_content=True)
        self.details.setAccessibleName("The selected check")
        self.details.setProperty("quiet", "true")
        self.details.setFixedHeight(_DETAILS_HEIGHT)
        self.details.setTabChangesFocus(True)
        self.summary.setAccessibleName("State of the checks")

    def _lay_out(self) -> None:
        state = QHBoxLayout()
        state.setSpacing(2 * SPACE)
        state.addWidget(self.dot)
        state.addWidget(self.summary, 1)
        state.addWidget(self.copy)
        state.addWidget(self.stop)
        state.addWidget(self.again)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2 * SPACE, 0, 0)
        column.setSpacing(2 * SPACE)
        column.addLayout(state)
        column.addWidget(self.table, 1)
        column.addWidget(self.details)
