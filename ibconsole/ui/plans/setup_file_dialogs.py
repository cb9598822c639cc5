"""The dialogs before a setup is exported, applied from a file, or cloned."""

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QHBoxLayout,
    QLineEdit,
    QPlainTextEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity
from ibconsole.model import Application
from ibconsole.services.console import FileRequest
from ibconsole.ui.setup import name_of
from ibconsole.ui.tables import Column, RecordsModel, RecordsTable
from ibconsole.ui.toolkit import SPACE, Theme, one_line
from ibconsole.ui.widgets import (
    ButtonKind,
    ElidedLabel,
    PushButton,
    button_row,
    heading,
    muted,
    paragraph,
    tab_to_checked,
)

_WIDTH = 520
_CLONE_SIZE = (620, 440)
_RULES_HEIGHT = 16 * SPACE
_APPLY = (
    "The plan comes first: you choose what is created, and whether anything is deleted. Nothing is"
    " sent before."
)
_EXPORT = (
    "Names, configurations and actions, without keys and codes. Users in URLs and the credential of"
    " the account are masked. A file whose name ends in .json is JSON, any other one YAML."
)
_CLONE = "Its actions are copied to the application that you choose. The plan comes first."


class _FileDialog(QDialog):
    """A dialog with a heading, an explanation, and the button that goes on."""

    def __init__(self, title: str, verb: str, theme: Theme, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setModal(True)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.proceed = PushButton(verb, theme, kind=ButtonKind.PRIMARY)
        self.cancel = PushButton("Cancel", theme)
        self.proceed.setDefault(True)
        self.cancel.clicked.connect(self.reject)

    def _lay_out(self, explanation: str, *parts: QWidget | QHBoxLayout) -> None:
        buttons = button_row(self.cancel, self.proceed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(heading(self.windowTitle()))
        layout.addWidget(paragraph(explanation, tone=Severity.MUTED))
        for part in parts:
            if isinstance(part, QWidget):
                layout.addWidget(part)
            else:
                layout.addLayout(part)
        layout.addLayout(buttons)
        self.setMinimumWidth(_WIDTH)


class ApplyFileDialog(_FileDialog):
    """Asks for the rules by which a file is changed before it is applied.

    `plan_requested` carries a FileRequest.
    """

    plan_requested = Signal(FileRequest)

    def __init__(self, path: Path, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("Apply setup file", "Make the plan", theme, parent)
        self._path = path
        self.names = _rules_field("Other names of applications", "Shop stage=Shop prod")
        self.texts = _rules_field(
            "Other texts in URLs and callback data", "https://stage.=https://"
        )
        file = QHBoxLayout()
        file.addWidget(muted("File"))
        file.addWidget(ElidedLabel(str(path)), 1)
        self._lay_out(
            _APPLY,
            file,
            muted("Other names of applications: one OLD=NEW in each line"),
            self.names,
            muted("Other texts in URLs and callback data: OLD=NEW or /REGEX/=NEW"),
            self.texts,
        )
        self.proceed.clicked.connect(self._on_proceed)
        self.proceed.setFocus()

    @property
    def request(self) -> FileRequest:
        """The file, with its rules."""
        return FileRequest(self._path, _lines(self.names), _lines(self.texts))

    def _on_proceed(self) -> None:
        request = self.request
        self.accept()
        self.plan_requested.emit(request)


class ExportSetupDialog(_FileDialog):
    """Asks which setup is exported: that of the account, or of the selected application."""

    export_requested = Signal()

    def __init__(
        self, application: Application | None, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__("Export setup", "Export…", theme, parent)
        name = one_line(name_of(application)) if application else ""
        self.all = QRadioButton("All applications of the account")
        self.one = QRadioButton(f"Only {name}" if name else "Only the selected application")
        self.one.setEnabled(application is not None)
        self.masks_queries = QCheckBox("Mask the values of queries in URLs")
        self.all.setChecked(True)
        tab_to_checked(self.all, self.one)
        self._lay_out(_EXPORT, self.all, self.one, self.masks_queries)
        self.proceed.clicked.connect(self._on_proceed)

    def _on_proceed(self) -> None:
        self.accept()
        self.export_requested.emit()


class CloneDialog(_FileDialog):
    """Asks for the application that gets the setup of another one."""

    target_chosen = Signal(object)

    def __init__(
        self,
        origin: Application,
        applications: Sequence[Application],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            f"Clone the setup of {one_line(name_of(origin))}", "Make the plan", theme, parent
        )
        self.resize(*_CLONE_SIZE)
        self.filter = QLineEdit(placeholderText="Filter by name", clearButtonEnabled=True)
        self.filter.setAccessibleName("Filter the applications")
        columns = (
            Column[Application]("Name", lambda one: one_line(name_of(one))),
            Column[Application]("ID", lambda one: one_line(one.id)),
        )
        model = RecordsModel(columns, lambda one: one.code, self, search=name_of)
        self.table = RecordsTable(model, stretch=0, optional=(1,))
        self.table.setAccessibleName("Applications")
        self.table.set_widths(0, 220)
        self.table.show_records([one for one in applications if one.code != origin.code])
        self._lay_out(_CLONE, self.filter, self.table)
        self.filter.textChanged.connect(self.table.filter)
        self.table.arranged.connect(self._on_arranged)
        self.table.selection_changed.connect(self._update)
        self.table.doubleClicked.connect(self._on_proceed)
        self.proceed.clicked.connect(self._on_proceed)
        self._update()
        self.filter.setFocus()

    def _on_arranged(self) -> None:
        if self.filter.text() and self.table.model().rowCount():
            self.table.selectRow(0)  # so that Enter in the filter takes the first that is found

    def _update(self) -> None:
        self.proceed.setEnabled(self.table.selected_record is not None)

    def _on_proceed(self) -> None:
        if target := self.table.selected_record:
            self.accept()
            self.target_chosen.emit(target)


def _rules_field(name: str, example: str) -> QPlainTextEdit:
    field = QPlainTextEdit(placeholderText=example)
    field.setAccessibleName(name)
    field.setProperty("field", "true")
    field.setTabChangesFocus(True)
    field.setFixedHeight(_RULES_HEIGHT)
    return field


def _lines(field: QPlainTextEdit) -> tuple[str, ...]:
    return tuple(line for line in field.toPlainText().splitlines() if line.strip())
