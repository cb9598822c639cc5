"""What a pane shows instead of its content: that there is none, or that it failed."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ibconsole.ui.toolkit import SPACE, Theme, icon, mono_font
from ibconsole.ui.widgets.buttons import Kind, PushButton
from ibconsole.ui.widgets.labels import paragraph

_WIDEST = 380
_PICTURE = 24


class Notice(QScrollArea):
    """One sentence, one action, and details for those who ask. Scrolls if there is no room."""

    action_requested = Signal()
    retry_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._picture = ("inbox", "muted")
        self._icon = QLabel()
        self.sentence = paragraph()
        self.causes = paragraph(tone="muted")
        self.action = PushButton("", theme, kind=Kind.PRIMARY)
        self.retry = PushButton("Retry", theme, icon_name="refresh-cw")
        self.details_button = PushButton("Details", theme)
        self.details = QPlainTextEdit(readOnly=True)
        self._set_up()
        self.action.clicked.connect(self.action_requested)
        self.retry.clicked.connect(self.retry_requested)
        self.details_button.toggled.connect(self.details.setVisible)
        theme.changed.connect(self._tint)

    def show_blank(self) -> None:
        """Nothing at all, for the moment before something is known."""
        self._show("", "muted", "")

    def show_empty(self, sentence: str, action: str = "", icon_name: str = "inbox") -> None:
        """Why there is nothing, and what one can do about it."""
        self._show(icon_name, "muted", sentence)
        self.action.setText(action)
        self.action.setAccessibleName(action)
        self.action.setVisible(bool(action))

    def show_failed(self, sentence: str, details: str = "", causes: Sequence[str] = ()) -> None:
        """What failed, and what each of the possible causes is."""
        self._show("circle-alert", "danger", sentence)
        self.retry.show()
        self._list(causes)
        self.details.setPlainText(details)
        self.details_button.setVisible(bool(details))

    def show_limits(
        self, sentence: str, details: str = "", causes: Sequence[str] = (), *, retry: bool = True
    ) -> None:
        """What cannot be done here and why, which is no failure."""
        self._show("lock", "muted", sentence)
        self.retry.setVisible(retry)
        self._list(causes)
        self.details.setPlainText(details)
        self.details_button.setVisible(bool(details))

    def _list(self, causes: Sequence[str]) -> None:
        self.causes.setText("\n".join(f"\N{BULLET} {cause}" for cause in causes))
        self.causes.setVisible(bool(causes))

    def _show(self, icon_name: str, role: str, sentence: str) -> None:
        for widget in (self.causes, self.action, self.retry, self.details_button, self.details):
            widget.hide()
        self.details_button.setChecked(False)
        self._picture = (icon_name, role)
        self._icon.setVisible(bool(icon_name))
        self.sentence.setText(sentence)
        self._tint()

    def _tint(self) -> None:
        name, role = self._picture
        if name:
            self._icon.setPixmap(icon(name, self._theme, role, _PICTURE).pixmap(_PICTURE, _PICTURE))

    def _set_up(self) -> None:
        self._set_up_details()
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column = QWidget()
        column.setMaximumWidth(_WIDEST)
        inner = QVBoxLayout(column)
        inner.setContentsMargins(4 * SPACE, 3 * SPACE, 4 * SPACE, 3 * SPACE)
        inner.setSpacing(2 * SPACE)
        inner.addStretch(1)
        inner.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignHCenter)
        inner.addWidget(self.sentence)
        inner.addWidget(self.causes)
        inner.addLayout(self._button_row())
        inner.addWidget(self.details)
        inner.addStretch(1)
        page = QFrame()
        page.setObjectName("surface")
        outer = QHBoxLayout(page)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addStretch(1)
        outer.addWidget(column, 100)
        outer.addStretch(1)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidget(page)

    def _set_up_details(self) -> None:
        self.details_button.setCheckable(True)
        self.details.setFont(mono_font())
        self.details.setProperty("quiet", "true")
        self.details.setMinimumHeight(18 * SPACE)
        self.details.setTabChangesFocus(True)
        self.details.setAccessibleName("Details")

    def _button_row(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        row.addStretch(1)
        for button in (self.action, self.retry, self.details_button):
            row.addWidget(button)
        row.addStretch(1)
        return row
