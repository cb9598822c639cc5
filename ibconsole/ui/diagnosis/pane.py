"""The Health tab: why does nothing arrive? The four questions, the findings, the remedies."""

import json
from collections.abc import Callable, Sequence

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget

from ibconsole.services.diagnosis import AccountDiagnosis as Account
from ibconsole.services.diagnosis import (
    Definition,
    Facts,
    Finding,
    MutedFinding,
    Report,
    definition_of,
)
from ibconsole.ui.diagnosis.finding_dialogs import FindingPageDialog, MuteDialog
from ibconsole.ui.diagnosis.finding_rows import HealthRow, details_of, row_to_read_first
from ibconsole.ui.tables import Column, RecordsModel, RecordsTable
from ibconsole.ui.toolkit import SPACE, Command, Group, Theme, copy_to_clipboard
from ibconsole.ui.widgets import FlowLayout, PaneFrame, PushButton, Splitter, open_dialog

_COLUMNS: Sequence[Column[HealthRow]] = (
    Column("Question or finding", lambda row: row.name, sort_key=lambda row: row.order),
    Column("Result", lambda row: row.word.capitalize()),
    Column("Explanation", lambda row: row.explanation, tooltip=lambda row: row.sentence),
    Column("Application", lambda row: row.application),
)
_APPLICATION = 3
_NOTHING = "No finding is selected."
_NO_SELECTION = "Select a question or a finding: its evidence, reasons and remedy are shown here."


class WantedFinding(msgspec.Struct, frozen=True):
    """A finding that is selected once it is listed; `missing` is called if none is chosen."""

    choose: Callable[[Sequence[Finding]], Finding | None]
    missing: Callable[[], object] = lambda: None


_NONE = WantedFinding(lambda _: None)


class FindingsTable(RecordsTable):
    """The rows; a double click asks for the page of the selected finding, as both Enter keys do."""

    page_requested = Signal()

    # Qt's side

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        super().mouseDoubleClickEvent(event)
        if event.button() == Qt.MouseButton.LeftButton:
            self.page_requested.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Enter:  # of the number pad; the other one is a shortcut
            self.page_requested.emit()
        else:
            super().keyPressEvent(event)


