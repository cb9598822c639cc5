"""Buttons whose icons follow the theme."""

from collections.abc import Sequence
from enum import StrEnum

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QHBoxLayout,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
)

from ibconsole.ui.toolkit import ICON_SIZE, SPACE, Command, Theme, icon

_LEAST_WIDTH = 18 * SPACE


class ButtonKind(StrEnum):
    """The weight of a button; the values name styles in `resources/ibconsole.qss`."""

    PLAIN = ""
    PRIMARY = "primary"
    DANGER = "danger"


class IconButton(QToolButton):
    """A flat button: an icon, followed by `text` if it is given.

    `room_text` is a text for where there is room, which `show_room_text` shows. `name` is
    what the button does, for its tooltip and for screen readers.
    """

    def __init__(
        self,
        icon_name: str,
        name: str,
        theme: Theme,
        *,
        text: str = "",
        room_text: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._icon_name = icon_name
        self._locked_because = ""
        self._wanted_enabled = True
        self.room_text = room_text
        if room_text:  # it may become narrower than its text: the text then goes
            self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self._theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.rename(name, text=text)
        theme.changed.connect(self._tint)

    def rename(self, name: str, *, text: str = "") -> None:
        """Change name and text."""
        self.setAccessibleName(name)
        self.setToolTip("\n".join(filter(None, (name, self._locked_because))))
        self.setText(text)
        style = Qt.ToolButtonStyle
        self.setToolButtonStyle(
            style.ToolButtonTextBesideIcon if text else style.ToolButtonIconOnly
        )
        self._tint()

    def show_room_text(self, *, on: bool) -> None:
        """Show the text for where there is room, or the icon alone."""
        text = self.room_text if on else ""
        if self.room_text and text != self.text():
            name, tooltip = self.accessibleName(), self.toolTip()
            self.rename(name, text=text)
            self.setToolTip(tooltip)  # that of a command has its shortcut

    def change_icon(self, icon_name: str) -> None:
        """Change the icon."""
        self._icon_name = icon_name
        self._tint()

    def lock(self, reason: str) -> None:
        """Show a lock and the reason, and be disabled and unchecked; unlock if it is empty."""
        self._locked_because = reason
        if reason:
            self.setChecked(False)
        self.setToolTip("\n".join(filter(None, (self.accessibleName(), reason))))
        self.setEnabled(self._wanted_enabled)
        self._tint()

    def follow(self, command: Command) -> None:
        """Trigger this command, and be enabled while it is; the text stays that of the button."""
        _follow(self, command)

    def _tint(self) -> None:
        role, gap = ("text", SPACE) if self.text() else ("muted", 0)
        self.setIconSize(QSize(ICON_SIZE + gap, ICON_SIZE))
        name = "lock" if self._locked_because else self._icon_name
        self.setIcon(icon(name, self._theme, role, gap=gap))

    # Qt's side

    def setEnabled(self, enabled: bool) -> None:
        self._wanted_enabled = enabled
        super().setEnabled(enabled and not self._locked_because)

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.room_text or self.width() >= self.sizeHint().width():
            super().paintEvent(event)
            return
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        option.toolButtonStyle = Qt.ToolButtonStyle.ToolButtonIconOnly  # instead of a cut text
        QStylePainter(self).drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        if not self.room_text or self.text() != self.room_text:
            return hint
        # A text for where there is room must not keep a pane from becoming narrower.
        return QSize(min(hint.width(), hint.height() + SPACE), hint.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not _pressed_by_enter(self, event):
            super().keyPressEvent(event)


class PushButton(QPushButton):
    """A button with a text; at most one in a dialog or pane is PRIMARY."""

    def __init__(
        self,
        text: str,
        theme: Theme,
        *,
        kind: ButtonKind = ButtonKind.PLAIN,
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
        self.setAutoDefault(False)
        if icon_name:
            theme.changed.connect(self._tint)
            self._tint()

    def follow(self, command: Command) -> None:
        """Trigger this command, and be enabled while it is; the text stays that of the button."""
        _follow(self, command)

    def _tint(self) -> None:
        roles = {
            ButtonKind.PLAIN: "text",
            ButtonKind.PRIMARY: "on_accent",
            ButtonKind.DANGER: "danger",
        }
        self.setIcon(icon(self._icon_name, self._theme, roles[self._kind], gap=SPACE))

    # Qt's side

    def sizeHint(self) -> QSize:
        return super().sizeHint().expandedTo(QSize(_LEAST_WIDTH, 0))

    def minimumSizeHint(self) -> QSize:
        # Not `setMinimumWidth`, which would allow a layout to cut a longer text.
        return self.sizeHint()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not _pressed_by_enter(self, event):
            super().keyPressEvent(event)


def _follow(button: QAbstractButton, command: Command) -> None:
    def update() -> None:
        button.setEnabled(command.isEnabled())
        button.setToolTip(command.toolTip())

    command.changed.connect(update)
    button.clicked.connect(command.trigger)
    button.setAccessibleName(command.name)
    update()


def _pressed_by_enter(button: QAbstractButton, event: QKeyEvent) -> bool:
    """Click the focused button on Enter, as on Space; return whether the event was used.

    Qt does this only for auto-default buttons, which Enter elsewhere in a dialog clicks too.
    """
    if event.key() not in {Qt.Key.Key_Return, Qt.Key.Key_Enter} or event.isAutoRepeat():
        return False
    button.click()
    return True


def tab_to_checked(*choices: QAbstractButton) -> None:
    """Let Tab reach the checked one of some radio buttons, from which the arrow keys go on.

    Without this Qt goes to the first one, and the next arrow key may change the choice to what
    it is already.
    """

    def update() -> None:
        policies, none = Qt.FocusPolicy, not any(choice.isChecked() for choice in choices)
        for choice in choices:
            reached = none or choice.isChecked()
            choice.setFocusPolicy(policies.StrongFocus if reached else policies.ClickFocus)

    for choice in choices:
        choice.toggled.connect(update)
    update()


def button_row(*at_end: QWidget, at_start: Sequence[QWidget] = ()) -> QHBoxLayout:
    """Return the last row of a dialog: its buttons at the end, and others at the start."""
    row = QHBoxLayout()
    row.setSpacing(2 * SPACE)
    for button in at_start:
        row.addWidget(button)
    row.addStretch(1)
    for button in at_end:
        row.addWidget(button)
    return row
