"""Composes what was received and sent: messages, pulls, listener, inspector, tests, activity."""

from ibconsole.services.console import RemoteForwardTest, RetentionControl
from ibconsole.services.messages import Maintenance, TransferJobs
from ibconsole.ui.activity import ActivityPresenter
from ibconsole.ui.forward_test import ForwardTestPresenter
from ibconsole.ui.inspector import InspectorPresenter, MessageMenu
from ibconsole.ui.listener import ListenerPresenter
from ibconsole.ui.messages import (
    ArchiveCommands,
    ArchiveServices,
    Copying,
    MessagesPresenter,
    PullPresenter,
)
from ibconsole.ui.sender import SenderCommands
from ibconsole.ui.setup import SetupSelection
from ibconsole.wiring.services import Services
from ibconsole.wiring.shell import Shell


def present_messages(shell: Shell, services: Services, selection: SetupSelection) -> None:
    """Show the messages of the archive, pull new ones, and offer to maintain the archive."""
    window, tasks, watch = shell.window, shell.tasks, shell.watch
    messages = MessagesPresenter(window.messages, services.reader, tasks)
    pull = PullPresenter(
        window.messages.toolbar.pulling,
        window.messages,
        services.intake,
        services.reader,
        tasks,
        pullers=lambda: [window.names(code) for code in selection.cache.applications_with_pull()],
    )
    archive = services.console.paths.archive
    archive_services = ArchiveServices(
        TransferJobs(archive),
        Maintenance(archive),
        RetentionControl(services.engine, services.console.retention),
    )
    archive_commands = ArchiveCommands(
        window.messages, archive_services, tasks, shell.theme, window
    )
    shell.commands.menus.add(archive_commands.commands)
    copying = Copying(services.reader, tasks, window.messages.succeeded.emit, window)
    window.messages.copy_requested.connect(
        lambda part: copying.start(part, window.messages.selected_ids)
    )
    window.messages.export_requested.connect(archive_commands.export_selected)
    watch.changed.connect(messages.show_status)
    watch.changed.connect(pull.show_status)


def present_listener(shell: Shell, services: Services) -> None:
    """Control the listener, and show the requests that it received."""
    listener = ListenerPresenter(
        shell.window.listener, services.reader, services.intake, shell.tasks
    )
    shell.watch.changed.connect(listener.show_status)


def present_inspector(shell: Shell, services: Services) -> None:
    """Show the selected message or request in detail."""
    window = shell.window
    inspector = InspectorPresenter(
        window.inspector,
        services.reader,
        window.names,
        shell.tasks,
        time_display=window.time_display,
    )
    copying = Copying(services.reader, shell.tasks, window.messages.succeeded.emit, window)
    menu = MessageMenu(window.inspector, inspector, window.messages, copying)
    menu.filtered.connect(lambda: shell.commands.view.show_tab(window.messages))
    window.messages.wanted_changed.connect(window.inspector.mark)
    window.messages.message_selected.connect(inspector.inspect_message)
    window.listener.request_selected.connect(inspector.inspect_request)
    for cleared in (
        window.messages.selection_cleared,
        window.listener.selection_cleared,
    ):
        cleared.connect(inspector.clear)


def present_requests(shell: Shell, services: Services) -> None:
    """Send forward tests, and list the requests that ibconsole sent."""
    window = shell.window
    remote = RemoteForwardTest(services.engine, services.console)
    ForwardTestPresenter(window.forward_test, remote, services.reader, shell.tasks)
    sender = SenderCommands(
        services.console.paths.archive, shell.tasks, shell.theme, window, window.time_display
    )
    sender.listener_requested.connect(lambda: shell.commands.view.show_tab(window.listener))
    shell.commands.offer(sender.commands)
    ActivityPresenter(window.activity, services.console.activity, shell.tasks)
