"""The details of one item: a summary, the entries of its ledger, and the answers in full."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from ibconsole.services.redelivery import ItemHistory, LedgerEntry, RedeliveryAnswer
from ibconsole.ui.redelivery.history_texts import (
    answer_in_full,
    describe_entry,
    entry_in_full,
    outcome_of,
    summary_of_item,
)
from ibconsole.ui.tables import Column, RecordsModel, RecordsTable
from ibconsole.ui.toolkit import Command, Theme, TimeDisplay, byte_size, times
from ibconsole.ui.viewers import BoundedText, JsonView, SummaryView
from ibconsole.ui.widgets import IconButton, Notice, Splitter

_ENTRY_WIDTHS = (36, 120, 72, 0)
_ANSWER_WIDTHS = (120, 0, 64, 72)
_NOTICE = "Select a message to see its ledger and the answers to it."


class ItemDetails(QWidget):
    """Tabs with what is recorded of an item, or a notice that none is selected.

    `answers_changed` is emitted when other answers are selected.
    """

    answers_changed = Signal()

    def __init__(
        self,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        time_display: TimeDisplay,
    ) -> None:
        super().__init__(parent)
        self._time_display = time_display
        self._history: ItemHistory | None = None
        self._name = ""
        self.summary = SummaryView(theme)
        self.entries = RecordsTable(
            RecordsModel(_entry_columns(time_display), lambda entry: entry.number), stretch=3
        )
        self.entry = JsonView(theme, "The selected entry of the ledger")
        self.answers = RecordsTable(
            RecordsModel(_answer_columns(time_display), lambda answer: answer.id), stretch=1
        )
        self.answer = JsonView(theme, "The selected answer in full")
        self.compare = IconButton("columns-2", "Compare two answers", theme, room_text="Compare")
        self.tabs = QTabWidget(documentMode=True)
        self.notice = Notice(theme)
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self.show_nothing()

    @property
    def history(self) -> ItemHistory | None:
        """The item that is shown; None if there is none."""
        return self._history

    @property
    def _code(self) -> str:
        return self._history.item.application_code if self._history else ""

    @property
    def selected_answers(self) -> Sequence[RedeliveryAnswer]:
        """The selected answers, the oldest first."""
        found: list[RedeliveryAnswer] = list(self.answers.selected_records)
        return sorted(found, key=lambda answer: answer.id)

    def offer(self, compare: Command) -> None:
        """Offer to compare the selected answers."""
        self.compare.follow(compare)
        compare.add_to(self.answers)

    def show_nothing(self, sentence: str = _NOTICE) -> None:
        """Show that no item is selected, or several are."""
        self._history = None
        self.answers.show_records(())
        self.notice.show_empty(sentence)
        self._pages.setCurrentWidget(self.notice)

    def show_history(self, history: ItemHistory, application: str) -> None:
        """Show an item; `application` is the name of the message's. The open tab stays open."""
        is_same = self._history is not None and self._history.item.id == history.item.id
        self._history, self._name = history, application
        self._show_summary()
        self.entries.show_records(history.entries)
        self.answers.show_records(history.answers)
        self.tabs.setTabText(1, f"Ledger ({len(history.entries):,})")
        self.tabs.setTabText(2, f"Answers ({len(history.answers):,})")
        if not is_same:
            self._select_last()
        self._show_entry()
        self._show_answer()
        self._pages.setCurrentWidget(self.tabs)

    def _select_last(self) -> None:
        history = self._history
        if history is None:
            return
        if history.entries:
            self.entries.select_records(history.entries[-1].number)
        if history.answers:
            self.answers.select_records(history.answers[-1].id)
        self.answers_changed.emit()

    def _show_summary(self) -> None:
        if self._history:
            zone = self._time_display.zone
            self.summary.show_summary(summary_of_item(self._history, self._name, zone))

    def _show_entry(self) -> None:
        entry = self.entries.selected_record
        none = BoundedText(note="Select an entry to see all of it.")
        self.entry.show_text(
            entry_in_full(entry, self._code) if isinstance(entry, LedgerEntry) else none
        )

    def _show_answer(self) -> None:
        answer = self.answers.selected_record
        none = BoundedText(note="Select an answer to see all of it; select two to compare them.")
        shown = answer_in_full(answer, self._code) if isinstance(answer, RedeliveryAnswer) else none
        self.answer.show_text(shown)

    def _on_answers_changed(self) -> None:
        self._show_answer()
        self.answers_changed.emit()

    def _on_times_changed(self) -> None:
        self._show_summary()
        for table in (self.entries, self.answers):
            table.refresh_values()

    def _connect(self) -> None:
        self.entries.selection_changed.connect(self._show_entry)
        self.answers.selection_changed.connect(self._on_answers_changed)
        self._time_display.changed.connect(self._on_times_changed)

    def _lay_out(self) -> None:
        self.entries.setAccessibleName("Entries of the ledger")
        self.entries.set_widths(*_ENTRY_WIDTHS, by_content=True)
        self.answers.setAccessibleName("Answers to the message")
        self.answers.set_widths(*_ANSWER_WIDTHS, by_content=True)
        self.answers.enable_multiple_selection()
        self.answers.placeholder = "No answer was recorded."
        self.tabs.setAccessibleName("The selected message")
        self.tabs.addTab(self.summary, "Summary")
        for table, view, title in (
            (self.entries, self.entry, "Ledger"),
            (self.answers, self.answer, "Answers"),
        ):
            splitter = Splitter(Qt.Orientation.Vertical)
            splitter.addWidget(table)
            splitter.addWidget(view)
            splitter.setSizes((120, 160))
            self.tabs.addTab(splitter, title)
        self.tabs.setCornerWidget(self.compare)
        self._pages.addWidget(self.tabs)
        self._pages.addWidget(self.notice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)


def _entry_columns(time_display: TimeDisplay) -> Sequence[Column[LedgerEntry]]:
    return (
        Column("No.", lambda entry: f"{entry.number:,}", lambda entry: entry.number, right=True),
        Column(
            "Time",
            lambda entry: times.column_time(entry.at, time_display.zone),
            lambda entry: entry.number,
            lambda entry: times.exact(entry.at, time_display.zone),
        ),
        Column("Entry", lambda entry: entry.kind.value),
        Column("Content", describe_entry, tooltip=describe_entry),
    )


def _answer_columns(time_display: TimeDisplay) -> Sequence[Column[RedeliveryAnswer]]:
    return (
        Column(
            "Time",
            lambda answer: times.column_time(answer.at, time_display.zone),
            lambda answer: answer.id,
            lambda answer: times.exact(answer.at, time_display.zone),
        ),
        Column("Answer", outcome_of, tooltip=outcome_of),
        Column(
            "Size", lambda answer: byte_size(answer.size), lambda answer: answer.size, right=True
        ),
        Column(
            "Duration",
            lambda answer: times.duration(answer.seconds),
            lambda answer: answer.seconds,
            right=True,
        ),
    )
