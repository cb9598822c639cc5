"""A dialog that asks before something is deleted or cannot be undone, and its question."""

from collections.abc import Sequence

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity
from ibconsole.ui.toolkit import SPACE, Theme, icon
from ibconsole.ui.widgets.buttons import ButtonKind, PushButton, button_row
from ibconsole.ui.widgets.labels import heading, muted, paragraph

_WIDTH = 520
_ICON_SIZE = 24


class Question(msgspec.Struct, frozen=True):
    """The content of a ConfirmDialog.

    `facts` are pairs of a name and a value: what is affected, and where. `consequence` says
    what the action means and whether it can be undone. `verb` is the text of the button that
    confirms; if `typed` is not empty, the user must type it before the button is enabled.
    """

    title: str
    consequence: str
    verb: str
    facts: Sequence[tuple[str, str]] = ()
    typed: str = ""


class ConfirmDialog(QDialog):
    """A question whose default answer is Cancel. Use `open()` and the signal `accepted`.

    `extra` is shown between the facts and the consequence.
    """

    def __init__(
        self,
        question: Question,
        theme: Theme,
        parent: QWidget | None = None,
        *,
        extra: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._typed = question.typed
        self.setWindowTitle(question.title)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.cancel = PushButton("Cancel", theme)
        self.proceed = PushButton(question.verb, theme, kind=ButtonKind.DANGER)
        self.typed = QLineEdit()
        self._lay_out(question, theme, extra)
        self.cancel.clicked.connect(self.reject)
        self.proceed.clicked.connect(self.accept)
        self.typed.textChanged.connect(self._on_typed_changed)
        self._on_typed_changed("")
        self.cancel.setDefault(True)
        self.cancel.setFocus()

    def _on_typed_changed(self, text: str) -> None:
        self.proceed.setEnabled(text.strip() == self._typed)

    def _lay_out(self, question: Question, theme: Theme, extra: QWidget | None) -> None:
        top = QHBoxLayout()
        top.setSpacing(3 * SPACE)
        top.addWidget(_warning_icon(theme), 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(self._column(question, extra), 1)
        buttons = button_row(self.cancel, self.proceed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 5 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(5 * SPACE)
        layout.addLayout(top)
        layout.addLayout(buttons)
        self.setMinimumWidth(_WIDTH)
        self.resize(_WIDTH, layout.heightForWidth(_WIDTH))

    def _column(self, question: Question, extra: QWidget | None) -> QVBoxLayout:
        title = heading(question.title)
        title.setWordWrap(True)
        column = QVBoxLayout()
        column.setSpacing(2 * SPACE)
        column.addWidget(title)
        if question.facts:
            column.addLayout(_facts_grid(question.facts))
        if extra:
            column.addWidget(extra)
        column.addWidget(paragraph(question.consequence))
        if question.typed:
            column.addWidget(paragraph(f"Type {question.typed} to go on:", tone=Severity.DANGER))
            column.addWidget(self.typed)
        self.typed.setAccessibleName(f"Type {question.typed} to go on")
        self.typed.setVisible(bool(question.typed))
        return column


def fit_height(dialog: QDialog) -> None:
    """Make a dialog high enough for its content.

    Qt does not adapt the height of a window whose wrapped lines change.
    """
    if layout := dialog.layout():
        layout.activate()
        needed = layout.totalMinimumHeightForWidth(dialog.width())
        dialog.resize(dialog.width(), max(dialog.height(), needed))


def _warning_icon(theme: Theme) -> QLabel:
    label = QLabel()
    label.setPixmap(
        icon("triangle-alert", theme, Severity.WARNING, _ICON_SIZE).pixmap(_ICON_SIZE, _ICON_SIZE)
    )
    return label


def _facts_grid(facts: Sequence[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(3 * SPACE)
    grid.setVerticalSpacing(SPACE)
    grid.setColumnStretch(1, 1)
    for row, (name, value) in enumerate(facts):
        grid.addWidget(muted(name), row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(paragraph(value), row, 1)
    return grid
