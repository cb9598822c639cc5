"""The places whose selection can be pinned, and which of them the user is in."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QTabWidget, QWidget

from ibconsole.ui.toolkit import one_line

if TYPE_CHECKING:
    from ibconsole.services.evidence.async_cases import PinningWork

MOST_PINNED = 100  # messages or requests at once: each is written before the next is read
_NO_PLACE = "Select something that can be pinned first."


def short_title(title: str, most: int = 60) -> str:
    """Return the title of a case as one line of at most this number of characters."""
    line = one_line(title)
    return line if len(line) <= most else f"{line[:most].rstrip()}…"


class PinOffer(msgspec.Struct, frozen=True):
    """The offer of a place to pin something now.

    `noun` says what it is: "3 messages". `gather` reads what is not at hand, and returns the work
    that pins it; if that takes a while, `waits` says why. With a `reason` there is nothing to pin.
    """

    noun: str = ""
    gather: "Callable[[], Awaitable[PinningWork]] | None" = None
    reason: str = ""
    waits: str = ""


class PinPlace(msgspec.Struct, frozen=True):
    """A pane, its title, and what it offers at the moment."""

    widget: QWidget
    title: str
    offer: Callable[[], PinOffer]


class PinPlaces(QObject):
    """Follows the focus and the tabs; `changed` is emitted when something else can be pinned.

    A dialog or the palette that has the focus for a while leaves the place as it was.
    `whole_setup` offers the setup of all applications, which has no place.
    """

    changed = Signal()

    def __init__(
        self, tabs: QTabWidget, whole_setup: Callable[[], PinOffer], parent: QObject
    ) -> None:
        super().__init__(parent)
        self.whole_setup = whole_setup
        self._tabs = tabs
        self._places: list[PinPlace] = []
        self._inspectors: list[QWidget] = []
        self._current: PinPlace | None = None
        app = QApplication.instance()
        assert isinstance(app, QApplication), "widgets need one"  # noqa: S101
        app.focusChanged.connect(self._on_focus_changed)
        tabs.currentChanged.connect(self._on_tab_changed)

    @property
    def current(self) -> PinPlace | None:
        """The place that the user is in, else that of the open tab; None if it has none."""
        if self._current and self._current.widget.isVisible():
            return self._current
        return self._place_of_tab()

    @property
    def offer(self) -> PinOffer:
        """The offer of that place."""
        place = self.current
        return place.offer() if place else PinOffer(reason=_NO_PLACE)

    def add(self, place: PinPlace, *changes: Any) -> None:
        """Add a place; the signals `changes` say that it offers something else."""
        self._places.append(place)
        for change in changes:
            change.connect(self._on_change)
        self._on_change()

    def add_inspector(self, widget: QWidget) -> None:
        """Add what shows the selection of the open tab, and has none of its own."""
        self._inspectors.append(widget)

    def _place_of_tab(self) -> PinPlace | None:
        return next((one for one in self._places if one.widget is self._tabs.currentWidget()), None)

    def _place_at(self, focused: QWidget) -> PinPlace | None:
        if any(one.isAncestorOf(focused) for one in (*self._inspectors, self._tabs.tabBar())):
            return self._place_of_tab()
        inside = (one for one in self._places if one.widget.isAncestorOf(focused))
        return next(inside, None)

    def _on_focus_changed(self) -> None:
        focused = QApplication.focusWidget()
        if focused is None:
            return
        bar = self._tabs.tabBar()
        place = self._place_of_tab() if focused is bar else self._place_at(focused)
        if place and place is not self._current:
            self._current = place
            self._on_change()

    def _on_tab_changed(self) -> None:
        self._current = self._place_of_tab()
        self._on_change()

    def _on_change(self) -> None:
        self.changed.emit()
