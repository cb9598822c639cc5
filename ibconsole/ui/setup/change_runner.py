"""One change of the setup at a time: where it goes, how it runs, what is reported of it.

After every change, failed ones included, the setup is loaded again: a request that got no
answer may still have taken effect.
"""

from collections.abc import Callable, Coroutine
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject

from ibconsole.errors import Severity, UserError
from ibconsole.model import Action, ActionDraft, Application, Configuration
from ibconsole.services.audit import user_act
from ibconsole.services.connections import Environment
from ibconsole.services.runtime import ConnectionStatus
from ibconsole.services.setup import ConfigurationId
from ibconsole.ui.setup.applications import name_of
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.toolkit import Permit, UiTasks, brief, run_at_once
from ibconsole.ui.widgets import (
    ConfirmDialog,
    PaneFrame,
    Question,
    open_dialog,
)

# The name of the task: at most one change is in progress.
CHANGE = "setup change"
_ANOTHER_CONNECTION = "The connection has changed since you were asked; nothing was deleted."


class SetupWriter(Protocol):
    """Changes the account's setup, and reads the actions of a configuration."""

    async def actions(self, code: str, key: str) -> list[Action]: ...
    async def create_configuration(self, code: str) -> Configuration: ...
    async def delete_configuration(self, code: str, key: str) -> None: ...
    async def create_action(self, code: str, key: str, draft: ActionDraft) -> Action: ...
    async def delete_action(self, code: str, key: str, action: str, /) -> None: ...


class ChangeTarget(msgspec.Struct, frozen=True):
    """The selection at the time when the user asked for a change."""

    connection: ConnectionStatus
    application: Application
    configuration: Configuration | None

    @property
    def key(self) -> str:
        """The key of the configuration; empty if there is none."""
        return self.configuration.key if self.configuration else ""

    @property
    def configuration_id(self) -> ConfigurationId:
        """The application's code and the configuration's key."""
        return ConfigurationId(self.application.code, self.key)


# The setup of one connection: a change agreed to for one account never reaches another.
SetupOf = Callable[[ConnectionStatus], SetupWriter]
# Makes a change, and returns a sentence about its outcome.
Change = Callable[[ChangeTarget], Coroutine[Any, Any, str]]


class ChangeInterrupted(UserError):
    """A change of several actions stopped half-way."""


class ChangeRunner(QObject):
    """Asks before a change, runs it, and reports its outcome.

    Whatever leads to a change is passed to `permit` first. All calls of a change are recorded as
    one act, which its report offers to undo.
    """

    def __init__(
        self,
        panes: SetupPanes,
        selection: SetupSelection,
        setup_of: SetupOf,
        tasks: UiTasks,
        permit: Permit = run_at_once,
    ) -> None:
        super().__init__(panes)
        self._panes = panes
        self._selection = selection
        self._setup_of = setup_of
        self._tasks = tasks
        self.permit = permit
        self._interrupted = ""  # the act of the last change, if it stopped half-way
        for pane in (panes.configuration_pane, panes.actions_pane):
            pane.banner_action_requested.connect(self._on_undo_requested)

    def target(self) -> ChangeTarget | None:
        """Return what a change would be made to; None if nothing is selected or one runs."""
        selection = self._selection
        if selection.application is None or self._tasks.running(CHANGE):
            return None
        return ChangeTarget(selection.connection, selection.application, selection.configuration)

    def setup(self, target: ChangeTarget) -> SetupWriter:
        """Return the setup of the connection that the target was selected on."""
        return self._setup_of(target.connection)

    def ask(
        self, target: ChangeTarget, pane: PaneFrame, question: Question, change: Change
    ) -> None:
        """Ask, naming application and account, and start the change once it is confirmed.

        On a production connection its name must be typed, unless that has just unlocked it.
        """
        connection = target.connection
        facts = [*question.facts, ("Application", name_of(target.application))]
        if connection.name:
            facts.append(("Account", connection.account))
        production = connection.environment == Environment.PRODUCTION
        typed = connection.name if production and not connection.is_read_only else ""
        complete = replace(question, facts=facts, typed=typed)
        dialog = ConfirmDialog(complete, self._panes.theme, self._panes.window())
        dialog.accepted.connect(lambda: self.start(target, pane, change))
        open_dialog(dialog)

    def start(self, target: ChangeTarget, pane: PaneFrame, change: Change) -> None:
        """Start a change, unless the connection changed or another change is in progress."""
        if target.connection != self._selection.connection:
            pane.banner.show_notice(Severity.WARNING, _ANOTHER_CONNECTION)
        elif not self._tasks.running(CHANGE):
            self._tasks.start(CHANGE, self.run, target, pane, change)

    async def run(self, target: ChangeTarget, pane: PaneFrame, change: Change) -> None:
        """Make a change, report its outcome, and load the setup again."""
        pane.show_loading()
        with user_act() as act:
            try:
                with self._selection.change():
                    outcome = await change(target)
            except UserError as error:
                self._report_failure(pane, target, error, act)
            else:
                self.report(pane, target, outcome, act)
            finally:
                self.reload(target)

    def report(self, pane: PaneFrame, target: ChangeTarget, sentence: str, act: str) -> None:
        """Report that a change was made, and offer to undo it; the banner of before goes."""
        pane.banner.clear()
        self._panes.changed.emit(self._name(target, sentence), act)

    def _report_failure(
        self, pane: PaneFrame, target: ChangeTarget, error: UserError, act: str
    ) -> None:
        """Report in the pane why a change was not made; offer to undo what was made of it."""
        severity = Severity.INFO if getattr(error, "existing", None) else Severity.DANGER
        sentence, details = brief(error, sentences=2)
        self._interrupted = act if isinstance(error, ChangeInterrupted) else ""
        undo = "Undo…" if self._interrupted else ""
        pane.show_outcome(severity, self._name(target, sentence), action=undo, details=details)

    def _name(self, target: ChangeTarget, sentence: str) -> str:
        """Return a sentence that names the application if another one is selected by now."""
        selected = self._selection.shows(target.application)
        return sentence if selected else f"{name_of(target.application)}: {sentence}"

    def _on_undo_requested(self) -> None:
        if self._interrupted:
            self._panes.undo_requested.emit(self._interrupted)

    def reload(self, target: ChangeTarget) -> None:
        """Load the setup again if the target's application is still selected."""
        if self._selection.shows(target.application):
            self._selection.reload_requested.emit()
