"""One line of text that is shortened rather than cut."""

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPalette
from PySide6.QtWidgets import QLabel, QSizePolicy, QStyle, QStyleOption, QWidget

from ibconsole.ui.toolkit import plain_tooltip


class ElidedLabel(QLabel):
    """Takes what room there is; the tooltip has the whole text where that is not enough.

    The text is never read as HTML: it may be anybody's.
    """

    NARROWEST = 24

    def __init__(
        self,
        text: str = "",
        parent: QWidget | None = None,
        *,
        mode: Qt.TextElideMode = Qt.TextElideMode.ElideRight,
    ) -> None:
        super().__init__(text, parent)
        self._mode = mode
        self._tells_whole = True
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def tell_whole(self, *, on: bool) -> None:
        """Whether the tooltip may show what is elided."""
        self._tells_whole = on
        if not on:
            self.setToolTip("")

    # Qt's side

    def minimumSizeHint(self) -> QSize:
        return QSize(self.NARROWEST, super().sizeHint().height())

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
        if self._tells_whole:
            whole = "" if shown == self.text() else plain_tooltip(self.text())
            if self.toolTip() != whole:
                self.setToolTip(whole)
        role = QPalette.ColorRole.WindowText
        style.drawItemText(
            painter, area, int(self.alignment()), option.palette, self.isEnabled(), shown, role
        )
