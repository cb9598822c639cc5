"""Shows the dialogs of a window one at a time, however many of them are open.

A dialog that is opened from another takes its place; the one before comes back, as it was, once
the new one is closed. So nothing has to be dug out from below two others.
"""

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QDialog, QWidget
from shiboken6 import isValid

_IN_DIALOGS = "in dialogs"


def offer_in_dialogs(action: QAction) -> None:
    """Let a command of the window work in its dialogs as well, with its shortcut."""
    action.setProperty(_IN_DIALOGS, True)  # noqa: FBT003 Qt's


def open_dialog(dialog: QDialog) -> None:
    """Show a dialog over its window, in place of the one that is shown there; do not wait."""
    parent = dialog.parentWidget()
    if parent is None:
        dialog.open()
        return
    window = _window_below(parent)
    if parent is not window:
        dialog.setParent(window, dialog.windowFlags())
    options = Qt.FindChildOption.FindDirectChildrenOnly
    stack = window.findChild(DialogStack, options=options) or DialogStack(window)
    stack.open(dialog)


def has_dialog(window: QWidget) -> bool:
    """Return whether a dialog of a window is open, also one that comes back in a moment."""
    options = Qt.FindChildOption.FindDirectChildrenOnly
    stack = window.findChild(DialogStack, options=options)
    return _blocks(QApplication.activeModalWidget(), window) or (
        stack is not None and stack.is_used
    )


def _blocks(dialog: QWidget | None, window: QWidget) -> bool:
    """Return whether a modal dialog is one of this window, or of no window."""
    while dialog and (parent := dialog.parentWidget()):
        if parent.window() is window:
            return True
        dialog = parent.window()
    return dialog is not None and dialog.isModal()


class DialogStack(QObject):
    """The open dialogs of a window, of which only the last is visible."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._dialogs: list[QDialog] = []
        # In the next round of the loop: what closes a dialog may close the one before as well.
        self._restoration = QTimer(self, singleShot=True, interval=0)
        self._restoration.timeout.connect(self._restore)

    @property
    def is_used(self) -> bool:
        """True while a dialog is open, covered or not."""
        self._forget_deleted()
        return bool(self._dialogs)

    def open(self, dialog: QDialog) -> None:
        """Show a dialog, and hide the one that it covers."""
        self._forget_deleted()
        if self._dialogs:
            below = self._dialogs[-1]
            place = below.pos()
            below.hide()
            below.move(place)  # for when it is shown again
        self._dialogs.append(dialog)
        window = self.parent()
        if isinstance(window, QWidget):
            dialog.addActions([one for one in window.actions() if one.property(_IN_DIALOGS)])
        dialog.finished.connect(lambda: self._on_finished(dialog))
        dialog.open()

    def _on_finished(self, dialog: QDialog) -> None:
        if dialog in self._dialogs:
            self._dialogs.remove(dialog)
        self._restoration.start()

    def _restore(self) -> None:
        self._forget_deleted()
        if self._dialogs and not self._dialogs[-1].isVisible():
            self._dialogs[-1].open()

    def _forget_deleted(self) -> None:
        valid = map(isValid, self._dialogs)
        self._dialogs = [
            one for one, is_valid in zip(self._dialogs, valid, strict=True) if is_valid
        ]


def _window_below(widget: QWidget) -> QWidget:
    """Return the window that is no dialog of another one."""
    window = widget.window()
    while isinstance(window, QDialog) and (parent := window.parentWidget()):
        window = parent.window()
    return window
