"""The editor of pasted firewall rules, which holds large ones without laying them out."""

from PySide6.QtCore import QMimeData, Signal
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ibconsole.ui.toolkit import mono_font

_EDITABLE = 100_000  # characters
_LONGEST_LINE = 2_000
_SHOWN_LINES = 200


class RulesEditor(QPlainTextEdit):
    """Rules as text; `rules_changed` follows every change.

    Of rules that would hold the window for seconds, the beginning is shown and cannot be edited:
    they stay as they were pasted, until they are replaced or cleared.
    """

    rules_changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._held = ""
        self.setAccessibleName("Firewall rules")
        self.setPlaceholderText(
            "Paste rules in any form: a list, ranges, netmasks, nginx, Apache, iptables, nftables,"
            " a router's, JSON of a cloud provider."
        )
        self.setFont(mono_font())
        self.setProperty("field", "true")
        self.setTabChangesFocus(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.textChanged.connect(self._on_text_changed)

    @property
    def rules(self) -> str:
        """The whole rules, also those that are not shown."""
        return self._held or self.toPlainText()

    @property
    def is_cut(self) -> bool:
        """True if only the beginning is shown."""
        return bool(self._held)

    def show_rules(self, text: str) -> None:
        """Replace the rules."""
        self._held = text if _is_large(text) else ""
        self.setReadOnly(bool(self._held))
        self.setPlainText(_beginning(text) if self._held else text)

    def _on_text_changed(self) -> None:
        self.rules_changed.emit()

    # Qt's side

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        return source.hasText()

    def insertFromMimeData(self, source: QMimeData) -> None:
        text = source.text()
        if _is_large(text) or self.document().characterCount() + len(text) > _EDITABLE:
            present = self.toPlainText() if self.textCursor().selectedText() == "" else ""
            self.show_rules("\n".join(filter(None, (present, text))))
            self.moveCursor(QTextCursor.MoveOperation.Start)
        else:
            self.textCursor().insertText(text)


def _is_large(text: str) -> bool:
    if len(text) > _EDITABLE:
        return True
    return any(len(line) > _LONGEST_LINE for line in text.splitlines())


def _beginning(text: str) -> str:
    lines = text[: _SHOWN_LINES * _LONGEST_LINE].splitlines()[:_SHOWN_LINES]
    return "\n".join(line[:200] + "…" if len(line) > 200 else line for line in lines) + "\n…"
