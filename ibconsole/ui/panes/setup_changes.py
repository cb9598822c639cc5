"""What the user changes in the setup: asked first, told afterwards, one at a time.

After every change, and after every failed one, the setup is loaded again: a request that
found no answer may have done its work all the same.
"""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, Protocol

from PySide6.QtCore import QObject

from ibconsole.errors import UserError
from ibconsole.model import Action, ActionDraft, Application, Configuration
from ibconsole.services import ConnectionStatus
from ibconsole.ui.dialogs.confirm import ConfirmDialog, Question
from ibconsole.ui.dialogs.new_action import ActionPlace, NewActionDialog
from ibconsole.ui.panes.actions import target_of, type_of
from ibconsole.ui.panes.applications import name_of
from ibconsole.ui.panes.setup import CHANGE, SetupPanes, SetupPresenter, details_of, is_same
from ibconsole.ui.sources import counted
from ibconsole.ui.tasks import UiTasks
from ibconsole.ui.widgets.pane_frame import PaneFrame

_CONFIGURATION_GOES = (
    "From then on, inbound messages of this application are neither forwarded nor kept for"
    " pulling. What becomes of its actions is not documented: take it that they go, too. It"
    " cannot be undone; a configuration created again gets another key."
)
_ACTION_GOES = (
    "Inbound messages are no longer handled by it, from now on. You can create it again, but it"
    " gets another key, and what arrives meanwhile may be lost."
)
_ELSEWHERE = "The connection has changed since you were asked; nothing was deleted."


class SetupWriter(Protocol):
    """The account's setup, as far as changing it goes."""

    async def create_configuration(self, code: str) -> Configuration: ...
    async def delete_configuration(self, code: str, key: str) -> None: ...
    async def create_action(self, code: str, key: str, draft: ActionDraft) -> Action: ...
    async def delete_action(self, code: str, key: str, action: str, /) -> None: ...


@dataclass(frozen=True, slots=True)
class _Place:
    """What was at hand when the user asked for a change."""

    connection: ConnectionStatus
    application: Application
    configuration: Configuration | None

    @property
    def key(self) -> str:
        return self.configuration.key if self.configuration else ""


# Makes a change, and returns what to tell of it.
Work = Callable[[_Place], Coroutine[Any, Any, str]]


