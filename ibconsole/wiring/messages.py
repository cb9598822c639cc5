"""Composes what was received and sent: messages, pulls, listener, inspector, tests, activity."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import msgspec

from ibconsole.lazy import LazyModule
from ibconsole.services.console import RemoteForwardTest, RetentionControl
from ibconsole.services.filtering import SavedFilters
from ibconsole.services.list_display import SavedChoices
from ibconsole.services.messages import Filter, FullReader, Maintenance, TransferJobs, on_disk
from ibconsole.services.runtime import Status
from ibconsole.ui import activity, answers, audit, forward_test, listener
from ibconsole.ui.comparison import BodyComparisonPresenter
from ibconsole.ui.inspector import InspectorPresenter, MessageMenu
from ibconsole.ui.list_display import ListDisplayPresenter
from ibconsole.ui.messages import (
    ArchiveCommands,
    ArchiveServices,
    Copying,
    MessagesPresenter,
    PullPresenter,
    SavedFiltersPresenter,
    ScopeChoice,
)
from ibconsole.ui.retries import RetriesPresenter
from ibconsole.ui.sender import SenderCommands
from ibconsole.ui.setup import SetupSelection
from ibconsole.ui.shell import WindowState
from ibconsole.ui.toolkit import Permit
from ibconsole.wiring.services import Services
from ibconsole.wiring.shell import Shell

if TYPE_CHECKING:
    from ibconsole.services import comparison, console, retry_simulation
    from ibconsole.services.evidence import har
else:  # imported with a tab, an import, a comparison, and a run of retries (with the simulator)
    comparison = LazyModule("ibconsole.services.comparison")
    console = LazyModule("ibconsole.services.console")
    har = LazyModule("ibconsole.services.evidence.har")
    retry_simulation = LazyModule("ibconsole.services.retry_simulation")


class Inspection(msgspec.Struct, frozen=True):
    """The presenter of the inspector, and the menu of its message."""

    presenter: InspectorPresenter
    menu: MessageMenu


def present_messages(
    shell: Shell, services: Services, selection: SetupSelection, permit_pull: Permit
) -> None:
    """Show the messages of the archive, pull new ones, and offer to maintain the archive."""
    window, tasks, watch = shell.window, shell.tasks, shell.watch
    messages = MessagesPresenter(window.messages, services.record, tasks, disk=services.reader)
    scope = window.messages.scope
    services.record.on_change = messages.show_source
    pull = PullPresenter(
        window.messages.toolbar.pulling,
        window.messages,
        services.intake,
        services.reader,
        tasks,
        pullers=lambda: [window.names(code) for code in selection.cache.applications_with_pull()],
    )
    pull.permit = permit_pull
    archive = services.console.paths.archive
    archive_services = ArchiveServices(
        TransferJobs(archive, partial(_locate, services, scope)),
        lambda: har.HarTransfer(archive),
        Maintenance(archive),
        RetentionControl(services.engine, services.console.retention),
    )
    archive_commands = ArchiveCommands(
        window.messages, archive_services, tasks, shell.theme, window, codes=window.codes
    )
    transfers, keeping = archive_commands.commands[:2], archive_commands.commands[2:]
    shell.commands.menus.add(transfers)
    shell.commands.menus.add(keeping, "Archive")
    copying = Copying(services.record, tasks, window.messages.succeeded.emit, window)
    window.messages.copy_requested.connect(
        lambda part: copying.start(part, window.messages.selected_ids)
    )
    window.messages.export_requested.connect(archive_commands.export_selected)
    _present_comparisons(shell, services)
    _present_list_display(shell, services)
    saved = SavedFiltersPresenter(
        window.messages.toolbar, SavedFilters(services.console.paths.settings), tasks
    )
    scope.chosen.connect(partial(_save_scope, shell.state))
    watch.changed.connect(partial(_use_scope, shell, services))
    watch.changed.connect(saved.show_status)
    watch.changed.connect(messages.show_status)
    watch.changed.connect(lambda status: _use_record(services, status))
    watch.changed.connect(pull.show_status)


def _present_list_display(shell: Shell, services: Services) -> None:
    """Show the columns from JSON and highlight rules of each connection, and offer to edit them."""
    window = shell.window
    presenter = ListDisplayPresenter(
        window.messages,
        services.record,
        SavedChoices(services.console.paths.settings),
        window.names,
        shell.tasks,
        shell.theme,
    )
    shell.commands.menus.add(presenter.commands)
    window.inspector.tree.column_requested.connect(presenter.add_column)
    shell.watch.changed.connect(presenter.show_status)


def _locate(
    services: Services, scope: ScopeChoice, criteria: Filter
) -> tuple[Callable[[], FullReader], Filter]:
    """Find the record of some messages, or the one that is listed."""
    if scope.is_disk and not criteria.ids:
        return on_disk(services.console.paths.archive)(criteria)
    return services.record.locate(criteria)


def _save_scope(state: WindowState, connection: str, is_all: bool) -> None:  # noqa: FBT001 a slot
    state.set_text(f"scope_{connection}", "all" if is_all else "connection")


def _use_scope(shell: Shell, services: Services, status: Status) -> None:
    """List the messages of the scope that was chosen for the open connection."""
    connection, scope = status.connection.id, shell.window.messages.scope
    saved = shell.state.text(f"scope_{connection}") if connection != scope.connection else ""
    has_team = services.console.team is not None
    scope.use(connection, has_team=has_team, saved=saved == "all" if saved else None)


def _use_record(services: Services, status: Status) -> None:
    services.record.use(services.console.team, status.connection.id)


def present_listener(shell: Shell, services: Services) -> None:
    """Control the listener and its answers, and show the requests that it received."""

    def present(pane: "listener.ListenerPane") -> None:
        presenter = listener.ListenerPresenter(pane, services.reader, services.intake, shell.tasks)
        presenter.show_status(shell.watch.status)
        shell.watch.changed.connect(presenter.show_status)
        remote = console.RemoteAnswers(services.engine, services.console)
        controls = pane.toolbar.answers
        setter = answers.AnswersPresenter(controls, remote, shell.tasks, shell.theme)
        setter.failed.connect(pane.show_not_started)

    shell.window.late.listener.when_built(present)
    retries = RetriesPresenter(
        lambda: retry_simulation.RemoteRun(services.engine),
        lambda: console.RemoteAnswers(services.engine, services.console),
        shell.tasks,
        shell.theme,
        shell.window,
    )
    shell.commands.offer(retries.commands)


def _present_comparisons(shell: Shell, services: Services) -> None:
    """Compare two messages, or two requests."""
    console = services.console

    def find_stored() -> "comparison.StoredComparer":
        return comparison.StoredComparer(services.record.locate, console.protection.policy)

    presenter = BodyComparisonPresenter(find_stored, shell.tasks, shell.theme, shell.window)
    shell.window.messages.compare_requested.connect(presenter.compare_messages)
    shell.window.late.listener.when_built(
        lambda pane: pane.compare_requested.connect(presenter.compare_requests)
    )


def present_inspector(shell: Shell, services: Services) -> Inspection:
    """Show the selected message or request in detail."""
    window = shell.window
    inspector = InspectorPresenter(
        window.inspector,
        services.record,
        window.names,
        shell.tasks,
        time_display=window.time_display,
    )
    copying = Copying(services.record, shell.tasks, window.messages.succeeded.emit, window)
    menu = MessageMenu(window.inspector, inspector, window.messages, copying)
    menu.filtered.connect(lambda: shell.commands.view.show_tab(window.messages))
    window.messages.wanted_changed.connect(window.inspector.mark)
    window.messages.message_selected.connect(inspector.inspect_message)
    window.messages.selection_cleared.connect(inspector.clear)

    def inspect_requests(pane: "listener.ListenerPane") -> None:
        pane.request_selected.connect(inspector.inspect_request)
        pane.selection_cleared.connect(inspector.clear)

    window.late.listener.when_built(inspect_requests)
    return Inspection(inspector, menu)


def present_requests(shell: Shell, services: Services, permit: Permit) -> None:
    """Send forward tests through `permit`, and list the requests that ibconsole sent."""
    late, tasks = shell.window.late, shell.tasks
    remote = RemoteForwardTest(services.engine, services.console)

    def present_tests(pane: "forward_test.ForwardTestPane") -> None:
        presenter = forward_test.ForwardTestPresenter(pane, remote, services.record, tasks)
        presenter.permit = permit

    late.forward_test.when_built(present_tests)
    late.activity.when_built(
        lambda pane: activity.ActivityPresenter(pane, services.console.activity, tasks)
    )
    late.audit.when_built(lambda pane: _present_audit(pane, shell, services))
    archive, window = services.console.paths.archive, shell.window
    sender = SenderCommands(archive, tasks, shell.theme, window, window.time_display)
    sender.listener_requested.connect(lambda: shell.commands.view.show_tab(window.listener))
    shell.commands.offer(sender.commands)


def _present_audit(pane: "audit.AuditPane", shell: Shell, services: Services) -> None:
    pane.tab_wanted.connect(lambda: shell.commands.view.show_tab(pane))
    presenter = audit.AuditPresenter(pane, services.audit, shell.tasks)
    presenter.show_status(shell.watch.status)
    shell.watch.changed.connect(presenter.show_status)
