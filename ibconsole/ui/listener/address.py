"""The choice of the address that the listener listens on, this computer only by default."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from ibconsole.hosts import is_address, is_exposed
from ibconsole.ui.toolkit import SPACE
from ibconsole.ui.widgets import Question

LOOPBACK = "127.0.0.1"
ALL_ADDRESSES = "0.0.0.0"  # noqa: S104 chosen by the user, after a confirmation
_TYPED = ""

_CHOICES = (
    ("This computer only", LOOPBACK),
    ("All addresses", ALL_ADDRESSES),
    ("One address…", _TYPED),
)
_CONSEQUENCE = (
    "The listener speaks plain HTTP without a password: others on the network can read the traffic"
    " and post requests, and only the path of the URL keeps forged messages out. Everything that"
    " is received is kept on this computer. With a tunnel or a proxy on this computer, listening"
    " on this computer only is enough."
)


class AddressChoice(QWidget):
    """A choice of address; `changed` carries it, empty while the typed text is no IP address."""

    changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = QComboBox()
        self.address = QLineEdit(placeholderText="192.168.1.5")
        for label, host in _CHOICES:
            self.kind.addItem(label, host)
        self.kind.setAccessibleName("Listen on")
        self.address.setAccessibleName("Address to listen on")
        self.address.setFixedWidth(128)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE)
        layout.addWidget(self.kind)
        layout.addWidget(self.address)
        self.kind.currentIndexChanged.connect(self._on_changed)
        self.address.textChanged.connect(self._on_changed)
        self._on_changed()

    @property
    def host(self) -> str:
        """The chosen address; empty while the typed text is no IP address."""
        host = str(self.kind.currentData())
        if host != _TYPED:
            return host
        typed = self.address.text().strip()
        return typed if is_address(typed) else ""

    def select(self, host: str) -> None:
        """Choose this address; an empty one chooses the default."""
        index = self.kind.findData(host) if host else 0
        if index < 0:
            index = self.kind.findData(_TYPED)
            self.address.setText(host)
        self.kind.setCurrentIndex(index)

    def _on_changed(self) -> None:
        self.address.setVisible(self.kind.currentData() == _TYPED)
        self.changed.emit(self.host)


def exposure_question(host: str, port: int) -> Question | None:
    """Return the question before others can reach the listener; None for a loopback address."""
    if not is_exposed(host):
        return None
    where = "every address of this computer" if host == ALL_ADDRESSES else host
    return Question(
        title="Open the listener to the network?",
        facts=(("Listens on", f"{where}, port {port}"),),
        consequence=_CONSEQUENCE,
        verb="Open the listener",
    )
