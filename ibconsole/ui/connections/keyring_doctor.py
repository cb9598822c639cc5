"""Has the system's keyring examined, and shows the finding."""

from collections.abc import Awaitable, Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent, QGuiApplication
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from ibconsole.services.doctor import KeyringDiagnosis
from ibconsole.ui.toolkit import SPACE, Theme, UiTasks, mono_font
from ibconsole.ui.widgets import Banner, ProgressLine, PushButton, heading, paragraph

_SIZE = (620, 420)
_PROBE = (
    "A probe is written to the keyring, read back and deleted. It is a random text: none of your"
    " secrets is touched."
)
_ASKING = "Asking the keyring. If it is locked, its own window asks you to unlock it."


class KeyringDoctorDialog(QDialog):
    """Asks its owner to examine; can be stopped, and examined again."""

    examine_requested = Signal()
    stop_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Keyring doctor")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE)
        self.banner = Banner(theme)
        self.progress = ProgressLine(theme)
        self.report = QPlainTextEdit(readOnly=True)
        self.report.setAccessibleName("What was found")
        self.report.setFont(mono_font())
        self.report.setProperty("field", "true")
        self.report.setTabChangesFocus(True)
        self.copy = PushButton("Copy report", theme)
        self.again = PushButton("Examine again", theme)
        self.stop = PushButton("Stop waiting", theme)
        self.close_button = PushButton("Close", theme)
        self.copy.clicked.connect(self._on_copy_clicked)
        self.again.clicked.connect(self.examine_requested)
        self.stop.clicked.connect(self._on_stop_clicked)
        self.close_button.clicked.connect(self.reject)
        self.close_button.setDefault(True)
        self._busy = False
        self._lay_out()
        self.show_examining()

    def show_examining(self) -> None:
        """The keyring was asked, and may be waiting for its user."""
        self._set_busy(on=True)
        self.report.clear()
        self.banner.show_notice("info", _ASKING, closable=False)

    def show_diagnosis(self, diagnosis: KeyringDiagnosis) -> None:
        """What was found."""
        self._set_busy(on=False)
        kind = "ok" if diagnosis.healthy else "danger"
        self.banner.show_notice(kind, diagnosis.sentence, closable=False)
        self.report.setPlainText(diagnosis.report)

    def show_stopped(self) -> None:
        """Nobody waits for the keyring any more."""
        self._set_busy(on=False)
        self.banner.show_notice("info", "Stopped waiting; nothing was changed.", closable=False)

    def _set_busy(self, *, on: bool) -> None:
        self._busy = on
        self.progress.set_busy(on=on)
        self.stop.setVisible(on)
        self.again.setVisible(not on)
        self.copy.setEnabled(not on)

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self.report.toPlainText())

    def _on_stop_clicked(self) -> None:
        self.stop_requested.emit()
        self.show_stopped()

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        column.setSpacing(3 * SPACE)
        column.addWidget(heading("Keyring doctor"))
        column.addWidget(paragraph(_PROBE, tone="muted"))
        column.addWidget(self.report, 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * SPACE)
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        for button in (self.stop, self.again, self.close_button):
            buttons.addWidget(button)
        column.addLayout(buttons)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.banner)
        layout.addWidget(self.progress)
        layout.addLayout(column, 1)

    # Qt's side

    def reject(self) -> None:
        if self._busy:
            self.stop_requested.emit()
        super().reject()

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._busy:
            self.stop_requested.emit()
        super().closeEvent(event)


EXAMINE = "examine the keyring"


class KeyringDoctor(QObject):
    """Opens the dialog over a window; `examine` asks the keyring, wherever that is done."""

    def __init__(
        self,
        examine: Callable[[], Awaitable[KeyringDiagnosis]],
        tasks: UiTasks,
        theme: Theme,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._examine = examine
        self._tasks = tasks
        self._theme = theme
        self._window = window

    def open(self) -> None:
        """Open the dialog over what is on top, and begin to examine."""
        over = QApplication.activeModalWidget() or self._window
        dialog = KeyringDoctorDialog(self._theme, over)
        dialog.examine_requested.connect(lambda: self._start(dialog))
        dialog.stop_requested.connect(lambda: self._tasks.cancel(EXAMINE))
        dialog.open()
        self._start(dialog)

    def _start(self, dialog: KeyringDoctorDialog) -> None:
        dialog.show_examining()
        self._tasks.start(EXAMINE, self.examine, dialog)

    async def examine(self, dialog: KeyringDoctorDialog) -> None:
        """Examine the keyring once, and show it in a dialog."""
        dialog.show_diagnosis(await self._examine())
