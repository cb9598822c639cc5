"""The commands that send messages again or give them back, and the dialogs that they open."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ibconsole.errors import UserError
from ibconsole.hosts import host_of, is_certainly_loopback
from ibconsole.lazy import LazyModule
from ibconsole.services.messages import Filter, StoredMessage
from ibconsole.ui.setup import SetupSelection, name_of
from ibconsole.ui.toolkit import (
    ApplicationNames,
    CodeDisplay,
    Command,
    Group,
    Permit,
    Theme,
    TimeDisplay,
    UiTasks,
    run_at_once,
)
from ibconsole.ui.widgets import open_dialog

if TYPE_CHECKING:
    from ibconsole.services import forward_test, give_back, redelivery
    from ibconsole.ui.redelivery import message_choice, plan_texts, redelivery_dialog
else:  # imported when a dialog is opened first
    forward_test = LazyModule("ibconsole.services.forward_test")
    give_back = LazyModule("ibconsole.services.give_back")
    redelivery = LazyModule("ibconsole.services.redelivery")
    message_choice = LazyModule("ibconsole.ui.redelivery.message_choice")
    plan_texts = LazyModule("ibconsole.ui.redelivery.plan_texts")
    redelivery_dialog = LazyModule("ibconsole.ui.redelivery.redelivery_dialog")

_PLAN, _START, _BODY, _PROPOSE = (
    "redelivery: dry run",
    "redelivery: start",
    "redelivery: message",
    "redelivery: URL",
)
_MOST_APPLICATIONS = 500


class OfferedList(Protocol):
    """The filter of the list of messages, how many match it, and which are selected."""

    @property
    def filter(self) -> Filter: ...
    @property
    def count(self) -> int | None: ...
    @property
    def selected_ids(self) -> Sequence[int]: ...


class RedeliveryService(Protocol):
    """Plans, stores and runs jobs; see `RemoteRedelivery`."""

    async def plan(
        self, request: "redelivery.RedeliveryRequest"
    ) -> "redelivery.RedeliveryPlan": ...
    async def plan_give_back(
        self, request: "give_back.GiveBackRequest"
    ) -> "give_back.GiveBackPlan": ...
    async def create(self, request: "redelivery.RedeliveryRequest") -> int: ...
    async def create_give_back(self, request: "give_back.GiveBackRequest") -> int: ...
    async def run(self, job: int) -> None: ...
    async def pause(self, job: int) -> None: ...
    async def cancel(self, job: int) -> None: ...
    async def decide(
        self,
        job: int,
        decision: "redelivery.Decision",
        items: Sequence[int] | None,
        state: "redelivery.ItemState",
    ) -> int: ...
    async def forward_urls(self, application: str) -> Sequence[str]: ...


class MessageBodies(Protocol):
    """Reads a message of the archive."""

    async def message(self, message: int) -> StoredMessage | None: ...


class RememberedTexts(Protocol):
    """Texts that are kept until the next start; see `WindowState`."""

    def text(self, name: str) -> str: ...
    def set_text(self, name: str, text: str) -> None: ...


class RedeliveryView(msgspec.Struct, frozen=True):
    """The window over which dialogs open, and the rules by which it shows things."""

    window: QWidget
    theme: Theme
    times: TimeDisplay
    codes: CodeDisplay
    names: ApplicationNames
    remembered: RememberedTexts


class RedeliveryCommands(QObject):
    """Opens the dialogs, shows a dry run after each change, and runs the jobs that are started.

    What leaves this computer runs through `permit`. `job_started` carries the id of a job that was
    stored, `failed` an error of one that runs.
    """

    job_started = Signal(int)
    failed = Signal(object)

    def __init__(
        self,
        view: RedeliveryView,
        messages: OfferedList,
        selection: SetupSelection,
        service: RedeliveryService,
        bodies: MessageBodies,
        tasks: UiTasks,
    ) -> None:
        super().__init__(view.window)
        self._view = view
        self._messages = messages
        self._selection = selection
        self._service = service
        self._bodies = bodies
        self._tasks = tasks
        self.permit: Permit = run_at_once
        group = Group.REDELIVERY
        self.give_back = Command(
            "Give back messages…",
            group,
            self.open_give_back,
            shortcut="Ctrl+G",
            icon_name="arrow-right",
            parent=self,
        )
        self.resend = Command(
            "Resend messages…", group, self.open_resend, icon_name="send", parent=self
        )

    @property
    def commands(self) -> tuple[Command, ...]:
        """The commands of the whole window."""
        return (self.give_back, self.resend)

    def open_resend(self) -> "redelivery_dialog.RedeliveryDialog":
        """Offer to send the selected messages again, those of the filter, or those of a time."""
        offered = message_choice.OfferedMessages(
            tuple(self._messages.selected_ids), self._messages.filter, self._messages.count
        )
        return self._open_resend(offered)

    def resend_messages(self, ids: Sequence[int]) -> "redelivery_dialog.RedeliveryDialog":
        """Offer to send these messages again, whatever is selected in the list."""
        offered = message_choice.OfferedMessages(
            tuple(ids), self._messages.filter, self._messages.count
        )
        return self._open_resend(offered)

    def open_give_back(self) -> "redelivery_dialog.RedeliveryDialog":
        """Offer to give back what an application's own URL has not acknowledged."""
        chosen = self._selection.application.code if self._selection.application else ""
        choice = message_choice.GiveBackChoice(self._applications(), chosen)
        kind = redelivery.RedeliveryKind.GIVE_BACK
        dialog = self._open(kind, choice)
        choice.application_changed.connect(lambda code: self._propose(dialog, code))
        dialog.begin()
        self._propose(dialog, choice.code)
        return dialog

    def run(self, job: int, url: str) -> None:
        """Start or resume a job in the background, once the user permits it."""
        self._permit(url, lambda: self._start_job(job))

    async def pause(self, job: int) -> None:
        """Pause a job of this process after the requests that are under way."""
        await self._service.pause(job)

    async def cancel(self, job: int) -> None:
        """End a job; what waits is not sent."""
        await self._service.cancel(job)

    async def decide(
        self,
        job: int,
        decision: "redelivery.Decision",
        items: Sequence[int] | None,
        state: "redelivery.ItemState",
    ) -> int:
        """Record a decision about messages; return how many it has changed."""
        return await self._service.decide(job, decision, items, state)

    async def plan(
        self,
        dialog: "redelivery_dialog.RedeliveryDialog",
        request: "message_choice.SendingRequest",
    ) -> None:
        """Show a dry run."""
        zone = self._view.times.zone
        try:
            if isinstance(request, give_back.GiveBackRequest):
                missing = await self._service.plan_give_back(request)
                request = _as_seen(dialog, request, missing)
                forwards = self._forwards_to(request)
                run = plan_texts.describe_give_back(missing, zone, forwards=forwards)
            else:
                plan = await self._service.plan(request)
                run = plan_texts.describe_resend(plan, zone)
        except UserError as error:
            if isinstance(error, give_back.TeamNotAsked):
                _offer_team(dialog, claimed=False)
            dialog.show_not_planned(error)
        else:
            dialog.show_plan(request, run)

    async def start(
        self,
        dialog: "redelivery_dialog.RedeliveryDialog",
        request: "message_choice.SendingRequest",
    ) -> None:
        """Store the job whose dry run was shown, and run it."""
        dialog.show_starting()
        try:
            if isinstance(request, give_back.GiveBackRequest):
                job = await self._service.create_give_back(request)
            else:
                job = await self._service.create(request)
        except UserError as error:
            dialog.show_not_started(error)
            return
        self._view.remembered.set_text(_memory(dialog.kind), _encoded(dialog.choices))
        dialog.finish()
        self.job_started.emit(job)
        self._start_job(job)

    async def show_body(self, dialog: "redelivery_dialog.RedeliveryDialog", message: int) -> None:
        """Show the bytes of a message in the editor."""
        try:
            stored = await self._bodies.message(message)
        except UserError as error:
            dialog.show_not_planned(error)
            return
        if stored:
            dialog.editor.show_body(forward_test.envelope_of(stored.body))

    async def propose(self, dialog: "redelivery_dialog.RedeliveryDialog", code: str) -> None:
        """Propose a forward URL of the application, or one that it used to have."""
        name = self._view.names(code)
        if urls := self._current_urls(code):
            dialog.destination.propose(urls[0], _origin(f"The forward action of {name}", urls))
            return
        try:
            urls = tuple(await self._service.forward_urls(code))
        except UserError as error:
            dialog.show_not_planned(error)
            return
        if urls:
            origin = f"{name} forwarded to it before; it does not now, as far as is known."
            dialog.destination.propose(urls[0], _origin(origin, urls))

    def _start_job(self, job: int) -> None:
        self._tasks.start(f"redelivery job {job}", self._run, job)

    async def _run(self, job: int) -> None:
        try:
            await self._service.run(job)
        except UserError as error:
            self.failed.emit(error)

    def _open_resend(
        self, offered: "message_choice.OfferedMessages"
    ) -> "redelivery_dialog.RedeliveryDialog":
        choice = message_choice.ResendChoice(offered)
        dialog = self._open(redelivery.RedeliveryKind.RESEND, choice)
        dialog.begin()
        return dialog

    def _open(
        self,
        kind: "redelivery.RedeliveryKind",
        choice: "message_choice.ResendChoice | message_choice.GiveBackChoice",
    ) -> "redelivery_dialog.RedeliveryDialog":
        view, connection = self._view, self._selection.connection
        place = redelivery_dialog.SendingPlace(
            connection.id, connection.account, connection.environment, self._selection.sandbox
        )
        dialog = redelivery_dialog.RedeliveryDialog(
            kind, choice, place, view.theme, view.window, codes=view.codes
        )
        dialog.restore(_decoded(view.remembered.text(_memory(kind))))
        dialog.plan_requested.connect(
            lambda request: self._tasks.start(_PLAN, self.plan, dialog, request)
        )
        dialog.start_requested.connect(lambda request: self._on_start_requested(dialog, request))
        dialog.body_requested.connect(
            lambda message: self._tasks.start(_BODY, self.show_body, dialog, message)
        )
        dialog.finished.connect(self._on_finished)
        open_dialog(dialog)
        return dialog

    def _on_start_requested(
        self,
        dialog: "redelivery_dialog.RedeliveryDialog",
        request: "message_choice.SendingRequest",
    ) -> None:
        url = dialog.destination.url
        self._permit(url, lambda: self._tasks.start(_START, self.start, dialog, request))

    def _permit(self, url: str, then: Callable[[], object]) -> None:
        permit = run_at_once if is_certainly_loopback(host_of(url)) else self.permit
        permit(then)

    def _on_finished(self) -> None:
        for task in (_PLAN, _BODY, _PROPOSE):
            self._tasks.cancel(task)

    def _propose(self, dialog: "redelivery_dialog.RedeliveryDialog", code: str) -> None:
        if code:
            self._tasks.start(_PROPOSE, self.propose, dialog, code)

    def _applications(self) -> Mapping[str, str]:
        """Return names by codes: the selected application first, then others of the account."""
        cached = self._selection.cache.applications
        listed = cached.items[:_MOST_APPLICATIONS] if cached else ()
        selected = self._selection.application
        found = (selected, *listed) if selected else listed
        return {one.code: name_of(one) for one in found}

    def _forwards_to(self, request: "give_back.GiveBackRequest") -> bool:
        """Return whether the application has a forward action with the URL, in any spelling."""
        target, sending = request.sending.target_url, request.sending
        urls = self._current_urls(request.application)
        return any(replace(sending, url=url).target_url == target for url in urls)

    def _current_urls(self, code: str) -> tuple[str, ...]:
        """Return the forward URLs of an application's actions, as far as they were read."""
        actions = [
            action
            for found in self._selection.cache.all_actions()
            if found.code == code
            for action in found.actions.items
        ]
        return tuple(dict.fromkeys(one.forward_url for one in actions if one.forward_url))


