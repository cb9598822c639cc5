"""Keeps the window and its dialogs within the screen, at any scale.

At a scale of 2 a screen of 1920 x 1080 has 960 x 540 pixels for a window: less than the smallest
size of the main window, and less than some dialogs need.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication, QScreen, QWindow
from PySide6.QtWidgets import (
    QApplication,
    QDialog,
    QFrame,
    QScrollArea,
    QSplitter,
    QStyle,
    QVBoxLayout,
    QWidget,
)

Available = Callable[[QWidget], QRect]


def available_area(window: QWidget) -> QRect:
    """Return the part of the window's screen without panels; empty if there is no real screen."""
    if QGuiApplication.platformName() in {"offscreen", "minimal"}:
        return QRect()
    return window.screen().availableGeometry()


class ScreenFit(QObject):
    """Fits a window into its screen when it is shown, moved to another, or its screen changes.

    The window's minimum size is reduced on a smaller screen. The dialogs that open over the
    window are fitted as well; the content of one that has too little room can be scrolled.
    """

    def __init__(self, window: QWidget, *, available: Available = available_area) -> None:
        super().__init__(window)
        self._window = window
        self._minimum = window.minimumSize()
        self._available = available
        self._screen: QScreen | None = None
        self._handle: QWindow | None = None
        self._frame_is_new = False
        window.installEventFilter(self)

    def fit(self) -> None:
        """Reduce and move the window so that all of it, frame included, is on its screen."""
        window, area = self._window, self._available(self._window)
        if area.isEmpty():
            return
        room = area.size() - _frame_of(window)
        window.setMinimumSize(self._minimum.boundedTo(room))
        if not window.isMaximized() and not window.isFullScreen():
            _place(window, window.size().boundedTo(room), area)

    def fit_dialog(self, dialog: QDialog) -> None:
        """Reduce and move a dialog; make its content scroll if it needs more room than there is."""
        area = self._available(self._window)
        if area.isEmpty():
            return
        room = area.size() - _frame_of(dialog)
        needed = dialog.minimumSizeHint().expandedTo(dialog.minimumSize())
        if needed.width() > room.width() or needed.height() > room.height():
            _make_scrollable(dialog)
            dialog.setMinimumSize(0, 0)
        size = dialog.size().expandedTo(dialog.minimumSizeHint())
        if size.width() > room.width() or size.height() > room.height():
            _place(dialog, size.boundedTo(room), area)

    def _follow_screen(self) -> None:
        handle = self._window.windowHandle()
        if handle is not None and handle is not self._handle:
            self._handle = handle
            handle.screenChanged.connect(self._on_screen_changed)
            self._on_screen_changed(handle.screen())

    def _on_screen_changed(self, screen: QScreen | None) -> None:
        if screen is not None and screen is not self._screen:
            self._screen = screen
            screen.availableGeometryChanged.connect(self.fit)
        self.fit()

    # Qt's side

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.Show and watched is self._window:
            self._follow_screen()
            self.fit()
            self._frame_is_new = True
        elif kind == QEvent.Type.WindowActivate and watched is self._window:
            if self._frame_is_new:  # only now is it known how much the frame adds
                self._frame_is_new = False
                self.fit()
        elif kind == QEvent.Type.Show and isinstance(watched, QDialog):
            self.fit_dialog(watched)
        elif kind == QEvent.Type.ChildPolished:
            child = event.child()  # type: ignore[attr-defined]  # a QChildEvent
            if isinstance(child, QDialog):
                child.installEventFilter(self)
        return False


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


def _frame_of(window: QWidget) -> QSize:
    """Return what the frame adds; before the window manager made one, an estimate of its title."""
    frame = window.frameGeometry().size() - window.geometry().size()
    title = window.style().pixelMetric(QStyle.PixelMetric.PM_TitleBarHeight)
    return frame if frame.height() else QSize(0, title)


def _place(window: QWidget, size: QSize, area: QRect) -> None:
    """Resize the window, and move it so that its frame is within the area."""
    if size != window.size():
        window.resize(size)
    outer, frame = window.frameGeometry(), _frame_of(window)
    right = area.right() + 1 - size.width() - frame.width()
    bottom = area.bottom() + 1 - size.height() - frame.height()
    corner = QPoint(
        max(min(outer.x(), right), area.left()), max(min(outer.y(), bottom), area.top())
    )
    if corner != outer.topLeft():
        window.move(corner)


def _make_scrollable(dialog: QDialog) -> None:
    inner = dialog.layout()
    if inner is None:
        return
    content = QWidget()
    content.setLayout(inner)  # moves the layout and its widgets
    scroll = QScrollArea(widgetResizable=True)
    scroll.setFrameShape(QFrame.Shape.NoFrame)
    scroll.setWidget(content)
    outer = QVBoxLayout(dialog)
    outer.setContentsMargins(0, 0, 0, 0)
    outer.addWidget(scroll)
