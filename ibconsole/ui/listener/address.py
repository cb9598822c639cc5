"""Where the listener listens: on this computer only, unless its user wants it otherwise."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QWidget

from ibconsole.hosts import is_address, is_open
from ibconsole.ui.toolkit import SPACE
from ibconsole.ui.widgets import Question

LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"  # noqa: S104 chosen by the user, who is asked first
_ONE = ""

_CHOICES = (
    ("This computer only", LOOPBACK),
    ("All addresses", EVERYWHERE),
    ("One address…", _ONE),
)
_MEANS = (
    "It is opened to the network: plain HTTP, which anybody on the way can read, and without a"
    " password. Whoever reaches it can post requests, and only the path of the URL keeps made-up"
    " messages out. Everything that comes is kept on this computer. Behind a tunnel or a proxy on"
    " this computer, listening on this computer only is enough."
)


class AddressChoice(QWidget):
    """A choice of address; `changed` tells the new one, which is empty while it is none."""

    changed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.kind = QComboBox()
        self.address = QLineEdit(placeholderText="192.168.1.5")
        for words, host in _CHOICES:
            self.kind.addItem(words, host)
        self.kind.setAccessibleName("Where to listen")
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
        """The chosen address; empty while what was typed is none."""
        chosen = str(self.kind.currentData())
        if chosen != _ONE:
            return chosen
        typed = self.address.text().strip()
        return typed if is_address(typed) else ""

    def choose(self, host: str) -> None:
        """Choose this address."""
        index = self.kind.findData(host) if host else 0
        if index < 0:
            index = self.kind.findData(_ONE)
            self.address.setText(host)
        self.kind.setCurrentIndex(index)

    def _on_changed(self) -> None:
        self.address.setVisible(self.kind.currentData() == _ONE)
        self.changed.emit(self.host)


def opening_question(host: str, port: int) -> Question | None:
    """What is asked before others can reach it; None if nobody else will."""
    if not is_open(host):
        return None
    where = "every address of this computer" if host == EVERYWHERE else host
    return Question(
        title="Open the listener to the network?",
        facts=(("Listens on", f"{where}, port {port}"),),
        consequence=_MEANS,
        verb="Open the listener",
    )