class ChangesPresenter(QObject):
    """Creates and deletes configurations and actions."""

    def __init__(
        self, panes: SetupPanes, shown: SetupPresenter, setup: SetupWriter, tasks: UiTasks
    ) -> None:
        super().__init__(panes)
        self._panes = panes
        self._shown = shown
        self._setup = setup
        self._tasks = tasks
        self._deleted: ActionDraft | None = None
        panes.configuration_pane.create_requested.connect(self._on_create_requested)
        panes.configuration_pane.delete_requested.connect(self._on_delete_requested)
        panes.actions_pane.new_requested.connect(self._on_new_requested)
        panes.actions_pane.duplicate_requested.connect(self._on_duplicate_requested)
        panes.actions_pane.delete_requested.connect(self._on_delete_action_requested)
        panes.actions_pane.banner_action_requested.connect(self._on_again_requested)

    async def create_configuration(self, place: _Place) -> str:
        """Create one; what to tell of it."""
        created = await self._setup.create_configuration(place.application.code)
        self._shown.created.add(created.key)
        return "Configuration created. It has no action yet."

    async def delete_configuration(self, place: _Place) -> str:
        """Delete the one that was at hand; what to tell of it."""
        await self._setup.delete_configuration(place.application.code, place.key)
        return f"Configuration deleted: {place.key}."

    async def delete_action(self, place: _Place, action: Action) -> str:
        """Delete it, remembering what it was; what to tell of it."""
        await self._setup.delete_action(place.application.code, place.key, action.key)
        self._deleted = _draft_of(action)
        where = f": {target_of(action)}" if action.forward_url else ""
        return f"{type_of(action)} action deleted{where}."

    async def create_action(
        self, place: _Place, draft: ActionDraft, dialog: NewActionDialog
    ) -> None:
        """Create it; the dialog closes only if that succeeds."""
        dialog.show_busy()
        try:
            with self._shown.changing():
                created = await self._setup.create_action(place.application.code, place.key, draft)
        except UserError as error:
            dialog.show_failed(str(error), details_of(error))
        else:
            dialog.finish()
            self._tell(self._panes.actions_pane, place, "ok", f"{type_of(created)} action created.")
        finally:
            self._load_again(place)

    async def _carry_out(self, place: _Place, pane: PaneFrame, work: Work) -> None:
        """Make a change and tell in the pane how it went."""
        self._deleted = None
        pane.show_loading()
        try:
            with self._shown.changing():
                told = await work(place)
        except UserError as error:
            kind = "info" if getattr(error, "existing", None) else "danger"
            self._tell(pane, place, kind, str(error), details=details_of(error))
        else:
            self._tell(pane, place, "ok", told)
        finally:
            self._load_again(place)

    def _load_again(self, place: _Place) -> None:
        if is_same(self._shown.application, place.application):
            self._shown.reload()

    def _tell(
        self, pane: PaneFrame, place: _Place, kind: str, sentence: str, *, details: str = ""
    ) -> None:
        here = is_same(self._shown.application, place.application)
        action = "Create it again…" if here and self._deleted else ""
        if not here:
            sentence = f"{name_of(place.application)}: {sentence}"
        pane.banner.show_notice(kind, sentence, action=action, details=details)

    def _place(self) -> _Place | None:
        """Where a change would be made; None if there is nothing, or one is under way."""
        application = self._shown.application
        if application is None or self._tasks.running(CHANGE):
            return None
        return _Place(self._shown.connection, application, self._shown.configuration)

    def _begin(self, place: _Place, pane: PaneFrame, work: Work) -> None:
        """Begin what the user agreed to, unless it is no longer what he was asked."""
        if place.connection != self._shown.connection:
            pane.banner.show_notice("warning", _ELSEWHERE)
        elif not self._tasks.running(CHANGE):
            self._tasks.start(CHANGE, self._carry_out, place, pane, work)

    def _ask(self, place: _Place, pane: PaneFrame, question: Question, work: Work) -> None:
        connection = place.connection
        facts = [*question.facts, ("Application", name_of(place.application))]
        if connection.name:
            facts.append(("Account", f"{connection.name} · {connection.base_url}"))
        typed = connection.name if connection.environment == "production" else ""
        whole = replace(question, facts=facts, typed=typed)
        dialog = ConfirmDialog(whole, self._panes.theme, self._panes.window())
        dialog.accepted.connect(lambda: self._begin(place, pane, work))
        dialog.open()

    def _open_new(self, draft: ActionDraft | None = None) -> None:
        place = self._place()
        if not place or not place.configuration:
            return
        count = len(self._shown.actions or ())
        where = ActionPlace(
            application=name_of(place.application),
            configuration=place.key,
            existing=counted(count, "action") if count else "",
            listener_url=self._shown.listener_url,
            sandbox=place.connection.environment == "sandbox",
        )
        dialog = NewActionDialog(where, self._panes.theme, self._panes.window(), draft=draft)
        dialog.create_requested.connect(
            lambda wanted: self._tasks.start(CHANGE, self.create_action, place, wanted, dialog)
        )
        dialog.open()

    def _on_create_requested(self) -> None:
        if place := self._place():
            self._begin(place, self._panes.configuration_pane, self.create_configuration)

    def _on_delete_requested(self) -> None:
        place = self._place()
        if not place or not place.configuration:
            return
        facts = [("Configuration", place.key)]
        if self._shown.actions:
            facts.append(("With it", counted(len(self._shown.actions), "action")))
        question = Question(
            "Delete this configuration?", _CONFIGURATION_GOES, "Delete configuration", facts
        )
        self._ask(place, self._panes.configuration_pane, question, self.delete_configuration)

    def _on_delete_action_requested(self, action: Action) -> None:
        place = self._place()
        if not place or not place.configuration:
            return
        facts = [("Action", f"{type_of(action)} · {action.key}"), ("Messages", target_of(action))]
        if action.callback_data:
            facts.append(("Callback data", action.callback_data))

        async def delete(place: _Place) -> str:
            return await self.delete_action(place, action)

        question = Question("Delete this action?", _ACTION_GOES, "Delete action", facts)
        self._ask(place, self._panes.actions_pane, question, delete)

    def _on_new_requested(self) -> None:
        self._open_new()

    def _on_duplicate_requested(self, action: Action) -> None:
        self._open_new(_draft_of(action))

    def _on_again_requested(self) -> None:
        if self._deleted:
            self._open_new(self._deleted)


def _draft_of(action: Action) -> ActionDraft:
    return ActionDraft(
        type=action.type, forward_url=action.forward_url, callback_data=action.callback_data
    )
