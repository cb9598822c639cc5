"""Resend and Give back, from the command to the job that runs."""

from collections import Counter
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from ibconsole.archive.ledger.reader import LedgerReader
from ibconsole.archive.ledger.records import Decision, ItemState, RedeliveryForm, RedeliveryKind
from ibconsole.archive.records import Filter
from ibconsole.errors import UserError
from ibconsole.model.application import Action, Application
from ibconsole.services.give_back.planning import (
    GiveBackPlan,
    GiveBackRequest,
    create_give_back,
    plan_give_back,
)
from ibconsole.services.give_back.team_ledger import TeamFindings, TeamNotAsked
from ibconsole.services.messages.async_reader import AsyncReader
from ibconsole.services.redelivery.planning import create_redelivery, plan_redelivery
from ibconsole.services.redelivery.values import RedeliveryPlan, RedeliveryRequest
from ibconsole.team_archive.redelivery.standings import StandingElsewhere
from ibconsole.ui.redelivery.commands import RedeliveryCommands, RedeliveryView
from ibconsole.ui.redelivery.message_choice import GiveBackChoice
from ibconsole.ui.redelivery.redelivery_dialog import DialogStage, RedeliveryDialog
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.shell.window_state import WindowState
from ibconsole.ui.toolkit.codes import CodeDisplay
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.ui.redelivery.conftest import CODE

URL = "https://customer.example.com/in"
SPELLED = "https://Customer.example.com:443/in"  # the same URL for the platform
OLD = "https://old.example.com/in"
SHOP = Application(
    code=CODE,
    id="",
    name="Shop",
    description="",
    registrations=None,
    apns=None,
    gcm=None,
    raw={},
)


