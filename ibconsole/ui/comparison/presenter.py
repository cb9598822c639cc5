"""The presenter of comparisons of bodies: it has two of them compared, and shows the outcome."""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.ui.toolkit import Theme, UiTasks
from ibconsole.ui.widgets import open_dialog

if TYPE_CHECKING:
    from ibconsole.services import comparison
    from ibconsole.services.comparison import RowComparison, StoredKind
    from ibconsole.ui.comparison import dialog
else:  # imported when a dialog is opened first
    comparison = LazyModule("ibconsole.services.comparison")
    dialog = LazyModule("ibconsole.ui.comparison.dialog")

_TASK = "compare bodies"


class StoredComparison(Protocol):
    """Compares what is stored."""

    async def compare(self, kind: "StoredKind", left: int, right: int, /) -> "RowComparison": ...


class BodyComparisonPresenter(QObject):
    """Opens a dialog on two stored messages or requests, or on any two bodies.

    `find_stored` returns what compares what is stored, when that is wanted first.
    At most one dialog reads at a time; what is read for one that is closed ends.
    """

    def __init__(
        self,
        find_stored: Callable[[], StoredComparison],
        tasks: UiTasks,
        theme: Theme,
        window: QWidget,
    ) -> None:
        super().__init__(window)
        self._find_stored = find_stored
        self._tasks = tasks
        self._theme = theme
        self._window = window

    def compare_messages(self, left: int, right: int) -> None:
        """Compare two stored messages by their ids."""
        self._compare_stored(comparison.StoredKind.MESSAGE, left, right)

    def compare_requests(self, left: int, right: int) -> None:
        """Compare the bodies of two stored requests or pulls by their ids."""
        self._compare_stored(comparison.StoredKind.DELIVERY, left, right)

    def compare(
        self,
        title: str,
        names: tuple[str, str],
        read: "Callable[[], Awaitable[RowComparison]]",
    ) -> None:
        """Open a dialog of this title on what `read` compares; it may raise a UserError."""
        shown = dialog.BodyComparisonDialog(self._theme, title, names, self._window)
        shown.refresh_requested.connect(lambda: self._start(shown, read))
        shown.finished.connect(lambda: self._tasks.cancel(_TASK))
        open_dialog(shown)
        self._start(shown, read)

    def _compare_stored(self, kind: "StoredKind", left: int, right: int) -> None:
        noun = "message" if kind is comparison.StoredKind.MESSAGE else "request"
        self.compare(
            f"Compare {noun}s",
            (f"{noun.capitalize()} {left}", f"{noun.capitalize()} {right}"),
            lambda: self._find_stored().compare(kind, left, right),
        )

    def _start(
        self,
        shown: "dialog.BodyComparisonDialog",
        read: "Callable[[], Awaitable[RowComparison]]",
    ) -> None:
        self._tasks.start(_TASK, self._read, shown, read)

    async def _read(
        self,
        shown: "dialog.BodyComparisonDialog",
        read: "Callable[[], Awaitable[RowComparison]]",
    ) -> None:
        shown.show_loading()
        try:
            found = await read()
        except UserError as error:
            shown.show_failed(error)
            return
        shown.show_comparison(found)
