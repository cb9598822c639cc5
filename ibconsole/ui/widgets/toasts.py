"""Quiet words about work that has ended in the background; they go by themselves."""

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QEnterEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from ibconsole.ui.toolkit import ICON_SIZE, SPACE, Theme, icon, set_property
from ibconsole.ui.widgets.labels import paragraph

_ICONS = {
    "ok": "circle-check",
    "info": "info",
    "warning": "triangle-alert",
    "danger": "circle-alert",
}
_WIDTH = 360
_MOST = 4


class Toast(QFrame):
    """One sentence. Stays while the mouse is over it; a click takes it away."""

    gone = Signal()

    LEAST_MS = 4_000
    PER_CHARACTER_MS = 50

    def __init__(self, kind: str, sentence: str, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.kind = kind
        self.setObjectName("toast")
        self.setAccessibleName(sentence)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        set_property(self, "banner", kind)
        self.text = paragraph(sentence)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        mark = QLabel()
        mark.setPixmap(icon(_ICONS[kind], theme, kind).pixmap(ICON_SIZE, ICON_SIZE))
        layout = QHBoxLayout(self)
        layout.setContentsMargins(3 * SPACE, 2 * SPACE, 3 * SPACE, 2 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        layout.addWidget(self.text, 1)
        self.setFixedWidth(_WIDTH)
        self.timer = QTimer(self, singleShot=True)
        self.timer.setInterval(self.LEAST_MS + self.PER_CHARACTER_MS * len(sentence))
        self.timer.timeout.connect(self.go)
        self.timer.start()

    def go(self) -> None:
        """Take it away."""
        self.timer.stop()
        self.hide()
        self.gone.emit()
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
        self.go()


class Toasts(QObject):
    """Shows toasts at the bottom right of a window, the newest lowest; never takes the focus."""

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self._window = window
        self.theme = theme
        self.shown: list[Toast] = []
        window.installEventFilter(self)

    def show(self, kind: str, sentence: str) -> None:
        """Say something for a while: `kind` is ok, info, warning or danger."""
        for old in [toast for toast in self.shown if toast.text.text() == sentence]:
            old.go()
        toast = Toast(kind, sentence, self.theme, self._window)
        toast.gone.connect(lambda: self._on_gone(toast))
        self.shown.append(toast)
        if len(self.shown) > _MOST:
            self.shown[0].go()
        toast.show()
        toast.raise_()
        self._arrange()
        # Those who cannot see it are told, too.
        QAccessible.updateAccessibility(QAccessibleEvent(toast, QAccessible.Event.Alert))

    # Qt's side

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._arrange()
        return False

    def _on_gone(self, toast: Toast) -> None:
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