class Service:
    """Plans and stores in the archive; notes which jobs are run, and fails if it is given why."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.ran: list[int] = []
        self.error: UserError | None = None
        self.team: TeamFindings | None = None
        self.planned: list[GiveBackRequest] = []
        self.created: list[GiveBackRequest] = []

    async def plan(self, request: RedeliveryRequest) -> RedeliveryPlan:
        return plan_redelivery(self._path, request)

    async def plan_give_back(self, request: GiveBackRequest) -> GiveBackPlan:
        self.planned.append(request)
        if self.error and request.with_team:
            raise self.error
        plan = plan_give_back(self._path, request)
        return msgspec.structs.replace(plan, team=self.team, team_unasked=not request.with_team)

    async def create(self, request: RedeliveryRequest) -> int:
        if self.error:
            raise self.error
        return create_redelivery(self._path, request)

    async def create_give_back(self, request: GiveBackRequest) -> int:
        self.created.append(request)
        return create_give_back(self._path, request)

    async def run(self, job: int) -> None:
        self.ran.append(job)
        if self.error:
            raise self.error

    async def forward_urls(self, _application: str) -> Sequence[str]:
        return [OLD]

    async def pause(self, job: int) -> None:
        self.ran.append(-job)

    async def cancel(self, job: int) -> None:
        self.ran.append(-job)

    async def decide(
        self, job: int, decision: Decision, items: Sequence[int] | None, state: ItemState
    ) -> int:
        return len((job, decision, items, state))


class Listed:
    """The list of messages, with a filter and two selected messages."""

    filter = Filter(text="text 1")
    count = 1
    selected_ids = (1, 2)


@pytest.fixture
def service(path: Path) -> Service:
    return Service(path)


@pytest.fixture
def selection() -> SetupSelection:
    selection = SetupSelection()
    selection.application = SHOP
    return selection


@pytest.fixture
async def commands(
    path: Path,
    service: Service,
    selection: SetupSelection,
    tasks: UiTasks,
    theme: Theme,
    qtbot: QtBot,
) -> AsyncIterator[RedeliveryCommands]:
    window = QWidget()
    qtbot.addWidget(window)
    view = RedeliveryView(
        window,
        theme,
        TimeDisplay(window),
        CodeDisplay(window),
        ApplicationNames(window),
        WindowState(path.with_name("window.ini")),
    )
    async with AsyncReader(path) as reader:
        yield RedeliveryCommands(view, Listed(), selection, service, reader, tasks)
        await tasks.settled()
    for dialog in window.findChildren(RedeliveryDialog):
        dialog.done(0)


def give_back_choice(dialog: RedeliveryDialog) -> GiveBackChoice:
    assert isinstance(dialog.choice, GiveBackChoice)
    return dialog.choice


def kinds(path: Path) -> list[tuple[RedeliveryKind, int]]:
    with LedgerReader(path) as reader:
        return [(job.kind, job.items) for job in reader.jobs().jobs]


async def test_what_was_pulled_is_given_back_with_two_keys(
    commands: RedeliveryCommands, service: Service, tasks: UiTasks, path: Path, qtbot: QtBot
) -> None:
    """The URL that the application forwarded to is proposed and counted; one button gives back."""
    dialog = commands.open_give_back()
    await tasks.settled()
    dialog._ask_for_plan()  # without waiting for what the user may still type
    await tasks.settled()
    proposed = dialog.destination.url, dialog.proceed.text()

    with qtbot.waitSignal(commands.job_started) as started:
        dialog.proceed.click()
        await tasks.settled()

    assert proposed == (OLD, "Give back 5 messages")
    assert (started.args, service.ran) == ([1], [1])
    assert kinds(path) == [(RedeliveryKind.GIVE_BACK, 5)]


async def test_the_url_of_an_action_comes_first(
    commands: RedeliveryCommands, selection: SetupSelection, tasks: UiTasks
) -> None:
    """An action that forwards now is proposed before the past; that it forwards there is said."""
    action = Action(key="1", type="HTTP_FORWARD", forward_url=SPELLED, callback_data="", raw={})
    selection.cache.store_actions(CODE, "k", [action], 0)
    dialog = commands.open_give_back()
    await tasks.settled()
    proposed = dialog.destination.url, dialog.destination.is_proposed

    dialog.destination.enter(URL)
    dialog._ask_for_plan()
    await tasks.settled()
    assert proposed == (SPELLED, True)
    assert "may have delivered some of them itself" in dialog.as_text
    assert give_back_choice(dialog).code == CODE


async def test_selected_messages_are_sent_again(
    commands: RedeliveryCommands, service: Service, tasks: UiTasks, path: Path
) -> None:
    """A resend begins with the selected messages, and remembers how it was sent."""
    dialog = commands.open_resend()
    dialog.options.parallel.setValue(3)
    dialog.destination.enter(URL)
    dialog._ask_for_plan()
    await tasks.settled()
    name = dialog.proceed.text()
    dialog.proceed.click()
    await tasks.settled()

    assert name == "Resend 2 messages"
    assert (kinds(path), service.ran) == ([(RedeliveryKind.RESEND, 2)], [1])
    assert commands.resend_messages([5]).options.parallel.value() == 3


async def test_a_message_is_edited_as_text(commands: RedeliveryCommands, tasks: UiTasks) -> None:
    """The editor has the platform's envelope around the message's own bytes."""
    dialog = commands.resend_messages([1])
    dialog.options.edit()
    await tasks.settled()

    assert dialog.options.chosen_form is RedeliveryForm.EDITED
    body = dialog.editor.body
    assert body is not None
    assert body.startswith(b'{"results":[{"messageId":"m0"')


async def test_a_job_that_cannot_be_stored_is_not_run(
    commands: RedeliveryCommands, service: Service, tasks: UiTasks
) -> None:
    """The dialog stays, and says why."""
    dialog = commands.open_resend()
    dialog.destination.enter(URL)
    dialog._ask_for_plan()
    await tasks.settled()
    service.error = UserError("The disk is full.")
    dialog.proceed.click()
    await tasks.settled()

    assert (dialog.stage, service.ran) == (DialogStage.PLANNED, [])
    assert dialog.banner.text.text() == "The disk is full."


async def test_a_dry_run_of_nothing_says_so(commands: RedeliveryCommands, tasks: UiTasks) -> None:
    """A selection that matches nothing is no failure of the program."""
    dialog = commands.resend_messages([99])
    dialog.destination.enter(URL)
    dialog._ask_for_plan()
    await tasks.settled()

    assert "No stored message matches" in dialog.banner.text.text()
    assert not dialog.proceed.isEnabled()


async def test_jobs_are_resumed_only_if_permitted(
    commands: RedeliveryCommands, service: Service, tasks: UiTasks, qtbot: QtBot
) -> None:
    """What leaves this computer is asked for; why a job has ended is reported."""
    asked: list[object] = []
    commands.permit = asked.append
    commands.run(1, URL)
    commands.run(2, "http://127.0.0.1:1/in")
    await tasks.settled()
    service.error = UserError("It is run elsewhere.")
    with qtbot.waitSignal(commands.failed) as failed:
        asked[0]()  # type: ignore[operator]
        await tasks.settled()
    await commands.pause(3)
    await commands.cancel(4)

    assert service.ran == [2, 1, -3, -4]
    assert failed.args == [service.error]
    assert await commands.decide(1, Decision.ACCEPT, None, ItemState.UNKNOWN) == 4


async def test_claims_are_taken_over_by_a_choice_that_is_never_the_default(
    commands: RedeliveryCommands, service: Service, tasks: UiTasks
) -> None:
    """It is offered once others have claims, and is about those that the dry run has shown."""
    dialog = commands.open_give_back()
    await tasks.settled()
    choice = give_back_choice(dialog)
    offered_before = choice.without_team.isVisibleTo(dialog), choice.take_over.isVisibleTo(dialog)
    service.team = TeamFindings(
        seen_at=7, given=Counter({(StandingElsewhere.CLAIMED, "anna@pc-3"): 2})
    )
    dialog._ask_for_plan()
    await tasks.settled()
    offered = choice.without_team.isVisibleTo(dialog), choice.take_over.isVisibleTo(dialog)
    choice.take_over.click()
    dialog._ask_for_plan()
    await tasks.settled()
    dialog.proceed.click()
    await tasks.settled()

    assert (offered_before, offered) == ((False, False), (True, True))
    assert [one.take_over for one in service.planned[-2:]] == [False, True]
    assert (service.created[0].take_over, service.created[0].seen_at) == (True, 7)
    assert "take_over" not in dialog.choices


async def test_a_team_that_cannot_be_asked_can_be_left_out(
    commands: RedeliveryCommands, service: Service, tasks: UiTasks
) -> None:
    """Nothing can be started before; the choice is off at first, and the dry run says it."""
    dialog = commands.open_give_back()
    await tasks.settled()
    choice = give_back_choice(dialog)
    service.error = TeamNotAsked("The team's archive is away.")
    dialog._ask_for_plan()
    await tasks.settled()
    refused = dialog.proceed.isEnabled(), choice.without_team.isChecked()
    choice.take_over.setChecked(True)
    choice.without_team.click()
    dialog._ask_for_plan()
    await tasks.settled()

    assert refused == (False, False)
    assert not dialog.banner.isVisibleTo(dialog)
    assert "The team's ledger is not asked" in dialog.as_text
    assert dialog.proceed.isEnabled()
    assert not choice.take_over.isChecked()
