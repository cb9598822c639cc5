"""A dialog that shows the progress of a long job, lets the user stop it, and shows its result."""

from collections.abc import Awaitable, Callable

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity, UserError
from ibconsole.services.messages import Progress
from ibconsole.ui.toolkit import SPACE, Theme, UiTasks
from ibconsole.ui.widgets.buttons import PushButton
from ibconsole.ui.widgets.dialog_stack import open_dialog
from ibconsole.ui.widgets.labels import heading, paragraph, set_tone

_WIDTH = 560
_DETAILS_HEIGHT = 220
_STEPS = 1000


class JobResult(msgspec.Struct, frozen=True):
    """The result of a job: a sentence, details, and a severity if it is not a plain success."""

    sentence: str
    details: str = ""
    severity: Severity | None = None


# Called with a function that reports progress.
Job = Callable[[Callable[[Progress], None]], Awaitable[JobResult]]


class ProgressDialog(QDialog):
    """A dialog for one job; use `begin`. `stopped` is emitted when the user stops the job.

    `stop_note` is a sentence that says what stopping leaves behind.
    """

    stopped = Signal()

    def __init__(
        self, title: str, stop_note: str, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._running = True
        self.setWindowTitle(title)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.sentence = paragraph(stop_note)
        self.progress = QProgressBar(maximum=0, textVisible=False)
        self.progress.setAccessibleName("Progress")
        self.stage = paragraph()
        self.details = QPlainTextEdit(readOnly=True)
        self.details.setAccessibleName("Details")
        self.details.setFixedHeight(_DETAILS_HEIGHT)
        self.details.hide()
        self.button = PushButton("Stop", theme)
        self.button.clicked.connect(self.close)
        self._lay_out(title)

    def begin(self, name: str, job: Job, tasks: UiTasks) -> None:
        """Open the dialog, run the job as a task of this name, and show its result."""

        async def run() -> None:
            try:
                result = await job(self.show_progress)
            except UserError as error:
                result = JobResult(str(error), error.details, Severity.DANGER)
            self.show_result(result)

        self.stopped.connect(lambda: tasks.cancel(name))
        open_dialog(self)
        tasks.start(name, run)

    def show_progress(self, progress: Progress) -> None:
        """Show the stage, and the progress if the total is known."""
        if not self._running:
            return
        self.progress.setMaximum(_STEPS if progress.total else 0)
        if progress.total:
            self.progress.setValue(_STEPS * progress.done // progress.total)
        self.stage.setText(f"{progress.stage}…")

    def show_result(self, result: JobResult) -> None:
        """Show the result, and a button that closes the dialog."""
        self._running = False
        self.progress.hide()
        self.stage.hide()
        self.sentence.setText(result.sentence)
        set_tone(self.sentence, result.severity)
        self.details.setPlainText(result.details)
        self.details.setVisible(bool(result.details))
        self.button.setText("Close")
        self.button.setDefault(True)
        self.adjustSize()

    def _lay_out(self, title: str) -> None:
        buttons = QHBoxLayout()
        buttons.addStretch(1)
        buttons.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 5 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(3 * SPACE)
        layout.addWidget(heading(title))
        layout.addWidget(self.sentence)
        layout.addWidget(self.progress)
        layout.addWidget(self.stage)
        layout.addWidget(self.details)
        layout.addLayout(buttons)
        self.setMinimumWidth(_WIDTH)

    # Qt's side

    def done(self, result: int) -> None:
        # Called however the dialog is closed: a running job is stopped.
        if self._running:
            self._running = False
            self.stopped.emit()
        super().done(result)
