"""The About dialog: versions, directories, licences, and diagnostics to copy."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QUrl, qVersion
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QDialog, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ibconsole import __version__
from ibconsole.errors import Severity
from ibconsole.services.doctor import read_versions
from ibconsole.ui.toolkit import SPACE, Theme, application_icon, copy_to_clipboard
from ibconsole.ui.widgets import (
    ElidedLabel,
    IconButton,
    PushButton,
    heading,
    muted,
    paragraph,
    separator,
)

_WIDTH = 560
_ICON_SIZE = 48
_LICENCES = (
    "ibconsole is under the MIT licence. Qt and PySide6 are under the LGPL 3; the icons are"
    " Lucide's (ISC)."
)


class AboutDialog(QDialog):
    """Shows the directories by the names of their contents; `facts` are only copied."""

    def __init__(
        self,
        directories: Mapping[str, Path],
        facts: Mapping[str, str],
        theme: Theme,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("About ibconsole")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._directories = directories
        self._facts = facts
        self.copy = PushButton("Copy diagnostics", theme, icon_name="copy")
        self.close_button = PushButton("Close", theme)
        self.copy.clicked.connect(self._on_copy_clicked)
        self.close_button.clicked.connect(self.reject)
        self.close_button.setDefault(True)
        self._lay_out(theme)
        self.close_button.setFocus()
        self.resize(_WIDTH, self.sizeHint().height())

    @property
    def diagnostics(self) -> str:
        """Versions, facts and directories as text, without secrets or customer data."""
        lines = [f"{name}: {value}" for name, value in {**versions(), **self._facts}.items()]
        return "\n".join([*lines, *(f"{name}: {path}" for name, path in self._directories.items())])

    def _on_copy_clicked(self) -> None:
        copy_to_clipboard(self.diagnostics)
        self.copy.setText("Copied")

    def _lay_out(self, theme: Theme) -> None:
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * SPACE, 4 * SPACE, 5 * SPACE, 4 * SPACE)
        layout.setSpacing(3 * SPACE)
        layout.addLayout(_head())
        layout.addWidget(separator())
        layout.addLayout(self._grid(theme))
        layout.addWidget(paragraph(_LICENCES, tone=Severity.MUTED))
        layout.addLayout(buttons)

    def _grid(self, theme: Theme) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(3 * SPACE)
        grid.setColumnStretch(1, 1)
        for row, (name, value) in enumerate(versions().items()):
            grid.addWidget(muted(name), row, 0)
            grid.addWidget(QLabel(value), row, 1)
        for row, (name, path) in enumerate(self._directories.items(), start=grid.rowCount()):
            folder = IconButton("external-link", f"Open the folder of {name.lower()}", theme)
            folder.clicked.connect(partial(_open_folder, path))
            grid.addWidget(muted(name), row, 0)
            grid.addWidget(ElidedLabel(str(path), mode=Qt.TextElideMode.ElideMiddle), row, 1)
            grid.addWidget(folder, row, 2)
        return grid


def _head() -> QHBoxLayout:
    icon_label = QLabel()
    icon_label.setPixmap(application_icon().pixmap(_ICON_SIZE, _ICON_SIZE))
    title = QVBoxLayout()
    title.addWidget(heading(f"ibconsole {__version__}"))
    title.addWidget(muted("The inbound setup of Infobip mobile push, and its messages"))
    head = QHBoxLayout()
    head.setSpacing(4 * SPACE)
    head.addWidget(icon_label)
    head.addLayout(title, 1)
    return head


def versions() -> dict[str, str]:
    """Return the versions of ibconsole, its libraries and Qt, by name."""
    return {**read_versions(), "Qt": f"{qVersion()} on {QGuiApplication.platformName()}"}


def _open_folder(path: Path, *_: object) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(path)))
