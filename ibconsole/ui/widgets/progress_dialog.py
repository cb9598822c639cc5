"""Long work while its user watches: how far it is, a way to stop it, and what came of it."""

from collections.abc import Awaitable, Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QProgressBar,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import UserError
from ibconsole.services.messages import Progress
from ibconsole.ui.toolkit import SPACE, Theme, UiTasks
from ibconsole.ui.widgets.buttons import PushButton
from ibconsole.ui.widgets.labels import heading, paragraph, set_tone

# What came of it in a sentence, details, and a tone.
Told = tuple[str, str, str]
Work = Callable[[Callable[[Progress], None]], Awaitable[Told]]

_WIDTH = 560
_DETAILS_HEIGHT = 220
_STEPS = 1000


class WorkDialog(QDialog):
    """`stopped` tells that its user does not want to wait; use `open()`.

    `safe` says what stopping leaves behind.
    """

    stopped = Signal()

    def __init__(self, title: str, safe: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._working = True
        self.setWindowTitle(title)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.sentence = paragraph(safe)
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

    def begin(self, name: str, work: Work, tasks: UiTasks) -> None:
        """Open, do the work as a task of this name, and say what came of it."""

        async def run() -> None:
            try:
                sentence, details, tone = await work(self.show_progress)
            except UserError as error:
                self.show_failed(error)
            else:
                self.show_done(sentence, details, tone=tone)

        self.stopped.connect(lambda: tasks.cancel(name))
        self.open()
        tasks.start(name, run)

    def show_progress(self, progress: Progress) -> None:
        """Say how far it is."""
        if not self._working:
            return
        self.progress.setMaximum(_STEPS if progress.total else 0)
        if progress.total:
            self.progress.setValue(_STEPS * progress.done // progress.total)
        self.stage.setText(f"{progress.stage}…")

    def show_done(self, sentence: str, details: str = "", *, tone: str = "") -> None:
        """Say what came of it."""
        self._working = False
        self.progress.hide()
        self.stage.hide()
        self.sentence.setText(sentence)
        set_tone(self.sentence, tone)
        self.details.setPlainText(details)
        self.details.setVisible(bool(details))
        self.button.setText("Close")
        self.button.setDefault(True)
        self.adjustSize()

    def show_failed(self, error: UserError) -> None:
        """Say why nothing came of it."""
        self.show_done(str(error), getattr(error, "details", ""), tone="danger")

    def done(self, result: int) -> None:
        """However it is closed: work that is under way is stopped."""
        if self._working:
            self._working = False
            self.stopped.emit()
        super().done(result)

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
