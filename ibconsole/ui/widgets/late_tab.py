"""Tabs whose panes are built when they are first needed, or while the user is idle."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from importlib import import_module
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QTimer
from PySide6.QtWidgets import QApplication, QTabWidget, QWidget

PaneT = TypeVar("PaneT", bound=QWidget)
_INPUT = {
    QEvent.Type.KeyPress,
    QEvent.Type.MouseMove,
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseButtonRelease,
    QEvent.Type.Wheel,
    QEvent.Type.TouchBegin,
}


class LateTab(Generic[PaneT]):
    """A tab with an empty page until it is shown, or until its pane is asked for.

    `modules` are those that the pane needs, in an order in which each imports few others. `parts`
    build what `make` takes: parts of the pane that take as long as the rest of it.
    """

    def __init__(
        self,
        tabs: QTabWidget,
        title: str,
        make: Callable[..., PaneT],
        modules: Sequence[str] = (),
        parts: Sequence[Callable[[], QWidget]] = (),
    ) -> None:
        self.modules = modules
        self.parts = parts
        self._built_parts: list[QWidget] = []
        self._tabs = tabs
        self._make = make
        self._empty = QWidget()
        self._pane: PaneT | None = None
        self._placed = False
        self._hooks: list[Callable[[PaneT], object]] = []
        tabs.addTab(self._empty, title)
        tabs.currentChanged.connect(self._on_current_changed)

    @property
    def pane(self) -> PaneT:
        """The pane, in its tab; it is built if it was not yet."""
        pane = self.prepare()
        if not self._placed:
            self._place(pane)
        return pane

    @property
    def built(self) -> PaneT | None:
        """The pane, None if nothing needed it yet."""
        return self._pane

    @property
    def placed(self) -> bool:
        """True once the pane is in its tab."""
        return self._placed

    @property
    def begun(self) -> bool:
        """True if the pane or a part of it is built."""
        return bool(self._pane or self._built_parts)

    def prepare_part(self) -> None:
        """Build the next part, if there is one."""
        if self._pane is None and len(self._built_parts) < len(self.parts):
            self._built_parts.append(self.parts[len(self._built_parts)]())

    def prepare(self) -> PaneT:
        """Build the pane if it was not yet; the tab stays empty until its pane is needed.

        It takes half of the time: the style sheet is applied when the pane is placed.
        """
        if self._pane is None:
            for _ in self.parts:
                self.prepare_part()
            self._pane = pane = self._make(*self._built_parts)
            self._built_parts.clear()
            hooks, self._hooks = self._hooks, []
            for hook in hooks:
                hook(pane)
        return self._pane

    @property
    def is_current(self) -> bool:
        """True if this tab is the one in front."""
        return self._tabs.currentWidget() in {self._empty, self._pane}

    def when_built(self, hook: Callable[[PaneT], object]) -> None:
        """Call `hook` with the pane once it is built, before it is shown; at once if it is."""
        if self._pane is None:
            self._hooks.append(hook)
        else:
            hook(self._pane)

    def _place(self, pane: PaneT) -> None:
        self._placed = True
        stops = _focus_stops(pane)
        has_focus = self._tabs.window().focusWidget() is self._empty
        self._replace_by(pane)
        self._order_focus(stops)
        if has_focus:  # as Qt does for a page that was there before
            next((one for one in stops if one.isEnabled() and one.isVisible()), pane).setFocus()

    def _replace_by(self, pane: PaneT) -> None:
        tabs, number, shown = self._tabs, self._tabs.indexOf(self._empty), self.is_current
        with QSignalBlocker(tabs):  # to others, it is the same tab
            title = tabs.tabText(number)
            tabs.insertTab(number, pane, title)
            if shown:
                tabs.setCurrentIndex(number)
            tabs.removeTab(number + 1)
        self._empty.deleteLater()

    def _order_focus(self, stops: Sequence[QWidget]) -> None:
        """Place the pane between the tabs and what follows them; Qt placed it last."""
        before: QWidget = self._tabs.tabBar()
        for stop in stops:
            QWidget.setTabOrder(before, stop)
            before = stop

    def _on_current_changed(self) -> None:
        if not self._placed and self.is_current:
            _ = self.pane


class IdleBuilder(QObject):
    """Builds late tabs in small steps, which wait until the user does nothing in the window.

    A step imports one module, builds one pane or a part of it, or places it. A tab that the user
    opens meanwhile is built then, and is left out here.
    """

    def __init__(
        self,
        window: QWidget,
        tabs: Sequence[LateTab[Any]],
        *,
        pause_ms: int = 100,
        quiet_ms: int = 700,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._steps = deque((tab, step) for tab in tabs for step in _steps(tab))
        self._quiet_ms = quiet_ms
        self._timer = QTimer(self, interval=pause_ms, singleShot=True)
        self._timer.timeout.connect(self._on_timeout)
        self._pause_ms = pause_ms
        self._handle: QObject | None = None

    def start(self) -> None:
        """Begin to wait for a quiet moment."""
        self._handle = self._window.windowHandle()
        if self._handle is not None:
            self._handle.installEventFilter(self)
        self._timer.start(self._quiet_ms)

    def stop(self) -> None:
        """Build no more; a pane that is built already gets its place, and with it an owner."""
        self._timer.stop()
        for tab in {tab for tab, _ in self._steps if tab.begun}:
            _ = tab.pane
        self._steps.clear()
        if self._handle is not None:
            self._handle.removeEventFilter(self)
            self._handle = None

    @property
    def done(self) -> bool:
        """True if nothing is left to build."""
        return not self._steps

    def _on_timeout(self) -> None:
        if QApplication.activeModalWidget() or QApplication.activePopupWidget():
            self._timer.start(self._quiet_ms)  # its input does not reach the window
            return
        while self._steps:
            tab, step = self._steps.popleft()
            if not tab.placed:
                step()
                break
        if self._steps:
            self._timer.start(self._pause_ms)
        else:
            self.stop()

    # Qt's side

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if event.type() in _INPUT and self._timer.isActive():
            self._timer.start(self._quiet_ms)
        return False


def _steps(tab: LateTab[Any]) -> Iterator[Callable[[], object]]:
    for module in tab.modules:
        yield partial(import_module, module)
    for _ in tab.parts:
        yield tab.prepare_part
    yield tab.prepare
    yield lambda: tab.pane


def _focus_stops(pane: QWidget) -> list[QWidget]:
    """Return the parts of a pane without a parent that Tab reaches, in their order.

    Qt's chain is their only record, in the order in which their layouts were filled.
    """
    stops = []
    part = pane.nextInFocusChain()
    while part is not None and part is not pane:
        following = part.nextInFocusChain()
        # PySide made the widget before it the owner of its Python object, which would become
        # unusable with that widget. Nothing but the owner changes: the parent is the same.
        part.setParent(part.parentWidget())
        if part.focusPolicy() & Qt.FocusPolicy.TabFocus and part.focusProxy() is None:
            stops.append(part)
        part = following
    return stops
