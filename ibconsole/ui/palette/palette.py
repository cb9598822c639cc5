"""The command palette: a search field and a list of results over the window."""

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
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QPainter, QTextLayout
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

from ibconsole.errors import Severity
from ibconsole.ui.palette.search_providers import SearchProvider, SearchResult, find_highlights
from ibconsole.ui.toolkit import ICON_SIZE, SPACE, Colours, Theme, icon, strong_font
from ibconsole.ui.widgets import set_tone

_WIDTH = 620
_ROW_HEIGHT = 44
_VISIBLE_ROWS = 9
_TOP = 12 * SPACE  # below the upper edge of the window
# Longer lists are not read; more typing narrows them.
_MAX_RESULTS = 60

_LEFT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft)
_RIGHT = int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)

Index = QModelIndex | QPersistentModelIndex


class Palette(QFrame):
    """A popup over the window: Enter runs the selected result, Esc or a click elsewhere closes."""

    def __init__(self, providers: Sequence[SearchProvider], theme: Theme, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._window = parent
        self.setObjectName("palette")
        self.setAccessibleName("Find or run")
        self._providers = providers
        self.model = _ResultsModel(self)
        self.search = QLineEdit(placeholderText="A command, an application, a code, a URL")
        self.search.setAccessibleName("Search")
        self.list = QListView()
        self.list.setAccessibleName("Results")
        self.list.setModel(self.model)
        self.list.setItemDelegate(_ResultDelegate(theme, self.list))
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
        self.list.selectionModel().currentChanged.connect(self._show_hint)

    def open(self) -> None:
        """Show the palette with every command listed and the cursor in the search field."""
        self.search.clear()
        self._on_text_changed("")
        window = self._window
        width = min(_WIDTH, window.width() - 8 * SPACE)
        self.resize(width, self.sizeHint().height())
        corner = window.mapToGlobal(window.rect().topLeft())
        self.move(corner.x() + (window.width() - width) // 2, corner.y() + _TOP)
        self.show()
        self.search.setFocus()

    # Qt's side

    def eventFilter(self, _watched: Any, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.type() != QEvent.Type.KeyPress:
            return False
        steps = {
            Qt.Key.Key_Down: 1,
            Qt.Key.Key_Up: -1,
            Qt.Key.Key_PageDown: _VISIBLE_ROWS,
            Qt.Key.Key_PageUp: -_VISIBLE_ROWS,
        }
        key = Qt.Key(event.key())
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self._run(self.list.currentIndex())
        elif key in steps:
            self._move(steps[key])
        else:
            return False
        return True

    @property
    def _room(self) -> int:
        """The number of results that can be seen at once within the window."""
        others = self.search.sizeHint().height() + self.hint.sizeHint().height() + 8 * SPACE
        return max(1, min(_VISIBLE_ROWS, (self._window.height() - _TOP - others) // _ROW_HEIGHT))

    def _move(self, step: int) -> None:
        count = self.model.rowCount()
        if not count:
            return
        row = self.list.currentIndex().row() + step
        # Steps wrap around at the ends; pages stop there.
        row = row % count if abs(step) == 1 else max(0, min(row, count - 1))
        self.list.setCurrentIndex(self.model.index(row))

    def _on_text_changed(self, text: str) -> None:
        results: list[SearchResult] = []
        for provider in self._providers:
            results += provider.search(text, _MAX_RESULTS)
        self.model.show_results(results, text)
        self.list.setCurrentIndex(self.model.index(0))
        rows, frame = min(len(results), self._room), 2 * self.list.frameWidth()
        self.list.setFixedHeight(rows * _ROW_HEIGHT + (frame if rows else 0))
        self._show_hint()
        self._layout.activate()  # otherwise the former height is still the smallest one
        self.resize(self.width(), self.sizeHint().height())

    def _show_hint(self) -> None:
        result = self.model.result(self.list.currentIndex())
        if result is None:
            self.hint.setText("No matches.")
            set_tone(self.hint, Severity.MUTED)
            return
        self.hint.setText(result.disabled_reason or "↵ Run  Esc Close")
        set_tone(self.hint, Severity.WARNING if result.disabled_reason else Severity.MUTED)

    def _run(self, index: QModelIndex) -> None:
        result = self.model.result(index)
        if result is None or result.disabled_reason:
            return
        self.close()
        result.go()

    def _lay_out(self) -> None:
        self._layout = QVBoxLayout(self)
        self._layout.setContentsMargins(2 * SPACE, 2 * SPACE, 2 * SPACE, 2 * SPACE)
        self._layout.setSpacing(2 * SPACE)
        self._layout.addWidget(self.search)
        self._layout.addWidget(self.list)
        self._layout.addWidget(self.hint)


class _ResultsModel(QAbstractListModel):
    """The search results; the accessible text of each is read out by screen readers."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._results: Sequence[SearchResult] = ()
        self.typed = ""

    def show_results(self, results: Sequence[SearchResult], typed: str) -> None:
        """Replace the results by those for a typed text."""
        self.beginResetModel()
        self._results = results
        self.typed = typed
        self.endResetModel()

    def result(self, index: Index) -> SearchResult | None:
        """Return the result of a row; None for an invalid index."""
        return self._results[index.row()] if index.isValid() else None

    # Qt's side

    def rowCount(self, parent: Index | None = None) -> int:
        return 0 if parent and parent.isValid() else len(self._results)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        result = self.result(index)
        if result is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return result.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            spoken = (result.title, result.subtitle, result.keys, result.disabled_reason)
            return ", ".join(filter(None, spoken))
        return None


class _ResultDelegate(QStyledItemDelegate):
    """Draws a result: title and shortcut in one line, the subtitle below."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme

    # Qt's side

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> Any:
        size = super().sizeHint(option, index)
        size.setHeight(_ROW_HEIGHT)
        return size

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        model = index.model()
        assert isinstance(model, _ResultsModel), "the only model of the list"  # noqa: S101
        result = model.result(index)
        if result is None:
            return
        colours = self._theme.colours
        selected = bool(option.state & QStyle.StateFlag.State_Selected)
        painter.save()
        if selected:
            painter.fillRect(option.rect, QColor(colours.selection))
        inner = option.rect.adjusted(2 * SPACE, SPACE, -2 * SPACE, -SPACE)
        if result.icon_name:
            top = inner.center().y() - ICON_SIZE // 2
            square = QRect(inner.left(), top, ICON_SIZE, ICON_SIZE)
            icon(result.icon_name, self._theme, Severity.MUTED).paint(painter, square)
        inner.setLeft(inner.left() + ICON_SIZE + 2 * SPACE)
        upper = inner.adjusted(0, 0, 0, -inner.height() // 2)
        lower = inner.adjusted(0, inner.height() // 2, 0, 0)
        secondary = QColor(colours.text if selected else colours.muted)
        painter.setPen(secondary)
        painter.drawText(upper, _RIGHT, result.keys)
        subtitle = result.disabled_reason or result.subtitle
        painter.drawText(lower, _LEFT, _elided(painter, subtitle, lower.width()))
        width = upper.width() - painter.fontMetrics().horizontalAdvance(result.keys) - 2 * SPACE
        # The title is bold, so the painter's metrics would let it run out of its room.
        metrics = QFontMetrics(strong_font())
        title = metrics.elidedText(result.title, Qt.TextElideMode.ElideMiddle, width)
        pen = secondary if result.disabled_reason else QColor(colours.text)
        _draw_highlighted(painter, upper, title, _highlights(title, model.typed, colours), pen)
        painter.restore()


def _highlights(title: str, typed: str, colours: Colours) -> Sequence[QTextLayout.FormatRange]:
    formats = []
    for start, length in find_highlights(typed, title):
        piece = QTextLayout.FormatRange()
        # Qt counts UTF-16: an emoji before it is two.
        piece.start = len(title[:start].encode("utf-16-le", "surrogatepass")) // 2
        piece.length = len(title[start:][:length].encode("utf-16-le", "surrogatepass")) // 2
        piece.format.setForeground(QColor(colours.accent))
        piece.format.setFontUnderline(True)  # colour is never the only sign
        formats.append(piece)
    return formats


def _draw_highlighted(
    painter: QPainter,
    area: QRect,
    text: str,
    formats: Sequence[QTextLayout.FormatRange],
    pen: QColor,
) -> None:
    """Draw a line of text with its highlights, centred vertically in the area."""
    layout = QTextLayout(text, strong_font())
    layout.setFormats(formats)
    layout.beginLayout()
    line = layout.createLine()
    layout.endLayout()
    painter.setPen(pen)
    layout.draw(painter, QPointF(area.left(), area.top() + (area.height() - line.height()) / 2))


def _elided(painter: QPainter, text: str, width: int) -> str:
    return painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, width)
