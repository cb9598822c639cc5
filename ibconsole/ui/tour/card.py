"""The card of the tour, and the outline around the part of the window that it is about.

Both lie over the window and prevent no work in it: the outline lets the mouse through, and the
card leaves the part that it is about visible.
"""

from PySide6.QtCore import QPoint, QRect, Qt, Signal
from PySide6.QtGui import QColor, QKeySequence, QPainter, QPaintEvent, QPen, QShortcut
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from ibconsole.ui.toolkit import SPACE, Theme
from ibconsole.ui.widgets import ButtonKind, PushButton, button_row, heading, muted, paragraph

_WIDTH = 340
_GAP = 2 * SPACE
_LINE = 2  # pixels


class TourCard(QFrame):
    """Says what one step is about, with the ways on, back and out."""

    next_requested = Signal()
    back_requested = Signal()
    end_requested = Signal()
    sandbox_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("toast")
        self.setFixedWidth(_WIDTH)
        self.title = heading("")
        self.text = paragraph("")
        self.place = muted("")
        self.sandbox = PushButton("Try the sandbox", theme, icon_name="play")
        self.skip = PushButton("Skip the tour", theme)
        self.back = PushButton("Back", theme)
        self.next = PushButton("Next", theme, kind=ButtonKind.PRIMARY)
        self.next.clicked.connect(self.next_requested)
        self.back.clicked.connect(self.back_requested)
        self.skip.clicked.connect(self.end_requested)
        self.sandbox.clicked.connect(self.sandbox_requested)
        for keys, run in (
            ("Return", self._press),
            ("Enter", self._press),
            ("Escape", self.end_requested.emit),
        ):
            shortcut = QShortcut(QKeySequence(keys), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(run)
        self._lay_out()
        self.hide()

    def show_step(self, title: str, text: str, place: tuple[int, int]) -> None:
        """Show a step; `place` is its number, from 1 on, and that of all."""
        number, last = place
        self.title.setText(title)
        self.text.setText(text)
        self.place.setText(f"{number} of {last}")
        self.back.setEnabled(number > 1)
        self.next.setText("Next" if number < last else "Done")
        self.skip.setVisible(number < last)
        self.setAccessibleName(f"Tour, step {number} of {last}: {title}")
        self.setAccessibleDescription(text)
        layout = self.layout()
        assert layout is not None, "made with one"  # noqa: S101
        layout.activate()
        self.resize(_WIDTH, layout.totalHeightForWidth(_WIDTH))

    def _press(self) -> None:
        """Press the button with the focus, which Enter does in dialogs only."""
        focused = self.focusWidget()
        if isinstance(focused, QPushButton):
            focused.click()

    def place_next_to(self, target: QRect, area: QRect) -> None:
        """Move the card next to a part of the window: below, above, or at its bottom edge."""
        x = max(area.left() + _GAP, min(target.left(), area.right() - self.width() - _GAP))
        below, above = target.bottom() + _GAP, target.top() - self.height() - _GAP
        if below + self.height() <= area.bottom():
            y = below
        elif above >= area.top():
            y = above
        else:  # the part fills the window
            x = area.right() - self.width() - 2 * _GAP
            y = max(area.top(), min(target.bottom(), area.bottom()) - self.height() - 2 * _GAP)
        self.move(QPoint(x, y))

    def _lay_out(self) -> None:
        head = QHBoxLayout()
        head.addWidget(self.title, 1)
        head.addWidget(self.place)
        buttons = button_row(self.back, self.next, at_start=(self.skip,))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * SPACE, 3 * SPACE, 4 * SPACE, 3 * SPACE)
        layout.setSpacing(2 * SPACE)
        layout.addLayout(head)
        layout.addWidget(self.text)
        layout.addWidget(self.sandbox, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addLayout(buttons)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)


class TourOutline(QWidget):
    """A line around a part of the window, in the accent colour."""

    def __init__(self, theme: Theme, parent: QWidget) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        theme.changed.connect(self.update)
        self.hide()

    def surround(self, target: QRect) -> None:
        """Move the line around a part of the window."""
        self.setGeometry(target)

    # Qt's side

    def paintEvent(self, _event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(QColor(self._theme.colours.accent), _LINE))
            painter.drawRoundedRect(self.rect().adjusted(1, 1, -1, -1), SPACE, SPACE)
