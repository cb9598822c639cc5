"""The palette: type what you want, and do it. Lists every command, and finds things by name."""

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import (
    QAbstractListModel,
    QEvent,
    QModelIndex,
    QPersistentModelIndex,
    QPointF,
    QRect,
    Qt,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QTextLayout
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ibconsole.ui.palette.search_providers import Finder, Found, marks_in
from ibconsole.ui.toolkit import ICON_SIZE, SPACE, Colours, Theme, icon, strong_font
from ibconsole.ui.widgets import set_tone

_WIDTH = 620
_ROW = 44
_ROWS = 9
# As many as anybody looks through; who wants another one types on.
_MOST = 60

_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)

Index = QModelIndex | QPersistentModelIndex


class Palette(QFrame):
    """A list over the window; Enter does what is chosen, Esc or a click elsewhere leaves."""

    def __init__(self, finders: Sequence[Finder], theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._over = parent
        self.setObjectName("palette")
        self.setAccessibleName("Find or run")
        self._finders = finders
        self.model = _FoundModel(self)
        self.search = QLineEdit(placeholderText="A command, an application, a code, a URL")
        self.search.setAccessibleName("What to find or run")
        self.list = QListView()
        self.list.setAccessibleName("Found")
        self.list.setModel(self.model)
        self.list.setItemDelegate(_Rows(theme, self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.hint = QLabel()
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.hint.setContentsMargins(2 * SPACE, 0, 2 * SPACE, 0)
        self._lay_out()
        self.search.installEventFilter(self)
        self.search.textChanged.connect(self._on_text_changed)
        self.list.clicked.connect(self._run)
        self.list.selectionModel().currentChanged.connect(self._explain)

    def open(self) -> None:
        """Show everything that can be done, and wait for somebody to type."""
        self.search.clear()
        self._on_text_changed("")
        over = self._over
        width = min(_WIDTH, over.width() - 8 * SPACE)
        self.resize(width, self.sizeHint().height())
        place = over.mapToGlobal(over.rect().topLeft())
        self.move(place.x() + (over.width() - width) // 2, place.y() + 12 * SPACE)
        self.show()
        self.search.setFocus()

    # Qt's side

    def eventFilter(self, _watched: Any, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: _ROWS,
            Qt.Key.Key_PageUp: -_ROWS,
        }
        key = Qt.Key(event.key())
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._run(self.list.currentIndex())
        elif key in steps:
            self._move(steps[key])
        else:
            return False
        return True

    def _move(self, step: int) -> None:
        count = self.model.rowCount()
        if not count:
            return
        row = self.list.currentIndex().row() + step
        # One step beyond an end goes round; a page stops there.
        row = row % count if abs(step) == 1 else max(0, min(row, count - 1))
        self.list.setCurrentIndex(self.model.index(row))

    def _on_text_changed(self, text: str) -> None:
        found: list[Found] = []
        for finder in self._finders:
            found += finder.find(text, _MOST)
        self.model.show(found, text)
        self.list.setCurrentIndex(self.model.index(0))
        self._explain()

    def _explain(self) -> None:
        found = self.model.found(self.list.currentIndex())
        if found is None:
            self.hint.setText("Nothing is called so.")
            set_tone(self.hint, "muted")
            return
        self.hint.setText(found.why_not or "Enter: do it    Esc: leave")
        set_tone(self.hint, "warning" if found.why_not else "muted")

    def _run(self, index: QModelIndex) -> None:
        found = self.model.found(index)
        if found is None or found.why_not:
            return
        self.close()
        found.go()

    def _lay_out(self) -> None:
        self.list.setFixedHeight(_ROWS * _ROW)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addWidget(self.search)
        layout.addWidget(self.list)
        layout.addWidget(self.hint)


class _FoundModel(QAbstractListModel):
    """What was found; its words are also those that a screen reader reads out."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._found: Sequence[Found] = ()
        self.wanted = ""

    def show(self, found: Sequence[Found], wanted: str) -> None:
        """Show these instead, which were found for a text."""
        self.beginResetModel()
        self._found = found
        self.wanted = wanted
        self.endResetModel()

    def found(self, index: Index) -> Found | None:
        """What stands in a row."""
        return self._found[index.row()] if index.isValid() else None

    # Qt's side

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent and parent.isValid() else len(self._found)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        found = self.found(index)
        if found is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return found.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(filter(None, (found.title, found.subtitle, found.keys, found.why_not)))
        return None


class _Rows(QStyledItemDelegate):
    """Title and keys in one line, what it belongs to below."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    # Qt's side

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> Any:
        size = super().sizeHint(option, index)
        size.setHeight(_ROW)
        return size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, _FoundModel), "made for it"  # noqa: S101
        found = model.found(index)
        if found is None:
            return
        colours = self._theme.colours
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if chosen:
            painter.fillRect(option.rect, QColor(colours.selection))
        inner = option.rect.adjusted(2 * SPACE, SPACE, -2 * SPACE, -SPACE)
        if found.icon_name:
            top = inner.center().y() - ICON_SIZE // 2
            side = QRect(inner.left(), top, ICON_SIZE, ICON_SIZE)
            icon(found.icon_name, self._theme, "muted").paint(painter, side)
        inner.setLeft(inner.left() + ICON_SIZE + 2 * SPACE)
        upper = inner.adjusted(0, 0, 0, -inner.height() // 2)
        lower = inner.adjusted(0, inner.height() // 2, 0, 0)
        lesser = QColor(colours.text if chosen else colours.muted)
        painter.setPen(lesser)
        painter.drawText(upper, _RIGHT, found.keys)
        words = found.why_not or found.subtitle
        painter.drawText(lower, _LEFT, _elided(painter, words, lower.width()))
        room = upper.width() - painter.fontMetrics().horizontalAdvance(found.keys) - 2 * SPACE
        title = _elided(painter, found.title, room)
        ink = lesser if found.why_not else QColor(colours.text)
        _draw_marked(painter, upper, title, _marks(title, model.wanted, colours), ink)
        painter.restore()


def _marks(title: str, wanted: str, colours: Colours) -> Sequence[QTextLayout.FormatRange]:
    """What was typed, as it stands in the title."""
    marks = []
    for start, length in marks_in(wanted, title):
        mark = QTextLayout.FormatRange()
        mark.start, mark.length = start, length
        mark.format.setForeground(QColor(colours.accent))
        mark.format.setFontUnderline(True)  # colour is never the only sign
        marks.append(mark)
    return marks


def _draw_marked(
    painter: QPainter, area: QRect, text: str, marks: Sequence[QTextLayout.FormatRange], ink: QColor
) -> None:
    """Draw a line of text with its marks, in the middle of the area's height."""
    layout = QTextLayout(text, strong_font())
    layout.setFormats(marks)
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()
    painter.setPen(ink)
    layout.draw(painter, QPointF(area.left(), area.top() + (area.height() - line.height()) / 2))


def _elided(painter: QPainter, text: str, width: int) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, width)
