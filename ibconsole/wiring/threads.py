"""Composes threads, in place of the list of messages, and copies for Infobip's support."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction

from ibconsole.lazy import LazyModule
from ibconsole.services.connections import Connections
from ibconsole.services.runtime import Status
from ibconsole.services.threads import ThreadSource
from ibconsole.ui.threads import (
    FollowCommands,
    SupportCommands,
    SupportCopy,
    ThreadPane,
    ThreadPresenter,
)
from ibconsole.ui.toolkit import Group
from ibconsole.wiring.messages import Inspection
from ibconsole.wiring.services import Services
from ibconsole.wiring.shell import Shell

if TYPE_CHECKING:
    from ibconsole.services.evidence import support as support_service
    from ibconsole.ui import diagnosis, forward_test
else:  # imported when something is copied first
    support_service = LazyModule("ibconsole.services.evidence.support")


def present_threads(
    closing: AsyncExitStack,
    shell: Shell,
    services: Services,
    inspection: Inspection,
    saved: Connections | None,
) -> SupportCopy:
    """Offer to follow the inspected message, and to copy messages for Infobip's support.

    `closing` ends the readers of a thread, after the window's tasks.
    """
    window = shell.window
    support = SupportCopy(
        services.record,
        shell.tasks,
        shell.theme,
        window.codes,
        window,
        redact=services.console.redactor.redact,
    )
    support.copied.connect(window.messages.succeeded)
    connections = _SavedConnections(saved)
    support.base_urls = lambda: connections.base_urls
    commands = FollowCommands(inspection.presenter, window.messages, window)
    threads = _Threads(closing, shell, services, commands, support, connections)
    inspection.presenter.message_changed.connect(commands.update)
    window.messages.table.selectionModel().selectionChanged.connect(commands.update)
    commands.follow_requested.connect(threads.follow)
    commands.support_requested.connect(lambda: threads.copy(asks=False))
    commands.choices_requested.connect(lambda: threads.copy(asks=True))
    _offer(shell, commands)
    shell.window.late.health.when_built(lambda pane: _offer_findings(shell, support, pane))
    shell.window.late.forward_test.when_built(lambda pane: _offer_tests(shell, support, pane))
    window.messages.uncover_requested.connect(threads.back)
    shell.watch.changed.connect(threads.show_status)
    return support


def _offer(shell: Shell, commands: FollowCommands) -> None:
    """Put the commands into the menus of the list and of the inspector, and into the palette."""
    window = shell.window
    table, inspector = window.messages.table, window.inspector
    for widget in (window.messages, inspector):
        commands.add_to(widget)
    line = QAction(table)
    line.setSeparator(True)
    table.addActions([line, commands.menu(table).menuAction(), commands.support, commands.choices])
    inspector.menu.addSeparator()
    inspector.menu.addMenu(commands.menu(inspector))
    inspector.menu.addActions([commands.support, commands.choices])
    shell.commands.menus.add(commands.follows.values(), "Follow")
    shell.commands.menus.add((commands.support, commands.choices))


def _offer_findings(shell: Shell, support: SupportCopy, pane: "diagnosis.HealthPane") -> None:
    """Offer to copy the selected finding."""
    commands = SupportCommands("finding", Group.SETUP, lambda: pane.finding, pane)

    def copy(*, asks: bool) -> None:
        if finding := pane.finding:
            base_url = shell.watch.status.connection.base_url
            item = support_service.finding_of(finding, base_url, pane.diagnosed_at)
            support.copy_items([item], asks=asks)

    commands.requested.connect(lambda: copy(asks=False))
    commands.choices_requested.connect(lambda: copy(asks=True))
    # A selection by the program is announced by the second alone.
    for changed in (pane.table.selection_changed, pane.table.arranged):
        changed.connect(commands.update)
    for command in commands.commands:
        command.add_to(pane.table)
    shell.commands.menus.add(commands.commands, "Findings")


def _offer_tests(shell: Shell, support: SupportCopy, pane: "forward_test.ForwardTestPane") -> None:
    """Offer to copy the test whose result is shown."""
    results = pane.results
    commands = SupportCommands("forward test", Group.FORWARD_TEST, lambda: True, pane)

    def copy(*, asks: bool) -> None:
        if test := results.shown:
            support.copy_items([support_service.forward_test_of(test)], asks=asks)

    commands.requested.connect(lambda: copy(asks=False))
    commands.choices_requested.connect(lambda: copy(asks=True))
    if menu := results.export.menu():
        menu.addAction(commands.copy)
    commands.copy.add_to(results.previous_tests)
    shell.commands.menus.add((commands.copy,))


class _SavedConnections:
    """The names and base URLs of the saved connections by UUID, as they were last read."""

    def __init__(self, saved: Connections | None) -> None:
        self._saved = saved
        self.names: Mapping[str, str] = {}
        self.base_urls: Mapping[str, str] = {}

    async def load(self) -> None:
        """Read them again."""
        if self._saved is None:
            return
        connections = (await self._saved.load()).connections
        self.names = {one.id: one.name for one in connections}
        self.base_urls = {one.id: one.base_url for one in connections}

    async def __call__(self) -> Mapping[str, str]:
        await self.load()
        return self.names


class _Threads(QObject):
    """The pane of threads, which is built for the first of them."""

    def __init__(
        self,
        closing: AsyncExitStack,
        shell: Shell,
        services: Services,
        commands: FollowCommands,
        support: SupportCopy,
        connections: _SavedConnections,
    ) -> None:
        super().__init__(shell.window)
        self._closing = closing
        self._shell = shell
        self._services = services
        self._commands = commands
        self._support = support
        self._connections = connections
        self._pane: ThreadPane | None = None
        self._presenter: ThreadPresenter | None = None
        self._seen: tuple[int, ...] = ()
        self._connection: str | None = None

    def follow(self, message: Any, kind: Any) -> None:
        """Show the thread of a message in place of the list."""
        pane, presenter = self._built()
        presenter.follow(message, kind)
        self._shell.window.messages.cover(pane)
        self._shell.commands.view.show_tab(self._shell.window.messages)
        pane.table.setFocus()

    def back(self) -> None:
        """Show the list again, with what is selected there."""
        messages = self._shell.window.messages
        if self._presenter:
            self._presenter.leave()
        messages.cover(None)
        messages.table.setFocus()
        messages.announce_selection()

    def copy(self, *, asks: bool) -> None:
        """Copy the thread that is shown, else the selected messages, or the inspected one."""
        messages = self._shell.window.messages
        pane = self._pane
        if pane and messages.is_covered and pane.shown:
            self._support.copy_thread(pane.shown, asks=asks)
            return
        self._support.copy_messages(list(messages.selected_ids), asks=asks)

    def show_status(self, status: Status) -> None:
        """Add what arrived to the thread that is shown."""
        source = self._services.record.source
        seen = (status.archive.newest, source.mark, source.revisions)
        if status.connection.id != self._connection:  # which may be a new one
            self._connection = status.connection.id
            if self._shell.window.messages.is_covered:
                self.back()
            self._shell.tasks.start("connection names", self._name_connections)
        if seen != self._seen and self._presenter:
            self._presenter.notice_arrivals()
        self._seen = seen

    async def _name_connections(self) -> None:
        self._shell.window.messages.show_connections(await self._connections())

    def _on_inspect_requested(self) -> None:
        self._shell.window.inspector.tabs.setFocus()

    def _built(self) -> tuple[ThreadPane, ThreadPresenter]:
        if self._pane and self._presenter:
            return self._pane, self._presenter
        shell, services = self._shell, self._services
        window = shell.window
        pane = ThreadPane(window.names, shell.theme, window.time_display)
        console = services.console
        source = ThreadSource(
            services.record.locate, console.paths.archive, console.protection.policy
        )
        presenter = ThreadPresenter(pane, source, shell.tasks, self._connections)
        self._closing.push_async_callback(presenter.close)
        pane.offer(self._commands.support, self._commands.choices)
        pane.table.addAction(self._commands.menu(pane).menuAction())
        pane.back_requested.connect(self.back)
        pane.message_selected.connect(window.messages.message_selected)
        pane.selection_cleared.connect(window.messages.selection_cleared)
        pane.inspect_requested.connect(self._on_inspect_requested)
        window.messages.covered_announcement.connect(pane.announce_selection)
        shell.state.track_columns(pane.table, "thread")
        self._pane, self._presenter = pane, presenter
        return pane, presenter
