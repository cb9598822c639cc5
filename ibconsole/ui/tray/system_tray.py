"""The icon in the tray, its tooltip and its menu, over Qt's tray of each desktop."""

from collections.abc import Sequence

from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QAction, QColor, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QMenu, QSystemTrayIcon

from ibconsole.ui.toolkit import Indicator, StatusText, Theme, application_icon
from ibconsole.ui.tray.source_states import summarize, worst_of
from ibconsole.ui.widgets import draw_state

_SIDES = (16, 22, 24, 32, 48, 64)  # pixels, as desktops ask for
_MARK = 0.56  # of the side of the icon
_MOST_LINES = 24  # of the menu, for it to stay within the screen
_CLICKS = {QSystemTrayIcon.ActivationReason.Trigger, QSystemTrayIcon.ActivationReason.DoubleClick}


class SystemTray(QObject):
    """An icon that is hidden until `show_states`; it marks the worst state by shape and colour."""

    show_requested = Signal()
    quit_requested = Signal()

    def __init__(self, theme: Theme, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._base = application_icon()
        self._shown: tuple[StatusText, ...] | None = None
        self._lines: list[QAction] = []
        self.icon = QSystemTrayIcon(self)
        self.menu = QMenu()
        self.icon.setContextMenu(self.menu)
        self.icon.activated.connect(self._on_activated)
        self.icon.messageClicked.connect(self.show_requested)
        theme.changed.connect(self._paint)

    @property
    def is_available(self) -> bool:
        """True if the desktop has a tray now."""
        return QSystemTrayIcon.isSystemTrayAvailable()

    def show_states(self, states: Sequence[StatusText]) -> None:
        """Show the icon with the worst of the states, and a line for each of them."""
        shown = tuple(states)
        if shown != self._shown:
            self._shown = shown
            self.icon.setToolTip(summarize(shown))
            self._paint()
        if not self.icon.isVisible() and self.is_available:  # it may come later
            self.icon.show()

    def hide(self) -> None:
        """Hide the icon."""
        self.icon.hide()

    def notify(self, title: str, text: str) -> bool:
        """Show a notification; return false where this desktop shows none."""
        if not QSystemTrayIcon.supportsMessages():
            return False
        self.icon.showMessage(title, text, self._base)
        return True

    def _fill_menu(self, states: Sequence[StatusText]) -> None:
        """Fill the menu anew, unless its lines stay: it may be open."""
        if len(states) != len(self._lines):
            self.menu.clear()
            self.menu.addAction("Show ibconsole", self.show_requested.emit)
            self.menu.addSeparator()
            self._lines = [self.menu.addAction("") for _ in states]
            self.menu.addSeparator()
            self.menu.addAction("Quit", self.quit_requested.emit)
        for line, state in zip(self._lines, states, strict=True):
            line.setEnabled(False)
            line.setText(state.text.replace("&", "&&"))
            line.setIcon(_mark(state.indicator, self._theme))

    def _paint(self) -> None:
        if self._shown is not None:
            self.icon.setIcon(_marked(self._base, worst_of(self._shown), self._theme))
            self._fill_menu(self._shown[:_MOST_LINES])

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason in _CLICKS:
            self.show_requested.emit()


def _mark(indicator: Indicator, theme: Theme) -> QIcon:
    """Return the mark of a state for a line of the menu, not dimmed where the line is disabled."""
    result = QIcon()
    for side in _SIDES:
        pixmap = QPixmap(side, side)
        pixmap.fill(Qt.GlobalColor.transparent)
        edge = side / 5
        area = QRectF(edge, edge, side - 2 * edge, side - 2 * edge)
        with QPainter(pixmap) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            draw_state(painter, area, indicator, theme)
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Disabled):
            result.addPixmap(pixmap, mode)
    return result


def _marked(base: QIcon, indicator: Indicator, theme: Theme) -> QIcon:
    """Return the icon of the program with the mark of a state in its corner."""
    result = QIcon()
    for side in _SIDES:
        pixmap = QPixmap(base.pixmap(side, side))
        pixmap.setDevicePixelRatio(1)
        pixmap = pixmap.scaled(side, side, mode=Qt.TransformationMode.SmoothTransformation)
        mark = side * _MARK
        area = QRectF(side - mark, side - mark, mark, mark)
        inner = mark / 7
        with QPainter(pixmap) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            # On a ground of its own: the colour of a panel is not known.
            painter.setBrush(QColor(theme.colours.surface))
            painter.drawEllipse(area)
            draw_state(painter, area.adjusted(inner, inner, -inner, -inner), indicator, theme)
        result.addPixmap(pixmap)
    return result
