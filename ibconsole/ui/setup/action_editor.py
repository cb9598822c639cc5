"""New, duplicated and replaced actions: the dialog that collects them, and what is sent."""

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from ibconsole.errors import Severity, UserError
from ibconsole.lazy import LazyModule
from ibconsole.model import Action, ActionDraft
from ibconsole.plural import counted
from ibconsole.services.audit import user_act
from ibconsole.services.forward_test import UrlContext
from ibconsole.services.setup import (
    ActionCreation,
    ActionReplacement,
    ExistingActions,
    draft_of,
    preview_new_action,
)
from ibconsole.text import mask_code
from ibconsole.ui.setup.actions import target_of, type_of
from ibconsole.ui.setup.applications import name_of
from ibconsole.ui.setup.change_runner import CHANGE, ChangeRunner, ChangeTarget
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.toolkit import UiTasks, brief
from ibconsole.ui.widgets import open_dialog

if TYPE_CHECKING:
    from ibconsole.ui.setup import action_dialog
else:  # imported when a dialog is opened first
    action_dialog = LazyModule("ibconsole.ui.setup.action_dialog")


class ActionEditor(QObject):
    """Opens the dialog of a new action, and creates or replaces what it collects.

    The dialog stays open until the platform accepted the action, so that a refused draft can
    be corrected.
    """

    def __init__(
        self, panes: SetupPanes, selection: SetupSelection, runner: ChangeRunner, tasks: UiTasks
    ) -> None:
        super().__init__(panes)
        self._panes = panes
        self._selection = selection
        self._runner = runner
        self._tasks = tasks
        pane, permit = panes.actions_pane, runner.permit
        pane.new_requested.connect(lambda: permit(self.open))
        pane.duplicate_requested.connect(lambda action: permit(lambda: self.open(draft_of(action))))
        pane.replace_requested.connect(
            lambda action: permit(lambda: self._on_replace_requested(action))
        )

    def open(self, draft: ActionDraft | None = None) -> None:
        """Ask for a new action, starting from the draft if there is one."""
        if not (opened := self._open_dialog(draft)):
            return
        target, dialog = opened
        setup = self._runner.setup(target)
        creation = ActionCreation(setup, target.configuration_id)

        def start(draft: ActionDraft) -> None:
            # Again: the time for which it was unlocked may have ended meanwhile.
            self._runner.permit(
                lambda: self._tasks.start(CHANGE, self.create, target, creation, draft, dialog)
            )

        dialog.create_requested.connect(start)

    async def create(
        self,
        target: ChangeTarget,
        creation: ActionCreation,
        draft: ActionDraft,
        dialog: "action_dialog.NewActionDialog",
    ) -> None:
        """Create an action; the dialog closes only if that succeeds."""
        dialog.show_busy()
        try:
            with self._selection.change(), user_act(creation.act):
                created = await creation.run(draft)
        except UserError as error:
            dialog.show_failed(*brief(error, sentences=2))
        else:
            dialog.finish()
            sentence = f"{type_of(created)} action created."
            self._runner.report(self._panes.actions_pane, target, sentence, creation.act)
        finally:
            self._runner.reload(target)

    async def replace(
        self,
        target: ChangeTarget,
        replacement: ActionReplacement,
        dialog: "action_dialog.NewActionDialog",
    ) -> None:
        """Create, verify, delete; the dialog shows each step, and what exists if one fails."""
        dialog.show_busy()
        with self._selection.change():
            await replacement.run()
        if replacement.finished:
            dialog.finish()
            sentence = f"Action replaced; the new one's key is {replacement.new_key}."
            self._runner.report(self._panes.actions_pane, target, sentence, replacement.act)
        else:
            error = replacement.error
            details = error.details if error else ""
            dialog.show_failed(f"{error} {replacement.sentence}", details)
            dialog.show_stopped(
                begun=replacement.existing is not ExistingActions.OLD,
                both=replacement.existing is ExistingActions.BOTH,
            )
        self._selection.reload_requested.emit()

    async def withdraw(
        self, replacement: ActionReplacement, dialog: "action_dialog.NewActionDialog"
    ) -> None:
        """Delete the new action of an unfinished replacement."""
        dialog.show_busy()
        try:
            with self._selection.change():
                await replacement.withdraw()
        except UserError as error:
            dialog.show_failed(f"{error} {replacement.sentence}", error.details)
            dialog.show_stopped(begun=True, both=True)
        else:
            dialog.finish()
            sentence = "The new action was deleted again; everything is as it was."
            self._panes.actions_pane.show_outcome(Severity.OK, sentence)
        finally:
            self._selection.reload_requested.emit()

    def _open_dialog(
        self, draft: ActionDraft | None = None, replaces: Action | None = None
    ) -> "tuple[ChangeTarget, action_dialog.NewActionDialog] | None":
        target = self._runner.target()
        if not target or not target.configuration:
            return None
        others = [one for one in self._selection.actions or () if one is not replaces]
        context = action_dialog.ActionContext(
            application=name_of(target.application),
            configuration=target.key,
            existing=counted(len(others), "action") if others else "",
            listener_url=self._selection.listener_url,
            url_context=UrlContext(
                self._selection.sandbox,
                same_configuration=tuple(one.forward_url for one in others if one.forward_url),
                other_configurations=self._urls_of_others(target),
            ),
            request=partial(_preview, target),
            replaces=f"{type_of(replaces)} · {target_of(replaces)}" if replaces else "",
        )
        dialog = action_dialog.NewActionDialog(
            context, self._panes.theme, self._panes.window(), draft=draft
        )
        open_dialog(dialog)
        return target, dialog

    def _urls_of_others(self, target: ChangeTarget) -> tuple[str, ...]:
        """Return the cached forward URLs of all other configurations."""
        return tuple(
            action.forward_url
            for cached in self._selection.cache.all_actions()
            if (cached.code, cached.key) != (target.application.code, target.key)
            for action in cached.actions.items
            if action.forward_url
        )

    def _on_replace_requested(self, action: Action) -> None:
        if not (opened := self._open_dialog(draft_of(action), action)):
            return
        target, dialog = opened
        replacement: ActionReplacement | None = None

        def start(draft: ActionDraft) -> None:
            nonlocal replacement
            # A replacement that has created something is continued; an untouched one may still
            # take another draft.
            if replacement is None or replacement.existing is ExistingActions.OLD:
                setup = self._runner.setup(target)
                replacement = ActionReplacement(
                    setup, target.configuration_id, action, draft, dialog.show_steps
                )
            self._tasks.start(CHANGE, self.replace, target, replacement, dialog)

        def withdraw() -> None:
            if replacement:
                self._tasks.start(CHANGE, self.withdraw, replacement, dialog)

        permit = self._runner.permit  # the time for which it was unlocked may have ended
        dialog.create_requested.connect(lambda draft: permit(lambda: start(draft)))
        dialog.withdraw_requested.connect(lambda: permit(withdraw))


def _preview(target: ChangeTarget, draft: ActionDraft) -> tuple[str, str]:
    code = target.application.code
    return preview_new_action(
        target.connection.base_url, code, target.key, draft, shown_code=mask_code(code)
    )
