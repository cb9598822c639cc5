"""Texts on one line that are elided if there is not enough room."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QLabel,
    QSizePolicy,
    QStyle,
    QStyleOption,
    QStyleOptionComboBox,
    QStylePainter,
    QWidget,
)

from ibconsole.ui.toolkit import Colours, draw_marked, elide_matches, find_matches, plain_tooltip

_BUTTON_WIDTH = 440


class ElidedLabel(QLabel):
    """A label that adapts to its width; an elided text has a tooltip with the full text.

    The text is never interpreted as HTML, because it may come from outside.
    """

    MIN_WIDTH = 24

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__(text, parent)
        self._mode = mode
        self._has_tooltip = True
        self.wanted = ""
        self._colours: Colours | None = None
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def enable_tooltip(self, *, on: bool) -> None:
        """Set whether an elided text has a tooltip; turn it off for a secret."""
        self._has_tooltip = on
        if not on:
            self.setToolTip("")

    def mark(self, wanted: str, colours: Colours) -> None:
        """Mark the matches of a searched text; of an empty one there are none."""
        if (wanted, colours) != (self.wanted, self._colours):
            self.wanted, self._colours = wanted, colours
            self.update()

    # Qt's side

    def minimumSizeHint(self) -> QSize:
        return QSize(self.MIN_WIDTH, super().sizeHint().height())

    def sizeHint(self) -> QSize:
        line = self.text().splitlines()[0] if self.text() else ""
        width = self.fontMetrics().horizontalAdvance(line) + 2
        margins = self.contentsMargins()
        return QSize(
            width + margins.left() + margins.right(),
            self.fontMetrics().height() + margins.top() + margins.bottom(),
        )

    def paintEvent(self, _event: QPaintEvent) -> None:
        option = QStyleOption()
        option.initFrom(self)
        painter = QPainter(self)
        style = self.style()
        style.drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        area = self.contentsRect()
        line = " ".join(self.text().splitlines())
        shown = self.fontMetrics().elidedText(line, self._mode, area.width())
        if self._has_tooltip:
            whole = "" if shown == self.text() else plain_tooltip(self.text())
            if self.toolTip() != whole:
                self.setToolTip(whole)
        spans = find_matches(line, self.wanted)
        if spans and self._colours:
            painter.setPen(option.palette.color(QPalette.ColorRole.WindowText))
            marked = elide_matches(line, spans, self.fontMetrics(), self._mode, area.width())
            draw_marked(painter, area, *marked, self._colours)
            return
        role = QPalette.ColorRole.WindowText
        style.drawItemText(
            painter, area, int(self.alignment()), option.palette, self.isEnabled(), shown, role
        )


class ElidedComboBox(QComboBox):
    """A choice that may be narrower than its texts: the shown one is elided, not cut."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)

    @property
    def shown_text(self) -> str:
        """The current text as it is drawn."""
        return str(self._option().currentText)

    def _option(self) -> QStyleOptionComboBox:
        option = QStyleOptionComboBox()
        self.initStyleOption(option)
        style = self.style()
        field = style.subControlRect(
            QStyle.ComplexControl.CC_ComboBox,
            option,
            QStyle.SubControl.SC_ComboBoxEditField,
            self,
        )
        option.currentText = self.fontMetrics().elidedText(
            self.currentText(), Qt.TextElideMode.ElideRight, field.width()
        )
        return option

    # Qt's side

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter, option = QStylePainter(self), self._option()
        painter.drawComplexControl(QStyle.ComplexControl.CC_ComboBox, option)
        painter.drawControl(QStyle.ControlElement.CE_ComboBoxLabel, option)


def show_elided(button: QAbstractButton, text: str) -> None:
    """Show a text on a button, shortened in its middle if it is long; the tooltip has all of it."""
    shown = button.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, _BUTTON_WIDTH)
    button.setText(shown.replace("&", "&&"))
    button.setToolTip(plain_tooltip(text) if shown != text else "")
    button.setAccessibleName(text)
