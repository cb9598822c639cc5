"""Composes what sends messages again or gives them back: commands, dialogs, and the tab."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

from ibconsole.services import comparison as comparison_service
from ibconsole.services import redelivery as redelivery_service
from ibconsole.services.connections import Connections
from ibconsole.services.console import RemoteRedelivery
from ibconsole.services.messages import on_disk
from ibconsole.services.team.reading import ids_on_disk
from ibconsole.ui import listener, redelivery
from ibconsole.ui.comparison import BodyComparisonPresenter
from ibconsole.ui.redelivery import RedeliveryCommands, RedeliveryView
from ibconsole.ui.setup import SetupSelection
from ibconsole.ui.toolkit import Permit
from ibconsole.ui.viewers import RecordId
from ibconsole.wiring.services import Services
from ibconsole.wiring.shell import Shell


def present_redelivery(
    closing: AsyncExitStack,
    shell: Shell,
    services: Services,
    selection: SetupSelection,
    permit: Permit,
    connections: Connections | None,
) -> RedeliveryCommands:
    """Offer to resend and to give back, through `permit`; show the jobs in a tab.

    `closing` ends the reader of the tab, after the window's tasks. The teams of the saved
    `connections` are asked what others have given back; None if there are none.
    """
    window = shell.window
    view = RedeliveryView(
        window, shell.theme, window.time_display, window.codes, window.names, shell.state
    )
    remote = RemoteRedelivery(services.engine, services.console, connections)
    commands = RedeliveryCommands(
        view, window.messages, selection, remote, services.reader, shell.tasks
    )
    commands.permit = permit
    shell.commands.offer(commands.commands)
    commands.give_back.add_to(window.setup.applications_pane.table)  # in its context menu as well
    window.messages.resend_requested.connect(
        lambda ids: shell.tasks.start("messages to resend", _resend, services, commands, ids)
    )
    window.late.listener.when_built(lambda pane: _resend_requests(pane, shell, services, commands))
    window.late.redelivery.when_built(
        lambda pane: _present_jobs(pane, closing, shell, services, commands)
    )
    commands.job_started.connect(lambda job: _show_job(shell, job))
    return commands


async def _resend(services: Services, commands: RedeliveryCommands, ids: Sequence[int]) -> None:
    commands.resend_messages(await ids_on_disk(services.record, services.reader, ids))


def _show_job(shell: Shell, job: int) -> None:
    shell.commands.view.show_tab(shell.window.redelivery)
    shell.window.redelivery.jobs.setFocus()  # Qt moves it to a button that opens a dialog
    shell.window.redelivery.job_wanted.emit(job)


def _compare_answers(
    comparison: BodyComparisonPresenter,
    ledger: "redelivery_service.AsyncLedger",
    left: int,
    right: int,
) -> None:
    names = (f"Answer {left:,}", f"Answer {right:,}")
    comparison.compare("Compare answers", names, lambda: ledger.compare_answers(left, right))


def _show_message(shell: Shell, message: int) -> None:
    """Show a message in its list, or in the inspector alone if the list leaves it out."""
    messages = shell.window.messages
    shell.commands.view.show_tab(messages)
    row = messages.model.row_of(message)
    if row is None:
        messages.message_selected.emit(RecordId(message))
    else:
        messages.table.open_row(row)


def _resend_requests(
    pane: "listener.ListenerPane", shell: Shell, services: Services, commands: RedeliveryCommands
) -> None:
    async def open_dialog(deliveries: Sequence[int]) -> None:
        ids = await services.reader.messages_of(deliveries)
        commands.resend_messages(ids)

    pane.resend_requested.connect(
        lambda deliveries: shell.tasks.start("messages of requests", open_dialog, deliveries)
    )


def _present_jobs(
    pane: "redelivery.RedeliveryPane",
    closing: AsyncExitStack,
    shell: Shell,
    services: Services,
    commands: RedeliveryCommands,
) -> None:
    archive = services.console.paths.archive
    ledger = redelivery_service.AsyncLedger(archive)
    closing.push_async_callback(ledger.close)
    pane.offer(resend=commands.resend, give_back=commands.give_back)
    presenter = redelivery.RedeliveryPresenter(pane, ledger, commands, shell.tasks)
    policy = services.console.protection.policy
    comparison = BodyComparisonPresenter(
        lambda: comparison_service.StoredComparer(on_disk(archive), policy),
        shell.tasks,
        shell.theme,
        shell.window,
    )
    pane.compare_requested.connect(lambda answers: _compare_answers(comparison, ledger, *answers))
    pane.job_wanted.connect(presenter.show_job)
    pane.message_requested.connect(lambda message: _show_message(shell, message))
    commands.failed.connect(pane.show_problem)
