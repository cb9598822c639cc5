"""Buttons whose icons follow the theme."""

from enum import StrEnum

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QPushButton, QToolButton, QWidget

from ibconsole.ui.toolkit import ICON_SIZE, SPACE, Command, Theme, icon


class Kind(StrEnum):
    """How much a button wants to be pressed."""

    PLAIN = ""
    PRIMARY = "primary"
    DANGER = "danger"


class IconButton(QToolButton):
    """A flat button: an icon, with words beside it if `text` is given.

    `name` is what it does, for the tooltip and for those who cannot see the icon.
    """

    def __init__(
        self,
        icon_name: str,
        name: str,
        theme: Theme,
        *,
        text: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.rename(name, text=text)
        theme.changed.connect(self._tint)

    def rename(self, name: str, *, text: str = "") -> None:
        """Say something else."""
        self.setAccessibleName(name)
        self.setToolTip(name)
        self.setText(text)
        style = Qt.ToolButtonStyle
        self.setToolButtonStyle(
            style.ToolButtonTextBesideIcon if text else style.ToolButtonIconOnly
        )
        self._tint()

    def change_icon(self, icon_name: str) -> None:
        """Show another icon."""
        self._icon_name = icon_name
        self._tint()

    def follow(self, command: Command) -> None:
        """Do what the command does, whenever it can be done; the words stay the button's own."""
        _follow(self, command)

    def _tint(self) -> None:
        role, gap = ("text", SPACE) if self.text() else ("muted", 0)
        self.setIconSize(QSize(ICON_SIZE + gap, ICON_SIZE))
        self.setIcon(icon(self._icon_name, self._theme, role, gap=gap))

    # Qt's side

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not _pressed_by_enter(self, event):
            super().keyPressEvent(event)


class PushButton(QPushButton):
    """A button with words; at most one of a place is PRIMARY."""

    def __init__(
        self,
        text: str,
        theme: Theme,
        *,
        kind: Kind = Kind.PLAIN,
        icon_name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(text, parent)
        self._theme = theme
        self._kind = kind
        self._icon_name = icon_name
        self.setProperty("kind", kind.value)
        self.setAccessibleName(text)
        self.setIconSize(QSize(ICON_SIZE + SPACE, ICON_SIZE))
        self.setMinimumWidth(18 * SPACE)
        self.setAutoDefault(False)
        if icon_name:
            theme.changed.connect(self._tint)
            self._tint()

    def follow(self, command: Command) -> None:
        """Do what the command does, whenever it can be done; the words stay the button's own."""
        _follow(self, command)

    def _tint(self) -> None:
        roles = {Kind.PLAIN: "text", Kind.PRIMARY: "on_accent", Kind.DANGER: "danger"}
        self.setIcon(icon(self._icon_name, self._theme, roles[self._kind], gap=SPACE))

    # Qt's side

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not _pressed_by_enter(self, event):
            super().keyPressEvent(event)


def _follow(button: QAbstractButton, command: Command) -> None:
    def show() -> None:
        button.setEnabled(command.isEnabled())
        button.setToolTip(command.toolTip())

    command.changed.connect(show)
    button.clicked.connect(command.trigger)
    button.setAccessibleName(command.name)
    show()


def _pressed_by_enter(button: QAbstractButton, event: QKeyEvent) -> bool:
    """Press the button that has the focus, as the space bar does; whether that was done.

    Qt does so only with buttons that also want to be pressed from elsewhere in a dialog.
    """
    if event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter} or event.isAutoRepeat():
        return False
    button.click()
    return True
