"""Labels in the few styles that there are."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from ibconsole.ui.toolkit import set_property, small_font, strong_font


def heading(text: str) -> QLabel:
    """The title of an area."""
    label = QLabel(text)
    label.setFont(strong_font())
    return label


def muted(text: str) -> QLabel:
    """Text of lesser weight, in one line."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("tone", "muted")
    return label


def paragraph(text: str = "", *, tone: str = "") -> QLabel:
    """Text that takes as many lines as it needs, and can be selected."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    set_tone(label, tone)
    return label


def line() -> QFrame:
    """A line that parts what is above from what is below."""
    frame = QFrame()
    frame.setObjectName("line")
    frame.setFixedHeight(1)
    return frame


def set_tone(label: QLabel, tone: str) -> None:
    """Colour a label: muted, ok, warning, danger, info; empty for plain."""
    set_property(label, "tone", tone)


class Badge(QLabel):
    """A word on a coloured ground: neutral, ok, warning, danger, info or loud."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(small_font())
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_word(self, word: str, kind: str = "neutral") -> None:
        """Show a word; hide for an empty one."""
        self.setText(word)
        set_property(self, "badge", kind)
        self.setVisible(bool(word))