def _offer_team(dialog: "redelivery_dialog.RedeliveryDialog", *, claimed: bool) -> None:
    if isinstance(dialog.choice, message_choice.GiveBackChoice):
        dialog.choice.offer_team(claimed=claimed)


def _as_seen(
    dialog: "redelivery_dialog.RedeliveryDialog",
    request: "give_back.GiveBackRequest",
    plan: "give_back.GiveBackPlan",
) -> "give_back.GiveBackRequest":
    """Offer what concerns the team; return a request that takes over no newer claim than shown."""
    if plan.team_unasked:
        _offer_team(dialog, claimed=False)
    if plan.team is None:
        return request
    _offer_team(dialog, claimed=plan.team.claimed > 0)
    return replace(request, seen_at=plan.team.seen_at)


def _origin(sentence: str, urls: Sequence[str]) -> str:
    more = len(urls) - 1
    return f"{sentence} ({more:,} more)" if more else sentence


def _memory(kind: "redelivery.RedeliveryKind") -> str:
    return f"redelivery_{kind.name.lower()}"


def _encoded(choices: Mapping[str, str]) -> str:
    return msgspec.json.encode(dict(choices)).decode()


def _decoded(text: str) -> Mapping[str, str]:
    try:
        return msgspec.json.decode(text, type=dict[str, str])
    except msgspec.MsgspecError:
        return {}
