"""The URL that messages are sent to, with remarks on it and a correction of what is mistyped."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from ibconsole.errors import Severity
from ibconsole.services.forward_test import HOST_FAULTS, UrlContext, UrlRemark, url_remarks
from ibconsole.services.request_log import redact_url
from ibconsole.ui.toolkit import SPACE, Theme, mono_font, one_line, plain_tooltip
from ibconsole.ui.widgets import PushButton, muted, paragraph, set_tone, show_elided

_MAX_REMARKS = 2


class DestinationField(QWidget):
    """A field for a URL; `changed` is emitted when the URL or its source changes.

    A URL can be proposed: it is entered until the user types another one, and is offered again
    after that.
    """

    changed = Signal()

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, sandbox: bool = False
    ) -> None:
        super().__init__(parent)
        self._context = UrlContext(sandbox=sandbox)
        self._proposed = self._origin = self._correction = ""
        self._typed = False
        self._usable = False
        self.field = QLineEdit(placeholderText="https://")
        self.origin = muted("")
        self.remark = paragraph()
        self.use_correction = PushButton("", theme)
        self.use_proposed = PushButton("Use the forward action's URL", theme)
        self._lay_out()
        self.field.textChanged.connect(self._check)
        self.field.textEdited.connect(self._on_edited)
        self.use_correction.clicked.connect(self._on_correction_clicked)
        self.use_proposed.clicked.connect(self._on_use_proposed)
        self._check()

    @property
    def url(self) -> str:
        """The URL as it would be sent to."""
        return self.field.text().strip()

    @property
    def shown_url(self) -> str:
        """The URL with its secrets masked, for texts."""
        return one_line(redact_url(self.url))

    @property
    def usable(self) -> bool:
        """True if messages can be sent to the URL."""
        return self._usable

    @property
    def is_proposed(self) -> bool:
        """True if the URL is the one that was proposed."""
        return bool(self._proposed) and self.url == self._proposed

    def propose(self, url: str, origin: str) -> None:
        """Enter a URL, unless the user typed one; `origin` says where it comes from."""
        self._proposed, self._origin = url, origin
        if not self._typed:
            self.field.setText(url)
            self.field.setCursorPosition(0)
        self._check()

    def enter(self, url: str) -> None:
        """Enter a URL as if the user typed it."""
        self._typed = bool(url)
        self.field.setText(url)

    def _check(self) -> None:
        remarks = url_remarks(self.field.text(), self._context)
        # This computer sends: what the platform cannot reach, it may.
        found = [one for one in remarks if one.fault not in HOST_FAULTS]
        shown = found[:_MAX_REMARKS]
        first = next(iter(found), UrlRemark())
        self._correction = next((one.correction for one in shown if one.correction), "")
        show_elided(self.use_correction, f"Use {self._correction}")
        self.use_correction.setVisible(bool(self._correction))
        sentences = [one.sentence for one in shown if one.sentence]
        self.remark.setText("\n".join(sentences))
        self.remark.setVisible(bool(sentences))
        set_tone(self.remark, first.severity)
        self.origin.setText(self._origin if self.is_proposed else "")
        self.origin.setVisible(bool(self.origin.text()))
        self.use_proposed.setVisible(bool(self._proposed) and not self.is_proposed)
        self.use_proposed.setToolTip(plain_tooltip(self._proposed))
        self._usable = first.usable
        self.changed.emit()

    def _on_edited(self, text: str) -> None:
        self._typed = bool(text.strip())

    def _on_correction_clicked(self) -> None:
        self.enter(self._correction)
        self.field.setFocus()

    def _on_use_proposed(self) -> None:
        self._typed = False
        self.field.setText(self._proposed)
        self.field.setFocus()

    def _lay_out(self) -> None:
        self.field.setAccessibleName("URL to send to")
        self.field.setFont(mono_font())
        set_tone(self.origin, Severity.MUTED)
        row = QHBoxLayout()
        row.setSpacing(2 * SPACE)
        row.addWidget(self.field, 1)
        row.addWidget(self.use_proposed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addLayout(row)
        layout.addWidget(self.origin)
        layout.addWidget(self.remark)
        layout.addWidget(self.use_correction, 0, Qt.AlignmentFlag.AlignLeft)
