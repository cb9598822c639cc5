"""The search field of a list, which shows how many records match."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QToolButton, QWidget

from ibconsole.plural import counted
from ibconsole.ui.toolkit import SPACE
from ibconsole.ui.widgets import muted

_COUNTING = "…"
_KEYS = {Qt.Key.Key_Down, Qt.Key.Key_PageDown}


class FilterField(QLineEdit):
    """A search field with the number of matches at its end.

    `list_requested` is emitted when the user goes on to the list, by Down or Page Down.
    """

    list_requested = Signal()

    def __init__(self, name: str, tooltip: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, placeholderText="Filter")
        self.count = muted("")
        self.count.setParent(self)
        self.count.setAccessibleName("Matches")
        self.count.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.count.hide()
        self._tooltip = tooltip
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setClearButtonEnabled(True)
        self.textChanged.connect(self._place_count)

    def show_counting(self, found: int = 0) -> None:
        """Show that the matches are being counted, and how many were found until now."""
        number = f"{found:,} " if found else ""
        sentence = f"{counted(found, 'match', 'matches')} found until now." if found else ""
        self._show(f"{number}{_COUNTING}", f"Counting the matches. {sentence}".strip())

    def show_count(self, count: int) -> None:
        """Show the number of matches."""
        verb = "matches" if count == 1 else "match"
        self._show(f"{count:,}", f"{counted(count, 'message')} {verb}.")

    def show_no_count(self) -> None:
        """Show no number, because there is no filter, or because counting failed."""
        self._show("", "")

    def _show(self, text: str, sentence: str) -> None:
        self.count.setText(text)
        self.count.setVisible(bool(text))
        self.count.setAccessibleDescription(sentence)
        self.setToolTip("\n".join(filter(None, (sentence, self._tooltip))))
        self.setAccessibleDescription(sentence)
        self._place_count()

    def _place_count(self) -> None:
        """Place the number before the clear button, and keep the text from running under it."""
        width = self.count.sizeHint().width() if self.count.text() else 0
        clear = self.findChild(QToolButton)
        # The field keeps its text from the button by itself.
        end = clear.x() if clear and self.text() else self.width() - 2 * SPACE
        self.count.setGeometry(end - width, 0, width, self.height())
        self.setTextMargins(0, 0, width + SPACE if width else 0, 0)

    # Qt's side

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _KEYS and not event.modifiers():
            self.list_requested.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_count()
