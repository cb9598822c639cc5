"""One change of the setup at a time: where it goes, how it runs, what is reported of it.

After every change, failed ones included, the setup is loaded again: a request that got no
answer may still have taken effect.
"""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any, Protocol

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject

from ibconsole.errors import Severity, UserError
from ibconsole.model import Action, ActionDraft, Application, Configuration
from ibconsole.services.connections import Environment
from ibconsole.services.runtime import ConnectionStatus
from ibconsole.services.setup import ConfigurationId, missing_drafts
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


class ChangeRunner(QObject):
    """Asks before a change, runs it, and reports its outcome in the pane it belongs to.

    Whatever leads to a change is passed to `permit` first. `restorable` are drafts of the actions
    that the last change deleted: the report of a change offers to create them again.
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
        self.restorable: Sequence[ActionDraft] = ()
        self._restorable_in: ConfigurationId | None = None
        selection.actions_read.connect(self.review_restoration)

    def target(self) -> ChangeTarget | None:
        """Return what a change would be made to; None if nothing is selected or one runs."""
        return None if self._tasks.running(CHANGE) else self._current()

    def _current(self) -> ChangeTarget | None:
        selection = self._selection
        if selection.application is None:
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
        """Make a change, report its outcome in the pane, and load the setup again."""
        self.withdraw_restoration()
        pane.show_loading()
        try:
            with self._selection.change():
                outcome = await change(target)
        except UserError as error:
            exists_already = getattr(error, "existing", None)
            severity = Severity.INFO if exists_already else Severity.DANGER
            sentence, details = brief(error, sentences=2)
            self.report(pane, target, severity, sentence, details=details)
        else:
            self.report(pane, target, Severity.OK, outcome)
        finally:
            self.reload(target)

    def withdraw_restoration(self) -> None:
        """Stop offering to create deleted actions again: the setup is no longer as it was then."""
        self.restorable = ()
        self._panes.actions_pane.banner.withdraw_action()

    def review_restoration(self) -> None:
        """Stop offering what exists by now, or what was deleted from another configuration."""
        target = self._current()
        elsewhere = target is None or target.configuration_id != self._restorable_in
        exists = not missing_drafts(self._selection.actions or (), self.restorable)
        if self.restorable and (elsewhere or exists):
            self.withdraw_restoration()

    def report(
        self,
        pane: PaneFrame,
        target: ChangeTarget,
        severity: Severity,
        sentence: str,
        *,
        details: str = "",
    ) -> None:
        """Show the outcome; it names the application if another one is selected by now."""
        selected = self._selection.shows(target.application)
        again = "Create it again…" if len(self.restorable) == 1 else "Create them again"
        action = again if selected and self.restorable else ""
        self._restorable_in = target.configuration_id
        if not selected:
            sentence = f"{name_of(target.application)}: {sentence}"
        pane.show_outcome(severity, sentence, action=action, details=details)

    def reload(self, target: ChangeTarget) -> None:
        """Load the setup again if the target's application is still selected."""
        if self._selection.shows(target.application):
            self._selection.reload_requested.emit()
