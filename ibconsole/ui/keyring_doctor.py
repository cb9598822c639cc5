"""Has the system's keyring examined, and shows the finding."""

from collections.abc import Awaitable, Callable

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QWidget

from ibconsole.services import Diagnosis
from ibconsole.ui.dialogs.keyring_doctor import KeyringDoctorDialog
from ibconsole.ui.tasks import UiTasks
from ibconsole.ui.theme import Theme

EXAMINE = "examine the keyring"


class KeyringDoctor(QObject):
    """Opens the dialog over a window; `examine` asks the keyring, wherever that is done."""

    def __init__(
        self,
        examine: Callable[[], Awaitable[Diagnosis]],
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
