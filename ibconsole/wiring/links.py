"""Composes links: what they lead to, and the commands that copy them."""

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from ibconsole.model import Application
from ibconsole.services.diagnosis import Finding
from ibconsole.services.links import (
    FindingLink,
    LinkLookup,
    MessageLink,
    choose_finding,
)
from ibconsole.services.runtime import ConnectionStatus
from ibconsole.ui import diagnosis
from ibconsole.ui.connections import ConnectionsPresenter
from ibconsole.ui.links import LinkCommands, LinkPresenter
from ibconsole.ui.setup import SetupPresenter, SetupSelection
from ibconsole.ui.shell import MainWindow
from ibconsole.wiring.services import Services
from ibconsole.wiring.shell import Shell

ShowCase = Callable[[str], Coroutine[Any, Any, bool]]


def present_links(
    shell: Shell,
    services: Services,
    selection: SetupSelection,
    setup: SetupPresenter,
    connections: ConnectionsPresenter | None,
    show_case: ShowCase | None = None,
) -> LinkPresenter:
    """Follow links, and offer to copy them.

    `show_case` shows the case of a UUID, and returns false if there is none.
    """
    lookup = LinkLookup(services.reader, services.record)
    account = _Account(selection, setup)
    places = _Places(shell, setup, lookup, show_case or _find_no_case)
    presenter = LinkPresenter(
        account, places, shell.tasks, shell.theme, shell.window, connections=connections
    )
    presenter.notice_raised.connect(shell.errors.show_notice)
    setup.applications_changed.connect(presenter.look_again)
    shell.watch.changed.connect(presenter.look_again)
    _offer_copies(shell, setup, LinkCommands(account, lookup, shell.tasks, shell.window), account)
    return presenter


def _offer_copies(
    shell: Shell, setup: SetupPresenter, commands: LinkCommands, account: "_Account"
) -> None:
    window = shell.window
    account.window = window
    commands.notice_raised.connect(shell.errors.show_notice)
    commands.application.add_to(window.setup.applications_pane.table)
    commands.message.add_to(window.messages.table)
    window.inspector.menu.addAction(commands.message)

    def follow_findings(pane: "diagnosis.HealthPane") -> None:
        commands.finding.add_to(pane.table)
        # Also when a finding is selected by the program, which the table does not announce.
        pane.explain.changed.connect(commands.update)

    window.late.health.when_built(follow_findings)
    window.messages.table.selectionModel().selectionChanged.connect(commands.update)
    setup.application_changed.connect(commands.update)
    shell.watch.changed.connect(commands.update)
    commands.update()
    shell.commands.menus.add(commands.commands)


class _Account:
    """The open connection, and what is selected in the window."""

    window: MainWindow | None = None

    def __init__(self, selection: SetupSelection, setup: SetupPresenter) -> None:
        self._selection = selection
        self._setup = setup

    @property
    def connection(self) -> ConnectionStatus:
        return self._selection.connection

    @property
    def applications(self) -> Sequence[Application] | None:
        listed = self._selection.cache.applications
        return None if listed is None else listed.items

    @property
    def is_listing(self) -> bool:
        return self._setup.is_listing

    @property
    def application(self) -> Application | None:
        return self._selection.application

    @property
    def message(self) -> int | None:
        ids = self.window.messages.selected_ids if self.window else ()
        return ids[0] if len(ids) == 1 else None

    @property
    def finding(self) -> Finding | None:
        pane = self.window.late.health.built if self.window else None
        return pane.finding if pane else None


class _Places:
    """The places of the window that links lead to."""

    def __init__(
        self, shell: Shell, setup: SetupPresenter, lookup: LinkLookup, show_case: ShowCase
    ) -> None:
        self._shell = shell
        self._setup = setup
        self.find_message = lookup.find_message
        self.show_case = show_case

    def show_connection(self) -> None:
        self._shell.window.setup.applications_pane.table.setFocus()

    def show_application(self, application: Application) -> None:
        self._setup.go_to(application)

    def show_message(self, message: int, link: MessageLink) -> None:
        messages = self._shell.window.messages
        self._shell.commands.view.show_tab(messages)
        messages.open_message(message, link.message_id)

    def show_finding(
        self, link: FindingLink, application: Application | None, missing: Callable[[], object]
    ) -> None:
        pane = self._shell.window.health
        self._shell.commands.view.show_tab(pane)
        pane.all_findings.setChecked(application is None)
        if application:
            self._setup.go_to(application)
        pane.want_finding(
            diagnosis.WantedFinding(lambda found: choose_finding(link, found), missing)
        )
        pane.scope_changed.emit()  # diagnoses anew, also where the tab is open already


async def _find_no_case(_: str) -> bool:
    return False
