"""A scroll area for content that needs more height than a small screen has."""

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication, QFrame, QScrollArea, QSplitter, QWidget


class FocusScroll(QScrollArea):
    """Scrolls a vertical splitter that does not fit, and shows the part that has the focus.

    The content has the height of the area as long as that is enough for its minimum. A click
    never scrolls: what is under the pointer stays there.
    """

    def __init__(self, content: QSplitter, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._parts = content
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        content.setMinimumWidth(1)  # it gets the width of the area, also if that is too little
        self.setWidget(content)
        app = QApplication.instance()
        assert isinstance(app, QApplication), "widgets need one"  # noqa: S101
        app.focusChanged.connect(self._on_focus_changed)

    def reveal(self, widget: QWidget) -> None:
        """Scroll to the part that contains the widget, unless all of the widget is in view."""
        content = self._parts
        if not content.isAncestorOf(widget) or not self.verticalScrollBar().maximum():
            return
        top = widget.mapTo(content, widget.rect().topLeft()).y()
        view = QRect(0, self.verticalScrollBar().value(), 1, self.viewport().height())
        if view.contains(QRect(0, top, 1, min(widget.height(), view.height()))):
            return
        part = self._part_of(widget)
        self.verticalScrollBar().setValue(part.y())
        if top + widget.height() > part.y() + view.height():
            self.verticalScrollBar().setValue(top + widget.height() - view.height())

    def _part_of(self, widget: QWidget) -> QWidget:
        while (parent := widget.parentWidget()) is not None and parent is not self._parts:
            widget = parent
        return widget

    def _on_focus_changed(self, left: QWidget | None, entered: QWidget | None) -> None:
        # A dialog or the palette that closes gives the focus back, which moves nothing.
        if not left or not entered or left.window() is not entered.window():
            return
        if QGuiApplication.mouseButtons() == Qt.MouseButton.NoButton:
            self.reveal(entered)
