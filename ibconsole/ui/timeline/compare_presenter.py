"""The presenter of comparisons: of two applications, two accounts, or two times."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ibconsole.errors import UserError
from ibconsole.lazy import LazyModule
from ibconsole.model import Application
from ibconsole.services import console
from ibconsole.services.runtime import ConnectionStatus, Status
from ibconsole.ui.toolkit import Command, Group, Theme, UiTasks
from ibconsole.ui.widgets import open_dialog

if TYPE_CHECKING:
    from ibconsole.services.comparison import RowComparison
    from ibconsole.services.console import ComparableAccount, ComparedApplication
    from ibconsole.ui.timeline import compare_dialog
    from ibconsole.ui.timeline.compare_dialog import CompareDialog
    from ibconsole.ui.timeline.pane import ComparedPoints
else:  # imported when a dialog is opened first: the command is offered from the start
    compare_dialog = LazyModule("ibconsole.ui.timeline.compare_dialog")

_COMPARE, _ACCOUNTS = "compare setups", "accounts to compare"
_SIDES = ("left applications", "right applications")
_NO_CONNECTION = "No connection is open."


class ComparisonSource(Protocol):
    """Reads the setups of accounts."""

    async def accounts(self) -> "Sequence[ComparableAccount]": ...
    async def applications(self, connection: str, /) -> list[Application]: ...
    async def compare(
        self, left: "ComparedApplication", right: "ComparedApplication", /
    ) -> "RowComparison": ...


class PointSource(Protocol):
    """Compares the recorded setups of an application at two instants."""

    async def compare_points(
        self, connection: str, application: str, left: int, right: int, /
    ) -> "RowComparison": ...


class ComparePresenter(QObject):
    """Opens a dialog on what is selected, and reads what is chosen in it.

    `selected` returns the selected applications, `listed` all of the current account.
    """

    def __init__(
        self,
        source: ComparisonSource,
        tasks: UiTasks,
        theme: Theme,
        window: QWidget,
        *,
        selected: Callable[[], Sequence[Application]],
        listed: Callable[[], Sequence[Application]],
    ) -> None:
        super().__init__(window)
        self._source = source
        self._tasks = tasks
        self._theme = theme
        self._window = window
        self._selected = selected
        self._listed = listed
        self._connection = ConnectionStatus()
        self._dialog: compare_dialog.CompareDialog | None = None
        self.compare = Command(
            "Compare setups…", Group.SETUP, self.open, icon_name="columns-2", parent=self
        )
        self.compare.set_disabled_reason(_NO_CONNECTION)

    def show_status(self, status: Status) -> None:
        """Follow the connection, to which the selected applications belong."""
        self._connection = status.connection
        self.compare.set_disabled_reason("" if self._connection.name else _NO_CONNECTION)

    def open(self) -> None:
        """Compare the two applications that are selected; one of them, or both, can be chosen."""
        dialog = self._open_dialog()
        dialog.sides_chosen.connect(lambda *sides: self._start(self._source.compare, *sides))
        dialog.refresh_requested.connect(self._on_refresh)
        dialog.account_chosen.connect(self._on_account_chosen)
        dialog.show_loading()
        self._tasks.start(_ACCOUNTS, self._offer, dialog)

    def compare_points(
        self, source: PointSource, application: Application, points: "ComparedPoints"
    ) -> None:
        """Compare the setup of an application at two instants, as it was recorded."""
        dialog = self._open_dialog()
        dialog.name_sides(points.left_name, points.right_name)
        dialog.table.setFocus()
        of = (self._connection.id, application.code, points.left, points.right)
        dialog.refresh_requested.connect(lambda: self._start(source.compare_points, *of))
        self._start(source.compare_points, *of)

    def _open_dialog(self) -> "CompareDialog":
        self._stop()
        dialog = self._dialog = compare_dialog.CompareDialog(self._theme, self._window)
        dialog.finished.connect(self._stop)
        open_dialog(dialog)
        return dialog

    def _stop(self) -> None:
        """End what is being read for a dialog that is closed."""
        self._dialog = None
        for name in (_COMPARE, _ACCOUNTS, *_SIDES):
            self._tasks.cancel(name)

    def _start(self, read: "Callable[..., Awaitable[RowComparison]]", *of: object) -> None:
        if self._dialog is not None:
            self._tasks.start(_COMPARE, self._compare, self._dialog, lambda: read(*of))

    async def _compare(
        self, dialog: "CompareDialog", read: "Callable[[], Awaitable[RowComparison]]"
    ) -> None:
        dialog.show_loading()
        try:
            comparison = await read()
        except UserError as error:
            dialog.show_failed(error)
            return
        dialog.show_comparison(comparison)

    async def _offer(self, dialog: "CompareDialog") -> None:
        """Offer the applications of this account, compare the selected ones; offer accounts."""
        codes = (*[one.code for one in self._selected()][:2], "", "")
        current = console.ComparableAccount(self._connection.id, self._connection.name)
        choices = await asyncio.to_thread(compare_dialog.list_choices, self._listed())
        for side, code in zip(dialog.sides, codes, strict=False):
            side.show_accounts((current,), current.connection)
            side.show_applications(choices, code)
        left, right = dialog.chosen
        if left and right:
            dialog.table.setFocus()
            self._start(self._source.compare, left, right)
        else:
            dialog.show_comparison(None)
            dialog.sides[1 if left else 0].application.setFocus()
        try:
            accounts = await self._source.accounts()
        except UserError as error:
            dialog.show_failed(error)
            return
        for side in dialog.sides:
            side.show_accounts(accounts, side.account.currentData())

    async def _offer_applications(self, dialog: "CompareDialog", number: int, uuid: str) -> None:
        """Offer the applications of an account, and choose the one of the same name."""
        other = dialog.sides[1 - number].application.currentText()
        dialog.show_loading()
        try:
            is_current = uuid == self._connection.id
            listed = self._listed() if is_current else await self._source.applications(uuid)
        except UserError as error:
            dialog.show_failed(error)
            return
        choices = await asyncio.to_thread(compare_dialog.list_choices, listed)
        # The application of the same name in the other account is most likely the one meant.
        same = [one.code for one in choices if one.name == other] if other else []
        dialog.sides[number].show_applications(choices, same[0] if len(same) == 1 else "")
        dialog.sides[number].changed.emit()

    def _on_account_chosen(self, number: int, uuid: str) -> None:
        if self._dialog is None:
            return
        self._dialog.show_comparison(None)
        self._tasks.start(_SIDES[number], self._offer_applications, self._dialog, number, uuid)

    def _on_refresh(self) -> None:
        left, right = self._dialog.chosen if self._dialog else (None, None)
        if left and right:
            self._start(self._source.compare, left, right)
