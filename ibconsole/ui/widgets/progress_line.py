"""A thin progress line that moves while an operation runs."""

from PySide6.QtCore import QRectF, QTimer
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from ibconsole.ui.toolkit import Theme


class ProgressLine(QWidget):
    """A line of two pixels. It always takes its room, so that the layout never moves."""

    HEIGHT = 2
    STEP_MS = 100
    _STEPS = 12

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._step = 0
        self._busy = False
        self._timer = QTimer(self, interval=self.STEP_MS)
        self._timer.timeout.connect(self._on_timeout)
        self.setFixedHeight(self.HEIGHT)
        theme.changed.connect(self.update)

    @property
    def busy(self) -> bool:
        """True if an operation runs."""
        return self._busy

    def set_busy(self, *, on: bool) -> None:
        """Start or stop the movement."""
        self._busy = on
        self._step = 0
        self.setAccessibleName("Working" if on else "")
        self._update_timer()
        self.update()

    # Qt's side

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._update_timer()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, _event: QPaintEvent) -> None:
        if not self._busy:
            return
        painter = QPainter(self)
        width = self.width()
        block = width / 4
        left = (width + block) * self._step / self._STEPS - block
        painter.fillRect(QRectF(left, 0, block, self.HEIGHT), QColor(self._theme.colours.accent))

    def _update_timer(self) -> None:
        if self._busy and self.isVisible():
            self._timer.start()
        else:
            self._timer.stop()

    def _on_timeout(self) -> None:
        self._step = (self._step + 1) % (self._STEPS + 1)
        self.update()
