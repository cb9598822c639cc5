"""The field for a secret: hidden while it is typed, saved in the keyring or for this session."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QGridLayout, QLineEdit, QWidget

from ibconsole.secret import Secret
from ibconsole.services.connections import SecretPlace
from ibconsole.ui.toolkit import SPACE, Theme, mono_font
from ibconsole.ui.widgets import IconButton

_PLACEHOLDERS = {
    SecretPlace.KEYRING: "Kept in the keyring; leave empty to keep it",
    SecretPlace.SESSION: "Held for this session; leave empty to keep it",
    SecretPlace.NOWHERE: "Not saved; enter it here",
    SecretPlace.UNKNOWN: "Leave empty to keep the saved one",
}


class SecretField(QWidget):
    """A line for a secret, a button that shows it, and a choice where it is to be kept.

    The choice is about what is typed: it is disabled as long as the line is empty.
    """

    submitted = Signal()
    session_toggled = Signal(bool)

    def __init__(self, theme: Theme, *, session_only: bool = False) -> None:
        super().__init__()
        self.line = QLineEdit(echoMode=QLineEdit.EchoMode.Password)
        self.reveal = IconButton("eye", "Show what you typed", theme)
        self.session = QCheckBox("For this session only, not in the keyring")
        self.session.setChecked(session_only)
        self._lay_out()
        self.reveal.toggled.connect(self._on_reveal_toggled)
        self.line.textChanged.connect(self._on_text_changed)
        self.line.returnPressed.connect(self.submitted)
        self.session.toggled.connect(self.session_toggled)
        self._on_text_changed()

    @property
    def typed(self) -> Secret | None:
        """The secret that was typed, None if the line is empty."""
        text = self.line.text()
        return Secret(text) if text else None

    @property
    def for_session(self) -> bool:
        """True if the secret is to be kept in memory only."""
        return self.session.isChecked()

    def show_name(self, name: str) -> None:
        """Show what the secret is called."""
        self.line.setAccessibleName(name)

    def show_place(self, place: SecretPlace | None) -> None:
        """Show in the empty line where the present secret is; None if it has to be entered."""
        self.line.setPlaceholderText(_PLACEHOLDERS[place] if place else "")

    def offer_keyring(self, *, available: bool, default: bool) -> None:
        """Offer to keep the secret in the keyring, if there is one."""
        self.session.setVisible(available)
        self.session.setChecked(not (available and default))

    def _on_text_changed(self) -> None:
        self.session.setEnabled(bool(self.line.text()))

    def _on_reveal_toggled(self, visible: bool) -> None:
        mode = QLineEdit.EchoMode
        self.line.setEchoMode(mode.Normal if visible else mode.Password)
        self.reveal.change_icon("eye-off" if visible else "eye")
        self.reveal.rename("Hide what you typed" if visible else "Show what you typed")

    def _lay_out(self) -> None:
        self.show_name("Secret")
        self.setFocusProxy(self.line)
        self.line.setFont(mono_font())
        self.reveal.setCheckable(True)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(SPACE)
        grid.addWidget(self.line, 0, 0)
        grid.addWidget(self.reveal, 0, 1)
        grid.addWidget(self.session, 1, 0)
