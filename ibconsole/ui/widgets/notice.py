"""The page that a pane shows instead of its content: empty, failed or not permitted."""

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

from ibconsole.errors import Severity
from ibconsole.ui.toolkit import SPACE, Theme, icon, mono_font
from ibconsole.ui.widgets.buttons import ButtonKind, PushButton
from ibconsole.ui.widgets.labels import paragraph

_MAX_WIDTH = 380
_ICON_SIZE = 24


class Notice(QScrollArea):
    """One sentence, one action, and optional details. Scrolls if there is not enough room."""

    action_requested = Signal()
    retry_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._current_icon = ("inbox", Severity.MUTED)
        self._icon = QLabel()
        self.sentence = paragraph()
        self.causes = paragraph(tone=Severity.MUTED)
        self.action = PushButton("", theme, kind=ButtonKind.PRIMARY)
        self.retry = PushButton("Retry", theme, icon_name="refresh-cw")
        self.details_button = PushButton("Details", theme)
        self.details = QPlainTextEdit(readOnly=True)
        self._set_up()
        self.action.clicked.connect(self.action_requested)
        self.retry.clicked.connect(self.retry_requested)
        self.details_button.toggled.connect(self.details.setVisible)
        theme.changed.connect(self._tint)

    def show_blank(self) -> None:
        """Show an empty page, until the state is known."""
        self._show("", Severity.MUTED, "")

    def show_empty(self, sentence: str, action: str = "", icon_name: str = "inbox") -> None:
        """Show why there is no content, and an action that provides some."""
        self._show(icon_name, Severity.MUTED, sentence)
        self.action.setText(action)
        self.action.setAccessibleName(action)
        self.action.setVisible(bool(action))

    def show_failed(self, sentence: str, details: str = "", causes: Sequence[str] = ()) -> None:
        """Show an error, its possible causes, and a button to retry."""
        self._show("circle-alert", Severity.DANGER, sentence)
        self.retry.show()
        self._explain(details, causes)

    def show_denied(
        self, sentence: str, details: str = "", causes: Sequence[str] = (), *, retry: bool = True
    ) -> None:
        """Show that access is denied, and why (not an error)."""
        self._show("lock", Severity.MUTED, sentence)
        self.retry.setVisible(retry)
        self._explain(details, causes)

    def _explain(self, details: str, causes: Sequence[str]) -> None:
        self.causes.setText("\n".join(f"\N{BULLET} {cause}" for cause in causes))
        self.causes.setVisible(bool(causes))
        self.details.setPlainText(details)
        self.details_button.setVisible(bool(details))

    def _show(self, icon_name: str, severity: Severity, sentence: str) -> None:
        for widget in (self.causes, self.action, self.retry, self.details_button, self.details):
            widget.hide()
        self.details_button.setChecked(False)
        self._current_icon = (icon_name, severity)
        self._icon.setVisible(bool(icon_name))
        self.sentence.setText(sentence)
        self._tint()

    def _tint(self) -> None:
        name, severity = self._current_icon
        if name:
            self._icon.setPixmap(
                icon(name, self._theme, severity, _ICON_SIZE).pixmap(_ICON_SIZE, _ICON_SIZE)
            )

    def _set_up(self) -> None:
        self._set_up_details()
        self.sentence.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column = QWidget()
        column.setMaximumWidth(_MAX_WIDTH)
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
