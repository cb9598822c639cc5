"""Labels in the styles of the program, and the separator line."""

from enum import StrEnum

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QSizePolicy, QWidget

from ibconsole.errors import Severity
from ibconsole.ui.toolkit import set_property, small_font, strong_font


def heading(text: str) -> QLabel:
    """Return the title of an area."""
    label = QLabel(text)
    label.setFont(strong_font())
    return label


def muted(text: str) -> QLabel:
    """Return a one-line label for secondary text."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("tone", Severity.MUTED.value)
    return label


def paragraph(text: str = "", *, tone: Severity | None = None) -> QLabel:
    """Return a label that wraps its text and lets the user select it."""
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
    set_tone(label, tone)
    return label


def separator() -> QFrame:
    """Return a horizontal line that separates two areas."""
    frame = QFrame()
    frame.setObjectName("line")
    frame.setFixedHeight(1)
    return frame


def set_tone(label: QLabel, tone: Severity | None) -> None:
    """Set the colour of a label by a severity; None for the normal colour."""
    set_property(label, "tone", tone or "")


class BadgeStyle(StrEnum):
    """The colours of a badge; the values name styles in `resources/ibconsole.qss`."""

    NEUTRAL = "neutral"
    OK = "ok"
    INFO = "info"
    WARNING = "warning"
    DANGER = "danger"
    LOUD = "loud"  # white on red: production
    CASE = "case"  # a customer's account as a case has it


class Badge(QLabel):
    """A word on a coloured background."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(small_font())
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.hide()

    def show_word(self, word: str, style: BadgeStyle = BadgeStyle.NEUTRAL) -> None:
        """Show a word; hide the badge if the word is empty."""
        self.setText(word)
        set_property(self, "badge", style)
        self.setVisible(bool(word))