class HealthPane(PaneFrame):
    """Shows the diagnosis of the selected application, or all findings of the account.

    `scope_changed` is emitted when the user switches between both, or opens the tab.
    `remedy_requested` carries the name of a command of the window.
    """

    scope_changed = Signal()
    remedy_requested = Signal(str)
    application_requested = Signal(str)
    mute_requested = Signal(object, str, object)
    unmute_requested = Signal(object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("Health", theme, parent)
        self._theme = theme
        self._account: Account | None = None
        self._facts: Facts | None = None
        self._selected_code = ""
        self._wanted = _NONE
        self.filter = QLineEdit(placeholderText="Filter findings")
        self.table = FindingsTable(
            RecordsModel(
                _COLUMNS,
                lambda row: row.identity,
                self,
                search=lambda row: f"{row.name}\n{row.word}\n{row.sentence}\n{row.application}",
            ),
            stretch=2,
            optional=(_APPLICATION,),
        )
        self.details = QPlainTextEdit(readOnly=True, placeholderText=_NO_SELECTION)
        self.splitter = Splitter(Qt.Orientation.Horizontal)
        self.all_findings = PushButton("All findings", theme)
        self._make_commands()
        self.remedy = PushButton("", theme)
        self.mute_button = PushButton("Mute…", theme)
        self._set_up()

    @property
    def shows_all(self) -> bool:
        """True if all findings of the account are to be shown."""
        return self.all_findings.isChecked()

    @property
    def findings(self) -> Sequence[Finding]:
        """All findings that are listed now."""
        return [row.finding for row in self.table.records if row.finding]

    @property
    def finding(self) -> Finding | None:
        """The selected finding."""
        row = self.table.selected_record
        return row.finding if row else None

    @property
    def help_page(self) -> str:
        """The page of the help about the selected finding, or about this pane."""
        return self.finding.name if self.finding else "health"

    @property
    def diagnosed_at(self) -> int | None:
        """The time of the diagnosis in ms since the epoch; None before the first one."""
        return self._account.at if self._account else None

    @property
    def facts(self) -> Facts | None:
        """The facts that led to the listed findings; None if they are not known."""
        return self._facts

    def show_rows(
        self, rows: Sequence[HealthRow], account: Account, facts: Facts | None = None
    ) -> None:
        """Show these rows; `account` is what the copies have, with the time of the diagnosis.

        `facts` are those that led to the findings.
        What explains most is selected unless a row is, so that its remedy is on the screen.
        """
        self._account, self._facts = account, facts
        self.table.columns.leave_out(*(() if self.shows_all else (_APPLICATION,)))
        self.table.show_records(rows)
        first = row_to_read_first(rows)
        wanted, self._wanted = self._wanted, _NONE
        if not self._select(wanted) and first and not self.table.selected_records:
            self.table.select_records(first.identity)
        # Before the list appears, this button is the only control that takes the focus.
        waited = not self.has_content and self.all_findings.hasFocus() and not self.shows_all
        self.show_content(account.at)
        if waited:
            self.table.setFocus()
        self._update()

    def show_all_findings(self) -> None:
        """Switch to the list of all findings."""
        self.all_findings.setChecked(True)

    def select_finding(self, finding: Finding) -> None:
        """Select this finding, now or once its application is diagnosed, and take the focus."""
        identity = finding.id
        self.want_finding(
            WantedFinding(lambda listed: next((one for one in listed if one.id == identity), None))
        )
        self._select(self._wanted)

    def want_finding(self, wanted: "WantedFinding") -> None:
        """Select a finding among those of the next diagnosis, and take the focus."""
        self.filter.clear()
        self._wanted = wanted
        self.table.setFocus()

    def explain_number(self, definition: Definition) -> None:
        """Open the page about a number."""
        open_dialog(FindingPageDialog(definition, self._theme, self.window()))

    def select_application(self, code: str) -> None:
        """Take this application as the one that the commands of the window work on."""
        self._selected_code = code
        self._update()

    def _select(self, wanted: "WantedFinding") -> bool:
        found = wanted.choose(self.findings)
        if found is None:
            wanted.missing()
            return False
        row = next(one for one in self.table.records if one.finding is found)
        self.table.select_records(row.identity)
        self._update()
        return True

    def _make_commands(self) -> None:
        def command(
            name: str, run: Callable[[], object], icon_name: str, shortcut: str = ""
        ) -> Command:
            return Command(
                name, Group.SETUP, run, shortcut=shortcut, icon_name=icon_name, parent=self
            )

        self.explain = command("Explain the finding", self._on_explain, "info", "Return")
        self.open = command("Open the application of the finding", self._on_open, "smartphone")
        self.mute = command("Mute the finding…", self._on_mute, "eye-off")
        self.markdown = command("Copy findings as Markdown", self._on_markdown, "copy")
        self.json = command("Copy findings as JSON", self._on_json, "braces")
        self.commands = (self.explain, self.open, self.mute, self.markdown, self.json)

    def _update(self) -> None:
        row = self.table.selected_record
        self.details.setPlainText(details_of(row) if row else "")
        finding = self.finding
        for one in (self.explain, self.mute):
            one.set_disabled_reason("" if finding else _NOTHING)
        has_application = bool(finding and finding.subject.application)
        self.open.set_disabled_reason("" if has_application else _NOTHING)
        for one in (self.markdown, self.json):
            one.set_disabled_reason("" if self._account else "Nothing has been diagnosed yet.")
        self.mute.rename("Unmute the finding" if row and row.muted else "Mute the finding…")
        self.mute_button.setText("Unmute" if row and row.muted else "Mute…")
        remedy = definition_of(finding.number).command if finding else None
        self.remedy.setVisible(bool(remedy))
        self.remedy.setText(remedy or "")
        self.remedy.setAccessibleName(remedy or "Remedy")
        here = finding is None or finding.subject.application in {"", self._selected_code}
        self.remedy.setEnabled(here)
        self.remedy.setToolTip("" if here else "Open the application first.")

    def _on_explain(self) -> None:
        if self.finding:
            self.explain_number(definition_of(self.finding.number))

    def _on_open(self) -> None:
        if self.finding:
            self.application_requested.emit(self.finding.subject.application)

    def _on_remedy(self) -> None:
        if self.finding:
            self.remedy_requested.emit(definition_of(self.finding.number).command or "")

    def _on_mute(self) -> None:
        row = self.table.selected_record
        if row is None or row.finding is None:
            return
        muted, finding = row.muted, row.finding
        if isinstance(muted, MutedFinding):
            self.unmute_requested.emit(muted.mute)
            return
        dialog = MuteDialog(finding, self._theme, self.window())
        dialog.mute_requested.connect(
            lambda reason, until: self.mute_requested.emit(finding, reason, until)
        )
        open_dialog(dialog)

    def _on_markdown(self) -> None:
        if self._account:
            copy_to_clipboard(Report((self._account,)).as_markdown())

    def _on_json(self) -> None:
        if self._account:
            copy_to_clipboard(json.dumps(Report((self._account,)).as_json(), indent=2))

    def _on_filter_changed(self, text: str) -> None:
        self.table.placeholder = f"No finding contains “{text}”."
        self.table.filter(text.strip())

    def _on_scope_toggled(self) -> None:
        self.scope_changed.emit()

    def _set_up(self) -> None:
        self.filter.setAccessibleName("Filter findings")
        self.filter.setClearButtonEnabled(True)
        self.table.setAccessibleName("Findings")
        self.setFocusProxy(self.table)
        self.table.set_widths(150, 80, 0, 140, by_content=True)
        self.details.setAccessibleName("Details of the finding")
        self.all_findings.setCheckable(True)
        self.all_findings.setToolTip("Show the findings of all applications")
        self.add_action(self.all_findings)
        self.splitter.addWidget(_column(self.filter, None, self.table))
        self.splitter.addWidget(_column(self.details, self._button_row()))
        self.splitter.setSizes([700, 460])
        self.set_content(self.splitter)
        for one in self.commands:
            one.add_to(self.table)
        self.filter.textChanged.connect(self._on_filter_changed)
        self.table.selection_changed.connect(self._update)
        self.table.page_requested.connect(self.explain.trigger)
        self.remedy.clicked.connect(self._on_remedy)
        self.all_findings.toggled.connect(self._on_scope_toggled)
        self._update()

    def _button_row(self) -> FlowLayout:
        buttons = FlowLayout(SPACE)
        buttons.addWidget(self.remedy)
        for text, one in (("Explain", self.explain), ("Open application", self.open)):
            button = PushButton(text, self._theme)
            button.follow(one)
            buttons.addWidget(button)
        self.mute_button.follow(self.mute)
        buttons.addWidget(self.mute_button)
        return buttons

    # Qt's side

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.scope_changed.emit()


def _column(first: QWidget, row: FlowLayout | None, last: QWidget | None = None) -> QWidget:
    widget = QWidget()
    layout = QVBoxLayout(widget)
    layout.setContentsMargins(2 * SPACE, SPACE, 2 * SPACE, SPACE)
    layout.setSpacing(SPACE)
    layout.addWidget(first)
    if row is not None:
        layout.addLayout(row)
    if last is not None:
        layout.addWidget(last, 1)
    return widget
