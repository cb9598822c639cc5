"""The search field of a list, with the number of matches, and the saved filters next to it."""

from collections.abc import Callable, Sequence
from functools import partial

from msgspec.structs import replace
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction, QColor, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QMenu, QToolButton, QWidget

from ibconsole.plural import counted
from ibconsole.services.connections import SavedFilter
from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import IconButton, muted

_COUNTING = "…"
_LONGEST = 60  # characters of a filter in the menu
_MARK = 2  # pixels below the character of an error
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
        self._error_at: int | None = None
        self._error_colour = QColor()
        self.setAccessibleName(name)
        self.setToolTip(tooltip)
        self.setClearButtonEnabled(True)
        self.textChanged.connect(self._place_count)

    def mark_error(self, position: int | None, colour: QColor | None = None) -> None:
        """Underline the character at which the text cannot be understood; None marks nothing."""
        self._error_at = position
        self._error_colour = colour or self._error_colour
        self.update()

    @property
    def error_mark(self) -> tuple[int, int] | None:
        """The left and right end of the line below the character of an error, in pixels."""
        if self._error_at is None:
            return None
        text, advance = self.text(), self.fontMetrics().horizontalAdvance
        # Whatever is scrolled out of the field: from the cursor, whose place is known.
        left = self.cursorRect().center().x() - advance(text[: self.cursorPosition()])
        left += advance(text[: self._error_at])
        width = advance(text[self._error_at : self._error_at + 1] or "x")
        return left, left + max(width, SPACE)

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

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        if not (mark := self.error_mark):
            return
        painter = QPainter(self)
        painter.setPen(QPen(self._error_colour, _MARK))
        text = self.contentsRect()
        below = text.center().y() + self.fontMetrics().height() // 2 + _MARK
        right = min(mark[1], text.right() - self.textMargins().right())
        painter.drawLine(max(mark[0], text.left() + SPACE), below, right, below)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _KEYS and not event.modifiers():
            self.list_requested.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._place_count()


class SavedFilterButton(IconButton):
    """A button with the menu of saved filters.

    `chosen` carries the text of one. `start_changed` carries the one that is to be applied at the
    start, or not any more.
    """

    chosen = Signal(str)
    save_requested = Signal()
    remove_requested = Signal(SavedFilter)
    start_changed = Signal(SavedFilter)

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__("bookmark", "Saved filters", theme, room_text="Saved", parent=parent)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.filters: Sequence[SavedFilter] = ()
        self.can_save: Callable[[], bool] = lambda: False
        menu = QMenu(self)
        menu.aboutToShow.connect(self.fill)
        self.setMenu(menu)

    def fill(self) -> None:
        """Fill the menu with the filters, and what can be done with them."""
        menu = self.menu()
        menu.clear()
        for one in self.filters:
            self._add(menu, one, partial(self.chosen.emit, one.text))
        if self.filters:
            menu.addSeparator()
        save = QAction("Save this filter", menu, enabled=self.can_save())
        save.triggered.connect(self.save_requested)
        menu.addAction(save)
        if self.filters:
            self._add_choices(menu)

    def _add_choices(self, menu: QMenu) -> None:
        start, remove = QMenu("Apply at start", menu), QMenu("Remove", menu)
        for one in self.filters:
            change = partial(self.start_changed.emit, replace(one, at_start=not one.at_start))
            action = self._add(start, one, change)
            action.setCheckable(True)
            action.setChecked(one.at_start)
            self._add(remove, one, partial(self.remove_requested.emit, one))
        menu.addMenu(start)
        menu.addMenu(remove)

    def _add(self, menu: QMenu, one: SavedFilter, act: Callable[[], None]) -> QAction:
        def choose() -> None:  # without the state of the action, which Qt would pass to `act`
            act()

        action = QAction(_shortened(one.text), menu)
        action.triggered.connect(choose)
        menu.addAction(action)
        return action


def _shortened(text: str) -> str:
    """Return a filter as an entry of the menu, in which an ampersand would mark a key."""
    short = text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
    return short.replace("&", "&&")
