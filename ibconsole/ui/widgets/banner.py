"""A message inside a pane, shown where its cause is."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity
from ibconsole.ui.toolkit import (
    ICON_SIZE,
    SPACE,
    Theme,
    mono_font,
    set_property,
    severity_icon,
)
from ibconsole.ui.widgets.buttons import IconButton, PushButton
from ibconsole.ui.widgets.labels import paragraph

_DETAILS_HEIGHT = 20 * SPACE
_ROOM_FOR_WORDS = 120 * SPACE  # below this width the sentence needs the room of "Details"
_ROOM_EVENTS = {QEvent.Type.ShowToParent, QEvent.Type.HideToParent, QEvent.Type.LayoutRequest}


class Banner(QFrame):
    """A sentence with an icon, an optional action, optional details, and a close button.

    Hidden until the first `show_notice`. `room_changed` is emitted when it is shown or hidden, or
    when its content may need another height; `focus_released` when a button that has the focus is
    about to vanish.
    """

    action_requested = Signal()
    closed = Signal()
    room_changed = Signal()
    focus_released = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._severity = Severity.INFO
        self._icon = QLabel()
        self.text = paragraph()
        self.action = PushButton("", theme)
        self.details_button = IconButton("chevron-down", "Show details", theme, room_text="Details")
        self.details_button.setCheckable(True)
        self.details = QPlainTextEdit(readOnly=True)
        self.close_button = IconButton("x", "Close this notice", theme)
        self._lay_out()
        self.action.clicked.connect(self.action_requested)
        self.details_button.toggled.connect(self._on_details_toggled)
        self.close_button.clicked.connect(self._on_close_clicked)
        theme.changed.connect(self._tint)
        self.hide()

    @property
    def severity(self) -> Severity:
        """The severity of the current message."""
        return self._severity

    def show_notice(
        self,
        severity: Severity,
        sentence: str,
        *,
        action: str = "",
        details: str = "",
        closable: bool = True,
    ) -> None:
        """Show a message in place of the previous one; the details are folded."""
        self._severity = severity
        self.text.setText(sentence)
        self.setAccessibleName(sentence)
        self.action.setText(action)
        self.action.setAccessibleName(action)
        self.action.setVisible(bool(action))
        self.details.setPlainText(details)
        self.details_button.setChecked(False)
        self.details_button.setVisible(bool(details))
        self.close_button.setVisible(closable)
        set_property(self, "banner", severity)
        self._tint()
        # One line is as high without the button as with it.
        self.setMinimumHeight(self.close_button.sizeHint().height() + 2 * SPACE)
        self.show()

    def change_text(self, sentence: str) -> None:
        """Change the sentence; unfolded details stay unfolded."""
        self.text.setText(sentence)
        self.setAccessibleName(sentence)

    def clear(self) -> None:
        """Hide the message."""
        self._release_focus()
        self.hide()

    def _release_focus(self) -> None:
        focused = self.window().focusWidget()
        if focused is not None and self.isAncestorOf(focused):
            self.focus_released.emit()

    # Qt's side

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._show_room_text()

    def event(self, event: QEvent) -> bool:
        handled = super().event(event)
        if event.type() in _ROOM_EVENTS:
            self.room_changed.emit()
        return handled

    def _on_details_toggled(self, shown: bool) -> None:
        self.details.setVisible(shown)
        self.details_button.change_icon("chevron-up" if shown else "chevron-down")
        self.details_button.rename("Hide details" if shown else "Show details")
        self._show_room_text()

    def _show_room_text(self) -> None:
        self.details_button.show_room_text(on=self.width() >= _ROOM_FOR_WORDS)

    def _on_close_clicked(self) -> None:
        self.clear()
        self.closed.emit()

    def _tint(self) -> None:
        picture = severity_icon(self._severity, self._theme)
        self._icon.setPixmap(picture.pixmap(ICON_SIZE, ICON_SIZE))

    def _lay_out(self) -> None:
        self.details.setFont(mono_font())
        self.details.setProperty("quiet", "true")
        self.details.setFixedHeight(_DETAILS_HEIGHT)
        self.details.setTabChangesFocus(True)
        self.details.setAccessibleName("Details")
        self.details.hide()
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        top = Qt.AlignmentFlag.AlignTop
        self._icon.setContentsMargins(0, SPACE, 0, 0)
        self.text.setContentsMargins(0, SPACE, 0, SPACE)
        row.addWidget(self._icon, 0, top)
        row.addWidget(self.text, 1)
        for button in (self.action, self.details_button, self.close_button):
            row.addWidget(button, 0, top)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, SPACE, SPACE, SPACE)
        layout.setSpacing(SPACE)
        layout.addLayout(row)
        layout.addWidget(self.details)
