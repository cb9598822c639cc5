"""Marks that show which connection is open, and their choice: colour, environment, frame."""

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPaintEvent, QPixmap, QRegion
from PySide6.QtWidgets import (
    QButtonGroup,
    QDialog,
    QHBoxLayout,
    QMainWindow,
    QRadioButton,
    QSizePolicy,
    QWidget,
)

from ibconsole.services.connections import COLOURS, Environment
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets.buttons import tab_to_checked
from ibconsole.ui.widgets.labels import Badge, BadgeStyle, muted

_SIDE = 12
_FRAME_WIDTH = 3
_ENVIRONMENTS = {
    Environment.SANDBOX: ("Sandbox", "nothing here is real"),
    Environment.TEST: ("Test", "an account to try things on"),
    Environment.PRODUCTION: ("Production", "customers depend on it"),
}


class ColourMark(QWidget):
    """A small square in the colour of a connection; hidden for one without a colour."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._colour = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        theme.changed.connect(self.update)
        self.hide()

    def show_colour(self, colour: str) -> None:
        """Show a colour by its name; hide the mark for an empty name."""
        self._colour = colour
        self.setAccessibleName(f"Colour: {colour}" if colour else "")
        self.setToolTip(self.accessibleName())
        self.setVisible(bool(colour))
        self.update()

    # Qt's side

    def sizeHint(self) -> QSize:
        return QSize(_SIDE, _SIDE)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        if self._colour:
            _paint(painter, QRectF(self.rect()), self._theme.connection_colour(self._colour))


class ColourChoice(QWidget):
    """A choice of one of the eight colours, with the mouse or the arrow keys."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._group = QButtonGroup(self)
        self.buttons: dict[str, QRadioButton] = {}
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * SPACE)
        for colour in COLOURS:
            button = QRadioButton()
            button.setAccessibleName(f"Colour: {colour}")
            button.setToolTip(colour.capitalize())
            self._group.addButton(button)
            self.buttons[colour] = button
            layout.addWidget(button)
        layout.addStretch(1)
        tab_to_checked(*self.buttons.values())
        theme.changed.connect(self._tint)
        self._tint()

    @property
    def colour(self) -> str:
        """The name of the selected colour."""
        return next(name for name, button in self.buttons.items() if button.isChecked())

    def select_colour(self, colour: str) -> None:
        """Select a colour; the first one if the name is unknown."""
        self.buttons.get(colour, self.buttons[COLOURS[0]]).setChecked(True)

    def _tint(self) -> None:
        for colour, button in self.buttons.items():
            button.setIcon(colour_icon(colour, self._theme))
            button.setIconSize(QSize(_SIDE + 2, _SIDE + 2))


class ProductionFrame(QWidget):
    """A red frame over the edges of a window or a dialog about a production connection.

    A case that runs has a frame and a word of its own, so that it is taken for no account. A
    countdown is shown with its word; without either, the frame has the colour of a warning for as
    long as one is shown. It covers all that is in it, and lets mouse events through. Its
    `word` has room of its own, in a main window at the end of the menu bar, so that it covers
    nothing in a window of any width; a dialog places it.
    """

    def __init__(self, window: QMainWindow | QDialog, theme: Theme) -> None:
        super().__init__(window)
        self._theme = theme
        self._environment = self._countdown = ""
        self._is_case = False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.word = Badge()
        if isinstance(window, QMainWindow):
            self.word.setContentsMargins(0, _FRAME_WIDTH, _FRAME_WIDTH, 0)
            window.menuBar().setCornerWidget(self.word)
        window.installEventFilter(self)
        theme.changed.connect(self.update)
        self.hide()

    def show_environment(self, environment: str) -> None:
        """Show the frame if this environment is production, else hide it."""
        if environment != self._environment:
            self._environment = environment
            self._update()

    def show_case(self, *, on: bool) -> None:
        """Show that what is in the window is a case, and no account."""
        if on != self._is_case:
            self._is_case = on
            self._update()

    def show_countdown(self, text: str) -> None:
        """Show how long something goes on that has to end; an empty text if nothing does."""
        if text != self._countdown:
            self._countdown = text
            self._update()

    @property
    def _is_production(self) -> bool:
        return self._environment == Environment.PRODUCTION

    def _update(self) -> None:
        kind = "PRODUCTION" if self._is_production else "CASE" if self._is_case else ""
        parts = (kind, self._countdown)
        word = " \N{MIDDLE DOT} ".join(filter(None, parts))
        self.word.hide()  # and shown again: a menu bar makes room for its corner only then
        self.word.show_word(word, self._look[0])
        self.setAccessibleName(word.capitalize())
        self.setVisible(bool(word))
        self._update_geometry()
        self.update()

    @property
    def _look(self) -> tuple[BadgeStyle, str]:
        """The style of the word, and the colour of the frame."""
        colours = self._theme.colours
        if self._is_production:
            return BadgeStyle.LOUD, colours.danger
        if self._is_case:
            return BadgeStyle.CASE, colours.accent
        return BadgeStyle.WARNING, colours.warning

    # Qt's side

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._update_geometry()
        return False

    def paintEvent(self, _event: QPaintEvent) -> None:
        QPainter(self).fillRect(self.rect(), QColor(self._look[1]))

    def _update_geometry(self) -> None:
        area = self.window().rect()
        inner = area.adjusted(_FRAME_WIDTH, _FRAME_WIDTH, -_FRAME_WIDTH, -_FRAME_WIDTH)
        self.setGeometry(area)
        self.setMask(QRegion(area) - QRegion(inner))
        self.raise_()


def colour_icon(colour: str, theme: Theme) -> QIcon:
    """Return the mark as an icon, for menus and lists."""
    icon = QIcon()
    for scale in (1, 2, 3):
        pixmap = QPixmap(_SIDE * scale, _SIDE * scale)
        pixmap.setDevicePixelRatio(scale)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        _paint(painter, QRectF(0, 0, _SIDE, _SIDE), theme.connection_colour(colour))
        painter.end()
        icon.addPixmap(pixmap)
    return icon


def _paint(painter: QPainter, area: QRectF, colour: QColor) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 3, 3)


class EnvironmentChoice(QWidget):
    """A radio button for each environment, and what the selected one means."""

    def __init__(self, selected: Environment) -> None:
        super().__init__()
        self.buttons = {one: QRadioButton(title) for one, (title, _) in _ENVIRONMENTS.items()}
        self.meaning = muted("")
        self._group = QButtonGroup(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4 * SPACE)
        for environment, button in self.buttons.items():
            button.setAccessibleName(f"Environment: {_ENVIRONMENTS[environment][0]}")
            self._group.addButton(button)
            row.addWidget(button)
        row.addWidget(self.meaning, 1)
        tab_to_checked(*self.buttons.values())
        self._group.buttonToggled.connect(self._update_meaning)
        self.buttons[selected].setChecked(True)
        self._update_meaning()

    @property
    def selected(self) -> Environment:
        """The selected environment."""
        return next(one for one, button in self.buttons.items() if button.isChecked())

    def _update_meaning(self) -> None:
        checked = (one for one, button in self.buttons.items() if button.isChecked())
        # While the group changes its button, none is checked for a moment.
        if environment := next(checked, None):
            self.meaning.setText(_ENVIRONMENTS[environment][1])
