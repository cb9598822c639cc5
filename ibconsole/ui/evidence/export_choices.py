"""The fields of an export: what is kept, and where the bundle is written."""

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import Severity
from ibconsole.services.evidence.bundles import ExportChoices
from ibconsole.services.evidence.redaction import TextChoice
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import IconButton, open_dialog, paragraph, tab_to_checked

_NAMES = {
    TextChoice.KEPT: "Kept",
    TextChoice.MASKED: "Masked",
    TextChoice.REMOVED: "Removed",
}
_PICTURES = "Nothing in a picture can be redacted: look at each before you send it."
ZIP = ".zip"


class ExportFields(QWidget):
    """Asks for the choices of an export and its target.

    `changed` says that something else will be in the bundle, `form_changed` that a folder or a zip
    file is wanted in place of the other. `target_edited` follows the user's own path.
    """

    changed = Signal()
    form_changed = Signal()
    target_edited = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.texts = _choice("Texts of messages")
        self.payloads = _choice("Payloads and callback data")
        self.other_bodies = _choice("Bodies that are no text")
        self.message_ids = QCheckBox("Replace message IDs too")
        self.pictures = QCheckBox("Include pictures")
        self.about_pictures = paragraph(_PICTURES, tone=Severity.WARNING)
        self.raw = QCheckBox("Include the bytes of bodies")
        self.zip = QRadioButton("Zip file")
        self.folder = QRadioButton("Folder")
        self.target = QLineEdit()
        self.browse = IconButton("ellipsis", "Choose where the bundle is written", theme)
        self._set_up()
        self._lay_out()
        self._connect()

    @property
    def choices(self) -> ExportChoices:
        """The choices as they are."""
        return ExportChoices(
            texts=TextChoice(self.texts.currentData()),  # Qt makes plain texts of them
            payloads=TextChoice(self.payloads.currentData()),
            other_bodies=TextChoice(self.other_bodies.currentData()),
            message_ids=self.message_ids.isChecked(),
            pictures=self.pictures.isChecked() and self.pictures.isEnabled(),
            raw=self.raw.isChecked(),
        )

    @property
    def suffix(self) -> str:
        """The suffix of the wanted form: `.zip`, or empty for a folder."""
        return ZIP if self.zip.isChecked() else ""

    @property
    def path(self) -> Path | None:
        """The target, None while there is none that is absolute."""
        text = self.target.text().strip()
        path = Path(text).expanduser() if text else None
        return path if path and path.is_absolute() else None

    def show_choices(self, choices: ExportChoices, *, as_zip: bool, pictures: int) -> None:
        """Show the choices of the last time, for a case with this number of pictures."""
        for box, value in (
            (self.texts, choices.texts),
            (self.payloads, choices.payloads),
            (self.other_bodies, choices.other_bodies),
        ):
            box.setCurrentIndex(box.findData(value))
        self.message_ids.setChecked(choices.message_ids)
        self.raw.setChecked(choices.raw)
        self.pictures.setEnabled(pictures > 0)
        self.pictures.setToolTip("" if pictures else "There is no picture in the case.")
        (self.zip if as_zip else self.folder).setChecked(True)

    def show_target(self, path: Path) -> None:
        """Show where the bundle is written."""
        self.target.setText(str(path))
        self.target.setCursorPosition(len(str(path)))

    def _on_browse(self) -> None:
        path = self.path
        folder = str(path.parent if path else default_folder())
        dialog = QFileDialog(self.window(), "Folder in which the bundle is written", folder)
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(self._on_folder_chosen)
        dialog.finished.connect(dialog.deleteLater)
        open_dialog(dialog)

    def _on_folder_chosen(self, folder: str) -> None:
        name = self.path.name if self.path else f"case{self.suffix}"
        self.show_target(Path(folder) / name)
        self.target_edited.emit()

    def _connect(self) -> None:
        for box in (self.texts, self.payloads, self.other_bodies):
            box.currentIndexChanged.connect(self.changed)
        for check in (self.message_ids, self.pictures, self.raw):
            check.toggled.connect(self.changed)
        self.pictures.toggled.connect(self.about_pictures.setVisible)
        self.zip.toggled.connect(self.form_changed)
        self.target.textEdited.connect(self.target_edited)
        self.browse.clicked.connect(self._on_browse)

    def _set_up(self) -> None:
        self.about_pictures.hide()
        self.target.setAccessibleName("Path of the bundle")
        self.raw.setToolTip("Each body as it was received, after redaction, as a file of its own.")
        tab_to_checked(self.zip, self.folder)

    def _lay_out(self) -> None:
        form = QFormLayout()
        form.setHorizontalSpacing(3 * SPACE)
        form.setVerticalSpacing(2 * SPACE)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        form.addRow("Texts", self.texts)
        form.addRow("Payloads", self.payloads)
        form.addRow("Other bodies", self.other_bodies)
        kinds = QHBoxLayout()
        kinds.setSpacing(3 * SPACE)
        kinds.addWidget(self.zip)
        kinds.addWidget(self.folder)
        kinds.addStretch(1)
        target = QHBoxLayout()
        target.setSpacing(SPACE)
        target.addWidget(self.target, 1)
        target.addWidget(self.browse)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 3 * SPACE, 0)
        column.setSpacing(2 * SPACE)
        column.addLayout(form)
        for widget in (self.message_ids, self.raw, self.pictures, self.about_pictures):
            column.addWidget(widget)
        column.addStretch(1)
        column.addLayout(kinds)
        column.addLayout(target)


def default_folder() -> Path:
    """Return where the user's downloads are, else the home folder."""
    location = QStandardPaths.StandardLocation.DownloadLocation
    return Path(QStandardPaths.writableLocation(location) or Path.home())


def _choice(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
    for value, shown in _NAMES.items():
        box.addItem(shown, value)
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return box
