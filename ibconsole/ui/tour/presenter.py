"""The course of the tour: its steps in turn, over a window in which work goes on."""

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QRect, Qt, Signal
from PySide6.QtWidgets import QApplication, QWidget

from ibconsole.ui.toolkit import Command, Group, Theme
from ibconsole.ui.tour.card import TourCard, TourOutline
from ibconsole.ui.tour.steps import STEPS, TourTargets

_MOVES = {QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.LayoutRequest}


class TourPresenter(QObject):
    """Shows one step at a time; `ended` is emitted when the user has finished or skipped it."""

    ended = Signal()
    sandbox_requested = Signal()

    def __init__(
        self,
        window: QWidget,
        theme: Theme,
        targets: TourTargets,
        is_connected: Callable[[], bool],
    ) -> None:
        super().__init__(window)
        self._window = window
        self._targets = targets
        self._is_connected = is_connected
        self._before: QWidget | None = None
        self._target: QWidget | None = None
        self.step = 0
        self.outline = TourOutline(theme, window)
        self.card = TourCard(theme, window)
        self.card.next_requested.connect(self.go_on)
        self.card.back_requested.connect(self.go_back)
        self.card.end_requested.connect(self.end)
        self.card.sandbox_requested.connect(self.sandbox_requested)
        self.command = Command("Take the tour", Group.HELP, self.start, parent=self)

    @property
    def is_shown(self) -> bool:
        """True between the start of the tour and its end."""
        return not self.card.isHidden()

    def start(self) -> None:
        """Begin with the first step, and take the focus, which comes back at the end."""
        if not self.is_shown:
            self._before = QApplication.focusWidget()
            self._window.installEventFilter(self)
        self.step = 0
        self._show()

    def go_on(self) -> None:
        """Show the next step; behind the last one, end."""
        if self.step + 1 < len(STEPS):
            self.step += 1
            self._show()
        else:
            self.end()

    def go_back(self) -> None:
        """Show the step before."""
        if self.step:
            self.step -= 1
            self._show()

    def end(self) -> None:
        """End the tour, and give the focus back."""
        if not self.is_shown:
            return
        held = self.card.isAncestorOf(QApplication.focusWidget() or self._window)
        self._window.removeEventFilter(self)
        self._follow(None)
        self.card.hide()
        self.outline.hide()
        if held and self._before and self._before.isVisible():
            self._before.setFocus(Qt.FocusReason.OtherFocusReason)
        self._before = None
        self.ended.emit()

    def _show(self) -> None:
        step, is_connected = STEPS[self.step], self._is_connected()
        self.card.sandbox.setVisible(step.offers_sandbox and not is_connected)
        self.card.show_step(
            step.title, step.sentence(is_connected=is_connected), (self.step + 1, len(STEPS))
        )
        self._follow(self._targets[step.part]())
        self._place()
        self.card.show()
        self.outline.raise_()
        self.card.raise_()
        self.card.next.setFocus(Qt.FocusReason.OtherFocusReason)

    def _follow(self, target: QWidget | None) -> None:
        """Watch where the part of the window goes that the step is about."""
        if self._target is not None and self._target is not self._window:
            self._target.removeEventFilter(self)
        self._target = target
        if target is not None and target is not self._window:
            target.installEventFilter(self)

    def _place(self) -> None:
        target, area = self._target, self._window.rect()
        shown = target is not None and target.isVisible()
        self.outline.setVisible(shown)
        if target is not None and shown:
            corner = target.mapTo(self._window, target.rect().topLeft())
            around = QRect(corner, target.size()).intersected(area)
        else:
            around = QRect(area.center(), area.center())
        self.outline.surround(around)
        self.card.place_next_to(around, area)

    # Qt's side

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in _MOVES and self.is_shown:
            self._place()
        return False
