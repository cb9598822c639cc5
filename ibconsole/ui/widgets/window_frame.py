"""The loud frame around the whole window while customers depend on what is done in it."""

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QRegion
from PySide6.QtWidgets import QWidget

from ibconsole.ui.toolkit import Theme

_WIDTH = 3


class WindowFrame(QWidget):
    """Lies over a window's edges, menu and status bar included; the mouse does not meet it."""

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName("Production")
        window.installEventFilter(self)
        theme.changed.connect(self.update)
        self.hide()

    def show_environment(self, environment: str) -> None:
        """Surround the window if this is production."""
        self.setVisible(environment == "production")
        self._fit()

    # Qt's side

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._fit()
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(self._theme.colours.danger))

    def _fit(self) -> None:
        area = self._window.rect()
        inner = area.adjusted(_WIDTH, _WIDTH, -_WIDTH, -_WIDTH)
        self.setGeometry(area)
        self.setMask(QRegion(area) - QRegion(inner))
        self.raise_()
