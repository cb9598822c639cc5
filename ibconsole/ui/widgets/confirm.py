"""Asks before something is taken away."""

from collections.abc import Sequence
from dataclasses import dataclass

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

from ibconsole.ui.toolkit import SPACE, Theme, icon
from ibconsole.ui.widgets.buttons import Kind, PushButton
from ibconsole.ui.widgets.labels import heading, muted, paragraph


def fit_height(dialog: QDialog) -> None:
    """Make a dialog as high as it has to be.

    Qt does not ask again how high wrapped lines are once a window has its size.
    """
    if layout := dialog.layout():
        layout.activate()
        least = layout.totalMinimumHeightForWidth(dialog.width())
        dialog.resize(dialog.width(), max(dialog.height(), least))


_WIDTH = 520
_PICTURE = 24


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked.

    `facts` are pairs of a name and a value: what is taken, and from where. `consequence`
    says what it means and whether it can be undone. If `typed` is not empty, it has to be
    typed before `verb` can be pressed.
    """

    title: str
    consequence: str
    verb: str
    facts: Sequence[tuple[str, str]] = ()
    typed: str = ""
    keep: str = "Cancel"


class ConfirmDialog(QDialog):
    """A question whose safe answer is the default. Use `open()`, and `accepted`.

    `extra` stands between the facts and what they mean.
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
        self.keep = PushButton(question.keep, theme)
        self.proceed = PushButton(question.verb, theme, kind=Kind.DANGER)
        self.typed = QLineEdit()
        self._lay_out(question, theme, extra)
        self.keep.clicked.connect(self.reject)
        self.proceed.clicked.connect(self.accept)
        self.typed.textChanged.connect(self._on_typed_changed)
        self._on_typed_changed("")
        self.keep.setDefault(True)
        self.keep.setFocus()

    def _on_typed_changed(self, text: str) -> None:
        self.proceed.setEnabled(text.strip() == self._typed)

    def _lay_out(self, question: Question, theme: Theme, extra: QWidget | None) -> None:
        top = QHBoxLayout()
        top.setSpacing(3 * SPACE)
        top.addWidget(_picture(theme), 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(self._column(question, extra), 1)
        buttons = QHBoxLayout()
        buttons.setSpacing(2 * SPACE)
        buttons.addStretch(1)
        buttons.addWidget(self.keep)
        buttons.addWidget(self.proceed)
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
            column.addLayout(_facts(question.facts))
        if extra:
            column.addWidget(extra)
        column.addWidget(paragraph(question.consequence))
        if question.typed:
            column.addWidget(paragraph(f"Type {question.typed} to go on:", tone="danger"))
            column.addWidget(self.typed)
        self.typed.setAccessibleName(f"Type {question.typed} to go on")
        self.typed.setVisible(bool(question.typed))
        return column


def _picture(theme: Theme) -> QLabel:
    label = QLabel()
    label.setPixmap(icon("triangle-alert", theme, "warning", _PICTURE).pixmap(_PICTURE, _PICTURE))
    return label


def _facts(facts: Sequence[tuple[str, str]]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(3 * SPACE)
    grid.setVerticalSpacing(SPACE)
    grid.setColumnStretch(1, 1)
    for row, (name, value) in enumerate(facts):
        grid.addWidget(muted(name), row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(paragraph(value), row, 1)
    return grid
