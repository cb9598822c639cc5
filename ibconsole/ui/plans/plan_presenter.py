"""A plan from its making to its end: read, reviewed, carried out, reported."""

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from ibconsole.errors import Severity, UserError
from ibconsole.lazy import LazyModule
from ibconsole.plural import counted
from ibconsole.services.connections import Environment
from ibconsole.services.documents import InvalidDocument
from ibconsole.services.runtime import ConnectionStatus
from ibconsole.ui.setup import CHANGE, SetupSelection
from ibconsole.ui.toolkit import Permit, Theme, UiTasks, run_at_once
from ibconsole.ui.widgets import open_dialog

if TYPE_CHECKING:
    from ibconsole.services.setup import plans
    from ibconsole.ui.plans import plan_dialog
else:  # imported when a plan is opened first
    plans = LazyModule("ibconsole.services.setup.plans")
    plan_dialog = LazyModule("ibconsole.ui.plans.plan_dialog")

_PREPARE = "make a plan"
_BUSY = "A change is in progress; nothing was sent. Try again when it has ended."

# Makes a plan, from what it reads of the account; what it is given shows a sentence meanwhile.
PlanSource = Callable[[Callable[[str], object]], "Awaitable[plans.Plan]"]


class PlanExecutor(Protocol):
    """Carries out plans on the current connection; see `PlanRunner.run`."""

    async def run(
        self,
        plan: "plans.Plan",
        on_progress: "plans.OnProgress",
        is_stopped: Callable[[], bool],
        *,
        chosen: Collection[int] | None,
    ) -> "plans.PlanResult": ...


class PlanPresenter(QObject):
    """Opens the dialog of a plan, and carries out what the user chooses in it.

    Whatever sends something is passed to `permit` first. `finished` carries a sentence about a plan
    that was carried out, and its act; `touched` the codes of the applications of a plan that was
    begun, as their setup is another one now.
    """

    finished = Signal(str, str)
    touched = Signal(object)

    def __init__(
        self,
        window: QWidget,
        selection: SetupSelection,
        executor: PlanExecutor,
        tasks: UiTasks,
        theme: Theme,
    ) -> None:
        super().__init__(window)
        self.window = window
        self.selection = selection
        self._executor = executor
        self._tasks = tasks
        self._theme = theme
        self.permit: Permit = run_at_once
        self._plan: plans.Plan | None = None
        self._stopped = False

    def open(self, title: str, reading: str, prepare: PlanSource) -> "plan_dialog.PlanDialog":
        """Open the dialog, and make the plan; `reading` says what is read for that."""
        connection = self.selection.connection
        dialog = plan_dialog.PlanDialog(title, _place_of(connection), self._theme, self.window)

        def start() -> None:
            dialog.show_reading(reading)
            self._tasks.start(_PREPARE, self.prepare, dialog, prepare)

        dialog.retry_requested.connect(start)
        dialog.run_requested.connect(lambda chosen: self._on_run_requested(dialog, chosen))
        dialog.stop_requested.connect(self._on_stop_requested)
        dialog.finished.connect(lambda: self._tasks.cancel(_PREPARE))
        open_dialog(dialog)
        start()
        return dialog

    async def prepare(self, dialog: "plan_dialog.PlanDialog", prepare: PlanSource) -> None:
        """Make a plan and show it, or why there is none."""

        def show(sentence: str) -> None:
            # What was read may become known after the dialog was closed.
            if isValid(dialog):  # type: ignore[no-untyped-call]
                dialog.show_reading(sentence)

        try:
            plan = await prepare(show)
            review = await asyncio.to_thread(plans.PlanReview, plan)
        except UserError as error:
            dialog.show_not_planned(error, _way_on(error))
            return
        self._plan = plan
        dialog.show_plan(review)

    async def run(
        self, dialog: "plan_dialog.PlanDialog", plan: "plans.Plan", chosen: Collection[int]
    ) -> None:
        """Carry out the chosen steps of a plan, or what is left of them."""
        self._stopped = False
        dialog.show_running()
        try:
            with self.selection.change():
                result = await self._executor.run(
                    plan, dialog.show_progress, lambda: self._stopped, chosen=chosen
                )
        except UserError as error:
            dialog.show_stopped(error)
        else:
            if result.left:
                dialog.show_stopped(result.error, replan=isinstance(result.error, plans.Drifted))
            else:
                dialog.finish()
                done = counted(len(result.done), "step")
                self.finished.emit(f"{plan.title}: {done} done.", plan.id)
        finally:
            if dialog.is_running:  # an unexpected error, which is reported elsewhere
                dialog.show_stopped(None)
            self.touched.emit({step.application for step in plan.steps})

    def _on_run_requested(self, dialog: "plan_dialog.PlanDialog", chosen: Collection[int]) -> None:
        plan = self._plan
        if plan:
            # Permitted again: the time for which it was unlocked may have ended meanwhile.
            self.permit(lambda: self._start(dialog, plan, chosen))

    def _start(
        self, dialog: "plan_dialog.PlanDialog", plan: "plans.Plan", chosen: Collection[int]
    ) -> None:
        if self._tasks.running(CHANGE):
            dialog.banner.show_notice(Severity.WARNING, _BUSY)
        else:
            self._tasks.start(CHANGE, self.run, dialog, plan, chosen)

    def _on_stop_requested(self) -> None:
        self._stopped = True


def _way_on(error: UserError) -> str:
    """Return the name of what can be done about a plan that could not be made, empty if nothing."""
    if isinstance(error, plans.UndoConflict):
        return "Put the actions into it" if error.can_be_put else ""
    if isinstance(error, InvalidDocument):
        return "Read it again"
    return "" if isinstance(error, plans.NotUndoable | plans.NoSuchAct) else "Retry"


def _place_of(connection: ConnectionStatus) -> "plan_dialog.PlanPlace":
    production = connection.environment == Environment.PRODUCTION
    typed = connection.name if production and not connection.is_read_only else ""
    return plan_dialog.PlanPlace(connection.account, connection.environment, typed)
