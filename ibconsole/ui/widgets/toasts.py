"""Short messages about finished background work, which disappear once they could be read.

Time alone does not tell that a message was seen: a pull may end while its user is at another
window, or away. The time of a message runs from the first key or movement of the mouse in the
active window, and not while the window is in the background.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QEnterEvent, QMouseEvent, QWindow
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ibconsole.errors import Severity
from ibconsole.ui.toolkit import ICON_SIZE, SPACE, Theme, set_property, severity_icon
from ibconsole.ui.widgets.buttons import PushButton
from ibconsole.ui.widgets.labels import paragraph

_WIDTH = 360
_MAX_VISIBLE = 4
_MAX_TOASTS = 20  # warnings and errors are in the error log as well
_INPUT = {
    QEvent.Type.MouseMove,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.Wheel,
    QEvent.Type.KeyPress,
    QEvent.Type.TouchBegin,
}


class Toast(QFrame):
    """One sentence, and an `action` if that has a name. It stays until it was seen.

    Its time does not run while the pointer is over it. A click closes it.
    """

    dismissed = Signal()
    action_requested = Signal()

    MINIMUM_MS = 4_000
    PER_CHARACTER_MS = 50

    def __init__(
        self, severity: Severity, sentence: str, theme: Theme, parent: QWidget, *, action: str = ""
    ) -> None:
        super().__init__(parent)
        self.severity = severity
        self.seen = False
        self.setObjectName("toast")
        self.setAccessibleName(sentence)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        set_property(self, "banner", severity)
        self.text = paragraph(sentence)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        icon_label = QLabel()
        icon_label.setPixmap(severity_icon(severity, theme).pixmap(ICON_SIZE, ICON_SIZE))
        column = QVBoxLayout(self)
        column.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, 2 * SPACE)
        column.setSpacing(2 * SPACE)
        layout = QHBoxLayout()
        layout.setSpacing(2 * SPACE)
        layout.addWidget(icon_label, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.text, 1)
        self.action = PushButton(action, theme)
        self.action.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.action.setVisible(bool(action))
        self.action.clicked.connect(self._on_action_clicked)
        column.addLayout(layout)
        column.addWidget(self.action, 0, Qt.AlignmentFlag.AlignRight)
        self.setFixedWidth(_WIDTH)
        self.timer = QTimer(self, singleShot=True)
        self.timer.setInterval(self.MINIMUM_MS + self.PER_CHARACTER_MS * len(sentence))
        self.timer.timeout.connect(self.dismiss)

    def show_seen(self, *, on: bool) -> None:
        """Let the time run, as the user is at the window, or stop it."""
        if on == self.seen or (on and not self.isVisible()):
            return
        self.seen = on
        if not on:
            self.timer.stop()
        elif not self.underMouse():
            self.timer.start()

    def dismiss(self) -> None:
        """Close the message."""
        self.timer.stop()
        self.hide()
        self.dismissed.emit()
        self.deleteLater()

    def _on_action_clicked(self) -> None:
        self.dismiss()
        self.action_requested.emit()

    # Qt's side

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        if self.seen:  # else it was only moved away from below the pointer
            self.timer.start()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        self.dismiss()


class Toasts(QObject):
    """The toasts at the bottom right of a window, the newest lowest; they never take the focus."""

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self._window = window
        self.theme = theme
        self.shown: list[Toast] = []
        self._handle: QWindow | None = None
        window.installEventFilter(self)

    def show(
        self,
        severity: Severity,
        sentence: str,
        *,
        action: str = "",
        run: Callable[[], object] | None = None,
    ) -> None:
        """Show a message until it was seen for some seconds; it replaces an equal one.

        `action` names a button that calls `run`. The keyboard does not reach it: a command does
        the same. It takes the place of an earlier action, which is not offered any more.
        """
        for old in self.shown if action else ():
            old.action.hide()
        for old in [toast for toast in self.shown if toast.text.text() == sentence]:
            old.dismiss()
        toast = Toast(severity, sentence, self.theme, self._window, action=action)
        if run:
            toast.action_requested.connect(run)
        toast.dismissed.connect(lambda: self._on_dismissed(toast))
        self.shown.append(toast)
        if len(self.shown) > _MAX_VISIBLE:
            seen = next((one for one in self.shown if one.seen), None)
            if superfluous := seen or (self.shown[0] if len(self.shown) > _MAX_TOASTS else None):
                superfluous.dismiss()
        self._arrange()
        self._watch_input()
        # Screen readers read an alert aloud.
        QAccessible.updateAccessibility(QAccessibleEvent(toast, QAccessible.Event.Alert))

    # Qt's side

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self._handle:
            if kind in _INPUT and self._window.isActiveWindow():
                for toast in self.shown:
                    toast.show_seen(on=True)
        elif kind == QEvent.Type.Resize:
            self._arrange()
        elif kind == QEvent.Type.WindowDeactivate:
            for toast in self.shown:
                toast.show_seen(on=False)
        return False

    def _watch_input(self) -> None:
        """Listen to the keys and the mouse, while there are messages only: they are many."""
        handle = self._window.windowHandle() if self.shown else None
        if handle is self._handle:
            return
        if self._handle is not None:
            self._handle.removeEventFilter(self)
        self._handle = handle
        if handle is not None:
            handle.installEventFilter(self)

    def _on_dismissed(self, toast: Toast) -> None:
        self.shown.remove(toast)
        self._arrange()
        self._watch_input()

    def _arrange(self) -> None:
        """Place the newest; the others wait for room."""
        area = self._window.rect()
        bottom = area.bottom() - 9 * SPACE
        for toast in self.shown[:-_MAX_VISIBLE]:
            toast.hide()
        for toast in reversed(self.shown[-_MAX_VISIBLE:]):
            layout = toast.layout()
            assert layout is not None, "made with one"  # noqa: S101
            toast.resize(_WIDTH, layout.totalHeightForWidth(_WIDTH))
            bottom -= toast.height()
            toast.move(area.right() - _WIDTH - 3 * SPACE, bottom)
            bottom -= 2 * SPACE
            if toast.isHidden():
                toast.show()
                toast.raise_()
