"""A record as the platform sent it, unknown fields and all."""

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from ibconsole.model import encode
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.viewers import JsonView, readable
from ibconsole.ui.widgets import ElidedLabel, PushButton

_SIZE = (600, 420)


class RawDialog(QDialog):
    """Shows it as JSON, which can be copied."""

    def __init__(
        self, title: str, raw: Mapping[str, Any], theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle("As the platform sent it")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(*_SIZE)
        self._body = encode(dict(raw))
        self.view = JsonView(theme, f"{title} as JSON")
        self.view.show_text(readable(self._body))
        self.copy = PushButton("Copy", theme, icon_name="copy")
        self.close_button = PushButton("Close", theme)
        self.copy.clicked.connect(self._on_copy_clicked)
        self.close_button.clicked.connect(self.reject)
        self.close_button.setDefault(True)
        buttons = QHBoxLayout()
        buttons.addWidget(self.copy)
        buttons.addStretch(1)
        buttons.addWidget(self.close_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * SPACE, 4 * SPACE, 4 * SPACE, 4 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(ElidedLabel(title))
        layout.addWidget(self.view, 1)
        layout.addLayout(buttons)

    def _on_copy_clicked(self) -> None:
        QGuiApplication.clipboard().setText(self._body.decode())
