"""Cells of text, painted in a third of the time that Qt's own delegate takes.

Qt lays each text out several times in each repaint, once to elide it: 10 ms for the 120 cells of
a small table, which is most of what a new row, a new order or a turn of the wheel costs. Here the
elided texts are remembered.
"""

from math import ceil

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QPointF, QRect, Qt
from PySide6.QtGui import QColor, QFontMetrics, QFontMetricsF, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ibconsole.ui.toolkit import Theme

Index = QModelIndex | QPersistentModelIndex

_MOST_ELIDED = 4096
_RIGHT = Qt.AlignmentFlag.AlignRight.value
# Numbers: an operation on an enum takes 1 us, and a table has some hundred cells.
_SELECTED = QStyle.StateFlag.State_Selected.value
_FOCUSED = QStyle.StateFlag.State_HasFocus.value
_ACTIVE = QStyle.StateFlag.State_Active.value
_ENABLED = QStyle.StateFlag.State_Enabled.value


class TextCells(QStyledItemDelegate):
    """A delegate for cells without icons, fonts or brushes of their own: text on one line.

    Each table has its own: it remembers the alignment of a column, and how the style places texts.
    """

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        # Texts as shown, and their distance from the left edge.
        self._elided: dict[tuple[str, int, int], tuple[str, float]] = {}
        self._metrics: QFontMetrics | None = None
        self._margins = 0, 0
        self._baseline = 0.0
        self._alignments: dict[int, int] = {}

    def colour(self, option: QStyleOptionViewItem, _index: Index) -> QColor:
        """Return the colour of the text in a cell."""
        groups, roles, state = QPalette.ColorGroup, QPalette.ColorRole, option.state.value
        group = groups.Normal if state & _ACTIVE else groups.Inactive
        role = roles.HighlightedText if state & _SELECTED else roles.Text
        palette: QPalette = option.palette
        return palette.color(group if state & _ENABLED else groups.Disabled, role)

    def paint_background(
        self, painter: QPainter, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """Paint what the style paints under the text of a selected or current cell."""
        state = option.state.value
        if state & _FOCUSED:
            cell = QStyleOptionViewItem(option)
            self.initStyleOption(cell, index)
            cell.text = ""
            element = QStyle.ControlElement.CE_ItemViewItem
            cell.widget.style().drawControl(element, cell, painter, cell.widget)
        elif state & _SELECTED:
            panel = QStyle.PrimitiveElement.PE_PanelItemViewItem
            option.widget.style().drawPrimitive(panel, option, painter, option.widget)

    def text_area(self, option: QStyleOptionViewItem, index: Index) -> QRect:
        """Return the area of the text in a cell, as the style has it."""
        if self._metrics is None or option.fontMetrics != self._metrics:
            # A copy: the option is freed after painting.
            self._metrics = QFontMetrics(option.fontMetrics)
            self._elided.clear()
            self._margins = self._measure_margins(option, index)
            exact = QFontMetricsF(option.font)
            self._baseline = exact.ascent() - ceil(exact.height()) // 2
        left, right = self._margins
        area: QRect = option.rect
        return area.adjusted(left, 0, -right, 0)

    def _measure_margins(self, option: QStyleOptionViewItem, index: Index) -> tuple[int, int]:
        cell = QStyleOptionViewItem(option)
        self.initStyleOption(cell, index)
        style = cell.widget.style()
        area = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, cell, cell.widget)
        inner = style.pixelMetric(QStyle.PixelMetric.PM_FocusFrameHMargin, cell, cell.widget) + 1
        return area.left() - cell.rect.left() + inner, cell.rect.right() - area.right() + inner

    def _elide(
        self, text: str, option: QStyleOptionViewItem, index: Index, width: int
    ) -> tuple[str, float]:
        column = index.column()
        known = self._elided.get((text, column, width))
        if known is None:
            if len(self._elided) >= _MOST_ELIDED:
                self._elided.clear()
            metrics = QFontMetricsF(option.font)
            shown = metrics.elidedText(text, option.textElideMode, width).replace("\n", " ")
            spare = width - metrics.horizontalAdvance(shown)
            known = shown, max(spare, 0.0) if self._alignment(index) & _RIGHT else 0.0
            self._elided[text, column, width] = known
        return known

    def _alignment(self, index: Index) -> int:
        column = index.column()
        if column not in self._alignments:
            alignment = index.data(Qt.ItemDataRole.TextAlignmentRole)
            self._alignments[column] = alignment.value if alignment else 0
        return self._alignments[column]

    # Qt's side

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        self.paint_background(painter, option, index)
        text = index.data()
        if text:
            area = self.text_area(option, index)
            shown, distance = self._elide(text, option, index, area.width())
            painter.setFont(option.font)
            painter.setPen(self.colour(option, index))
            # The direction of the table, for a text of any script, as in Qt's cells.
            painter.setLayoutDirection(Qt.LayoutDirection.LeftToRight)
            middle = area.top() + area.height() // 2
            painter.drawText(QPointF(area.left() + distance, middle + self._baseline), shown)


class TintedCells(TextCells):
    """A delegate that paints the text of a column in one colour, a field of `Colours`."""

    def __init__(self, theme: Theme, role: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._role = role

    def colour(self, _option: QStyleOptionViewItem, _index: Index) -> QColor:
        return QColor(getattr(self._theme.colours, self._role))
