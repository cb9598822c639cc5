"""Short messages about finished background work, which disappear by themselves."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QEnterEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from ibconsole.errors import Severity
from ibconsole.ui.toolkit import ICON_SIZE, SPACE, Theme, set_property, severity_icon
from ibconsole.ui.widgets.labels import paragraph

_WIDTH = 360
_MAX_TOASTS = 4


class Toast(QFrame):
    """One sentence. It stays while the pointer is over it; a click closes it."""

    dismissed = Signal()

    MINIMUM_MS = 4_000
    PER_CHARACTER_MS = 50

    def __init__(self, severity: Severity, sentence: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.severity = severity
        self.setObjectName("toast")
        self.setAccessibleName(sentence)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        set_property(self, "banner", severity)
        self.text = paragraph(sentence)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        icon_label = QLabel()
        icon_label.setPixmap(severity_icon(severity, theme).pixmap(ICON_SIZE, ICON_SIZE))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, 2 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(icon_label, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.text, 1)
        self.setFixedWidth(_WIDTH)
        self.timer = QTimer(self, singleShot=True)
        self.timer.setInterval(self.MINIMUM_MS + self.PER_CHARACTER_MS * len(sentence))
        self.timer.timeout.connect(self.dismiss)
        self.timer.start()

    def dismiss(self) -> None:
        """Close the message."""
        self.timer.stop()
        self.hide()
        self.dismissed.emit()
        self.deleteLater()

    # Qt's side

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self.timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
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
        window.installEventFilter(self)

    def show(self, severity: Severity, sentence: str) -> None:
        """Show a message for some seconds; it replaces an equal one."""
        for old in [toast for toast in self.shown if toast.text.text() == sentence]:
            old.dismiss()
        toast = Toast(severity, sentence, self.theme, self._window)
        toast.dismissed.connect(lambda: self._on_dismissed(toast))
        self.shown.append(toast)
        if len(self.shown) > _MAX_TOASTS:
            self.shown[0].dismiss()
        toast.show()
        toast.raise_()
        self._arrange()
        # Screen readers read an alert aloud.
        QAccessible.updateAccessibility(QAccessibleEvent(toast, QAccessible.Event.Alert))

    # Qt's side

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._arrange()
        return False

    def _on_dismissed(self, toast: Toast) -> None:
        self.shown.remove(toast)
        self._arrange()

    def _arrange(self) -> None:
        area = self._window.rect()
        bottom = area.bottom() - 9 * SPACE
        for toast in reversed(self.shown):
            layout = toast.layout()
            assert layout is not None, "made with one"  # noqa: S101
            toast.resize(_WIDTH, layout.totalHeightForWidth(_WIDTH))
            bottom -= toast.height()
            toast.move(area.right() - _WIDTH - 3 * SPACE, bottom)
            bottom -= 2 * SPACE
