"""The dialog of the retry simulation: fields, chart and table, and the real run."""

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.plural import counted
from ibconsole.services.answer_files import AnswerScenario
from ibconsole.services.retry_simulation import (
    HEADERS,
    Agreement,
    Prediction,
    RetryQuestion,
    RunProgress,
    RunVerdict,
    fate_row,
    phases_of,
    show_seconds,
)
from ibconsole.ui.retries.chart import RetryChart
from ibconsole.ui.retries.fate_table import fate_rows, fate_table
from ibconsole.ui.retries.question_form import RetryForm
from ibconsole.ui.toolkit import SPACE, Theme, copy_to_clipboard
from ibconsole.ui.widgets import (
    Banner,
    BannerOverlay,
    ButtonKind,
    ElidedLabel,
    ProgressLine,
    PushButton,
    Splitter,
    heading,
    open_dialog,
    set_tone,
)

_SIZE = (980, 640)
_CHART, _TABLE = 240, 200  # pixels
_ROOM = 1.05  # of the time that is shown, for the last attempt


class RetriesDialog(QDialog):
    """Shows a prediction as it is asked for, and a real run.

    `question_changed` carries a `RetryQuestion` whenever there is another one, `run_requested` the
    one to run, `cancel_requested` ends the run. `file_chosen` and `save_chosen` carry a path.
    """

    question_changed = Signal(object)
    run_requested = Signal(object)
    cancel_requested = Signal()
    file_chosen = Signal(Path)
    save_chosen = Signal(Path, object)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Simulate retries")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE)
        self._prediction: Prediction | None = None
        self._span = 0.0
        self.progress = ProgressLine(theme)
        self.form = RetryForm(theme)
        self.chart = RetryChart(theme)
        self.table = fate_table(self)
        self.banner = Banner(theme)
        self.outcome = ElidedLabel()
        self.run = PushButton("Run for real", theme, kind=ButtonKind.PRIMARY)
        self.cancel = PushButton("Cancel run", theme)
        self.copy = PushButton("Copy as text", theme)
        self.save = PushButton("Save as scenario…", theme)
        self.close_button = PushButton("Close", theme)
        self._lay_out()
        self._connect()
        self._set_running(on=False)

    def start(self) -> None:
        """Ask for the prediction of the fields as they are."""
        self._on_changed()

    def show_prediction(self, prediction: Prediction) -> None:
        """Show a prediction; a run of another one is not shown any more."""
        self._prediction = prediction
        self.progress.set_busy(on=False)
        self.banner.clear()
        timeout = prediction.sender.timeout
        self.chart.show_phases(tuple(phases_of(prediction.scenario, timeout)))
        self.chart.show_messages(prediction.messages)
        self._show_span()
        self._show_rows(None)
        left_out = ""
        if prediction.left_out:
            count = counted(len(prediction.left_out), "rule")
            left_out = f" {count} about the content of requests left out."
        self._show_outcome(f"{prediction.sentence}{left_out}", lost=bool(prediction.lost))

    def show_problem(self, error: UserError) -> None:
        """Show below the fields what cannot be simulated."""
        self.progress.set_busy(on=False)
        self.form.show_problem(str(error))

    def show_failed(self, error: UserError) -> None:
        """Show why a file cannot be used, or a run is not possible."""
        self._set_running(on=False)
        self.banner.show_notice(Severity.DANGER, str(error), details=error.details)

    def show_running(self, seconds: float) -> None:
        """Show that a run has begun, which takes these seconds."""
        self.banner.clear()
        self._set_running(on=True)
        self._show_outcome(f"The run takes about {show_seconds(seconds)}.", lost=False)

    def show_progress(self, progress: RunProgress) -> None:
        """Show how far a run is."""
        self._show_outcome(
            f"{progress.finished:,} of {counted(progress.messages, 'message')} delivered or lost,"
            f" {show_seconds(progress.elapsed)} of {show_seconds(progress.expected)}.",
            lost=False,
        )

    def show_agreement(self, agreement: Agreement) -> None:
        """Show a run, compared with its prediction."""
        self._set_running(on=False)
        self._show_rows(agreement)
        verdicts = {one.verdict for one in agreement.messages}
        severity = Severity.OK if agreement.agrees else Severity.WARNING
        if RunVerdict.DIFFERS in verdicts:
            severity = Severity.DANGER
        self.banner.show_notice(severity, agreement.sentence)
        if self._prediction:
            self._show_outcome(self._prediction.sentence, lost=bool(self._prediction.lost))

    def show_cancelled(self) -> None:
        """Show that a run was ended; nothing of it is left."""
        self._set_running(on=False)
        if self._prediction:
            self._show_outcome(self._prediction.sentence, lost=bool(self._prediction.lost))

    def show_scenario(self, name: str, scenario: AnswerScenario) -> None:
        """Choose a scenario that was opened."""
        self.form.show_scenario(name, scenario)

    def show_saved(self, file: Path) -> None:
        """Show where the scenario is."""
        self.banner.show_notice(Severity.OK, f"The scenario is in {file}.")

    def as_text(self) -> str:
        """Return law, outcome and rows as lines for a ticket, cells separated by tabs."""
        if self._prediction is None:
            return ""
        rows = ("\t".join(fate_row(one)) for one in self._prediction.messages)
        law = f"Law: {self._prediction.sender.law.sentence}"
        return "\n".join((self._prediction.sentence, law, "\t".join(HEADERS), *rows)) + "\n"

    def _show_rows(self, agreement: Agreement | None) -> None:
        messages = self._prediction.messages if self._prediction else ()
        self.table.show_records(fate_rows(messages, agreement))

    def _show_outcome(self, sentence: str, *, lost: bool) -> None:
        self.outcome.setText(sentence)
        self.outcome.setAccessibleName(sentence)
        set_tone(self.outcome, Severity.DANGER if lost else None)

    def _show_span(self) -> None:
        if self._span or self._prediction is None:
            self.chart.show_span(self._span)
            return
        edges = [one.start for one in phases_of(self._prediction.scenario, 1)]
        self.chart.show_span(_ROOM * max(self._prediction.ended, *edges, 60.0))

    def _set_running(self, *, on: bool) -> None:
        self.progress.set_busy(on=on)
        is_focused = self.run.hasFocus() or self.cancel.hasFocus()
        for widget in (self.form, self.chart):
            widget.setEnabled(not on)
        self.run.setEnabled(not on and self.form.question is not None)
        self.cancel.setVisible(on)
        self.run.setVisible(not on)
        if is_focused:
            (self.cancel if on else self.run).setFocus()

    def _on_changed(self) -> None:
        question = self.form.question
        for button in (self.run, self.copy, self.save):
            button.setEnabled(question is not None)
        if question is not None:
            self.progress.set_busy(on=True)
            self.question_changed.emit(question)

    def _on_span_chosen(self, seconds: float) -> None:
        self._span = seconds
        self._show_span()

    def _on_run(self) -> None:
        question = self.form.question
        if isinstance(question, RetryQuestion):
            self.run_requested.emit(question)

    def _on_open(self) -> None:
        dialog = QFileDialog(self, "Open a scenario of answers")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.setNameFilters(["Scenarios (*.yaml *.yml *.json)", "All files (*)"])
        dialog.fileSelected.connect(lambda file: self.file_chosen.emit(Path(file)))
        dialog.finished.connect(dialog.deleteLater)
        open_dialog(dialog)

    def _on_save(self) -> None:
        question = self.form.question
        if question is None:
            return
        dialog = QFileDialog(self, "Save as a scenario of answers")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile("endpoint.yaml")
        dialog.fileSelected.connect(
            lambda file: self.save_chosen.emit(Path(file), question.scenario)
        )
        dialog.finished.connect(dialog.deleteLater)
        open_dialog(dialog)

    def _connect(self) -> None:
        self.form.changed.connect(self._on_changed)
        self.form.open_requested.connect(self._on_open)
        self.form.tool_chosen.connect(lambda state: setattr(self.chart, "tool", state))
        self.form.span_chosen.connect(self._on_span_chosen)
        self.chart.drawn.connect(self.form.draw)
        self.chart.picked.connect(self.table.select_records)
        self.table.record_selected.connect(
            lambda row: self.chart.select(row.fate.number if row else None)
        )
        self.run.clicked.connect(self._on_run)
        self.cancel.clicked.connect(self.cancel_requested)
        self.copy.clicked.connect(lambda: copy_to_clipboard(self.as_text()))
        self.save.clicked.connect(self._on_save)
        self.close_button.clicked.connect(self.reject)
        self.close_button.setDefault(True)

    def _lay_out(self) -> None:
        self.splitter = Splitter(Qt.Orientation.Vertical)
        self.splitter.addWidget(self.chart)
        self.splitter.addWidget(BannerOverlay(self.table, self.banner))
        self.splitter.setSizes([_CHART, _TABLE])
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * SPACE)
        for button in (self.run, self.cancel, self.copy, self.save):
            button.setAutoDefault(False)  # Enter in a field runs nothing
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        content = QVBoxLayout()
        content.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        content.setSpacing(2 * SPACE)
        content.addWidget(heading("Simulate retries"))
        content.addWidget(self.form)
        content.addWidget(self.outcome)
        content.addWidget(self.splitter, 1)
        content.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.progress)
        layout.addLayout(content, 1)
