"""The keyring doctor: a dialog that probes the system's keyring and shows the result."""

from collections.abc import Awaitable, Callable

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity, UserError
from ibconsole.services.doctor import KeyringDiagnosis
from ibconsole.ui.toolkit import SPACE, Theme, UiTasks, brief, copy_to_clipboard, mono_font
from ibconsole.ui.widgets import (
    Banner,
    BannerOverlay,
    ProgressLine,
    PushButton,
    heading,
    open_dialog,
    paragraph,
)

PROBE = "probe the keyring"

_SIZE = (620, 420)
_PROBE_NOTE = (
    "A random text is written to the keyring, read back and deleted. None of your secrets is"
    " touched."
)
_ASKING = "Asking the keyring. If it is locked, its own window asks you to unlock it."


class KeyringDoctorDialog(QDialog):
    """Shows a diagnosis; the user can stop waiting and repeat the probe."""

    probe_requested = Signal()
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
        self.report.setAccessibleName("Report")
        self.report.setFont(mono_font())
        self.report.setProperty("field", "true")
        self.report.setTabChangesFocus(True)
        self.copy = PushButton("Copy report", theme)
        self.again = PushButton("Check again", theme)
        self.stop = PushButton("Stop waiting", theme)
        self.close_button = PushButton("Close", theme)
        self.copy.clicked.connect(self._on_copy_clicked)
        self.again.clicked.connect(self.probe_requested)
        self.stop.clicked.connect(self._on_stop_clicked)
        self.close_button.clicked.connect(self.reject)
        self.close_button.setDefault(True)
        self._busy = False
        self._lay_out()
        self.show_probing()

    def show_probing(self) -> None:
        """Show that the keyring was asked and may be waiting for the user."""
        self._set_busy(on=True)
        self.report.clear()
        self.banner.show_notice(Severity.INFO, _ASKING, closable=False)

    def show_diagnosis(self, diagnosis: KeyringDiagnosis) -> None:
        """Show the diagnosis."""
        self._set_busy(on=False)
        severity = Severity.OK if diagnosis.healthy else Severity.DANGER
        sentence, _ = brief(UserError(diagnosis.sentence))  # the report has all of it
        self.banner.show_notice(severity, sentence, closable=False)
        self.report.setPlainText(diagnosis.report)

    def show_stopped(self) -> None:
        """Show that the probe was given up."""
        self._set_busy(on=False)
        self.banner.show_notice(
            Severity.INFO, "Stopped waiting; nothing was changed.", closable=False
        )

    def _set_busy(self, *, on: bool) -> None:
        self._busy = on
        self.progress.set_busy(on=on)
        self.stop.setVisible(on)
        self.again.setVisible(not on)
        self.copy.setEnabled(not on)

    def _on_copy_clicked(self) -> None:
        copy_to_clipboard(self.report.toPlainText())

    def _on_stop_clicked(self) -> None:
        self.stop_requested.emit()
        self.show_stopped()

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        column.setSpacing(3 * SPACE)
        column.addWidget(heading("Keyring doctor"))
        column.addWidget(paragraph(_PROBE_NOTE, tone=Severity.MUTED))
        column.addWidget(BannerOverlay(self.report, self.banner, elastic=self.report), 1)
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


class KeyringDoctor(QObject):
    """Opens the dialog over a window and probes the keyring with the given function."""

    def __init__(
        self,
        probe: Callable[[], Awaitable[KeyringDiagnosis]],
        tasks: UiTasks,
        theme: Theme,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._probe = probe
        self._tasks = tasks
        self._theme = theme
        self._window = window

    def open(self) -> None:
        """Open the dialog, and start the probe."""
        dialog = KeyringDoctorDialog(self._theme, self._window)
        dialog.probe_requested.connect(lambda: self._start(dialog))
        dialog.stop_requested.connect(lambda: self._tasks.cancel(PROBE))
        open_dialog(dialog)
        self._start(dialog)

    def _start(self, dialog: KeyringDoctorDialog) -> None:
        dialog.show_probing()
        self._tasks.start(PROBE, self.probe, dialog)

    async def probe(self, dialog: KeyringDoctorDialog) -> None:
        """Probe the keyring once, and show the diagnosis in the dialog."""
        dialog.show_diagnosis(await self._probe())
