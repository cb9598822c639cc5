"""The dialog that asks to which case something is pinned, and that of a note."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ibconsole.services.evidence.cases import CaseSummary
from ibconsole.ui.evidence.pin_places import short_title
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import (
    ButtonKind,
    ElidedComboBox,
    PushButton,
    button_row,
    heading,
    muted,
    paragraph,
    tab_to_checked,
)

_WIDTH = 480
_LONGEST_TITLE = 200  # characters, as the store cuts it
_COPIED = "It is copied with everything that it shows, and stays in the case whatever is deleted."
_UNTITLED = "Give the case a title, such as the number of the ticket."


class PinDialog(QDialog):
    """Asks for a new or an existing case; the choice is the current case from then on.

    `created` carries the title of a new case, `chosen` the id of one that exists.
    """

    created = Signal(str)
    chosen = Signal(str)

    def __init__(
        self,
        noun: str,
        cases: Sequence[CaseSummary],
        title: str,
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.new = QRadioButton("New case")
        self.existing = QRadioButton("Existing case")
        self.title = QLineEdit(title, placeholderText="Title, such as the number of the ticket")
        self.choice = ElidedComboBox()
        for one in cases:
            self.choice.addItem(one.title, one.id)
        self.pin = PushButton("Pin", theme, kind=ButtonKind.PRIMARY)
        self.cancel = PushButton("Cancel", theme)
        self._set_up()
        self._lay_out(noun)
        self._connect()
        (self.existing if cases else self.new).setChecked(True)
        self._update()
        if cases:
            self.choice.setFocus()
        else:
            self.title.setFocus()
            self.title.selectAll()

    def _set_up(self) -> None:
        self.setWindowTitle("Pin to a case")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.title.setAccessibleName("Title of the new case")
        self.title.setMaxLength(_LONGEST_TITLE)
        self.choice.setAccessibleName("Existing case")
        has_cases = self.choice.count() > 0
        self.existing.setEnabled(has_cases)
        self.choice.setEnabled(has_cases)
        self.existing.setToolTip("" if has_cases else "There is no case yet.")
        tab_to_checked(self.existing, self.new)
        self.pin.setDefault(True)
        self.setMinimumWidth(_WIDTH)

    def _connect(self) -> None:
        self.new.toggled.connect(self._update)
        self.title.textEdited.connect(self._on_title_edited)
        self.title.textChanged.connect(self._update)
        self.choice.activated.connect(lambda: self.existing.setChecked(True))
        self.pin.clicked.connect(self._on_pin)
        self.cancel.clicked.connect(self.reject)

    def _update(self) -> None:
        is_untitled = self.new.isChecked() and not self.title.text().strip()
        self.pin.setEnabled(not is_untitled)
        self.pin.setToolTip(_UNTITLED if is_untitled else "")

    def _on_title_edited(self) -> None:
        self.new.setChecked(True)

    def _on_pin(self) -> None:
        self.accept()
        if self.new.isChecked():
            self.created.emit(self.title.text().strip())
        else:
            self.chosen.emit(self.choice.currentData())

    def _lay_out(self, noun: str) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(3 * SPACE)
        grid.setVerticalSpacing(2 * SPACE)
        grid.setColumnStretch(1, 1)
        rows: tuple[tuple[QRadioButton, QWidget], ...] = (
            (self.existing, self.choice),
            (self.new, self.title),
        )
        for row, (radio, field) in enumerate(rows):
            grid.addWidget(radio, row, 0)
            grid.addWidget(field, row, 1)
        buttons = button_row(self.cancel, self.pin)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 5 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(4 * SPACE)
        layout.addWidget(heading(f"Pin {noun} to a case"))
        layout.addWidget(paragraph(_COPIED))
        layout.addLayout(grid)
        layout.addLayout(buttons)


class NoteDialog(QDialog):
    """Asks for the text of a note; `written` carries it."""

    written = Signal(str)

    def __init__(self, case_title: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Add a note")
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.text = QPlainTextEdit()
        self.text.setAccessibleName("Text of the note")
        self.text.setTabChangesFocus(True)
        self.text.setMinimumHeight(30 * SPACE)
        self.add = PushButton("Add", theme, kind=ButtonKind.PRIMARY)
        self.cancel = PushButton("Cancel", theme)
        self.add.setShortcut("Ctrl+Return")
        self.add.setToolTip("Add the note (Ctrl+Return)")
        self.add.setDefault(True)
        self.text.textChanged.connect(self._update)
        self.add.clicked.connect(self._on_add)
        self.cancel.clicked.connect(self.reject)
        self._lay_out(case_title)
        self._update()
        self.text.setFocus()

    def _update(self) -> None:
        self.add.setEnabled(bool(self.text.toPlainText().strip()))

    def _lay_out(self, case_title: str) -> None:
        buttons = button_row(self.cancel, self.add)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 5 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(3 * SPACE)
        layout.addWidget(heading(f"Add a note to “{short_title(case_title)}”"))
        layout.addWidget(self.text, 1)
        layout.addWidget(muted("Secrets that you type are masked when the case is exported."))
        layout.addLayout(buttons)
        self.setMinimumWidth(_WIDTH)

    def _on_add(self) -> None:
        self.accept()
        self.written.emit(self.text.toPlainText().strip())
