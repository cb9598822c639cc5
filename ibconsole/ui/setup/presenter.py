"""The presenter of the three setup panes: it loads them and follows the selection.

Selecting an application shows what the cache has of it at once, and reads its configuration
and its actions again, both at the same time. An answer for an application that is no longer
selected is dropped.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import ParamSpec, Protocol, TypeVar

from PySide6.QtCore import QObject, Signal

from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.model import Action, Application, Configuration
from ibconsole.services.runtime import ConnectionStatus, ListenerState, Status
from ibconsole.ui.setup.applications import identity_of
from ibconsole.ui.setup.failure_banner import SetupSource
from ibconsole.ui.setup.look_up_presenter import LookUpPresenter
from ibconsole.ui.setup.panes import SetupPanes
from ibconsole.ui.setup.selection import SetupSelection
from ibconsole.ui.setup.setup_display import SetupDisplay, is_pull_only
from ibconsole.ui.toolkit import Indicator, UiTasks, times

P = ParamSpec("P")
T = TypeVar("T")

# The names of the tasks.
_LIST = "applications"
_LOAD = "setup"

_NO_CONNECTION = "There is no connection: add one or open one, with Ctrl+Shift+O."


class SetupReader(Protocol):
    """Reads the account's setup."""

    async def applications(self) -> list[Application]: ...
    async def application(self, code: str, *, by_id: bool = False) -> Application: ...
    async def configurations(self, code: str) -> list[Configuration]: ...
    async def actions(self, code: str, key: str) -> list[Action]: ...


class SetupPresenter(QObject):
    """Loads what the panes show, and keeps the selection up to date.

    `reachability_changed` reports whether the platform answered: an indicator, and a sentence.
    """

    reachability_changed = Signal(Indicator, str)
    applications_changed = Signal(object)  # a list, which Qt would copy
    application_changed = Signal(object)
    listing_refused = Signal()  # the credential may not list the applications

    # Moving through the list by keyboard must not load every application passed: seconds.
    SETTLE_DELAY = 0.15

    def __init__(
        self, panes: SetupPanes, selection: SetupSelection, setup: SetupReader, tasks: UiTasks
    ) -> None:
        super().__init__(panes)
        self._panes = panes
        self._selection = selection
        self._setup = setup
        self._tasks = tasks
        self._display = SetupDisplay(panes, selection)
        self._has_status = False
        self._selected_at = 0.0
        look_up = LookUpPresenter(panes, selection, setup, tasks)
        look_up.found.connect(self.go_to)
        look_up.applications_changed.connect(self.applications_changed)
        selection.reload_requested.connect(self.reload)
        selection.change_toggled.connect(self._on_change_toggled)
        panes.applications_pane.application_selected.connect(self._on_application_selected)
        panes.applications_pane.retry_requested.connect(self.refresh)
        panes.configuration_pane.configuration_selected.connect(self._on_configuration_selected)
        panes.configuration_pane.retry_requested.connect(self.reload)
        panes.actions_pane.retry_requested.connect(self.reload)
        panes.failure.retry_requested.connect(self.refresh)

    def refresh(self) -> None:
        """Load everything again; the present content stays until then."""
        if self._selection.connection != ConnectionStatus():
            self._tasks.start(_LIST, self.load_applications)
        else:
            self._panes.applications_pane.show_empty(_NO_CONNECTION, icon_name="link")

    @property
    def is_listing(self) -> bool:
        """True while the applications are listed."""
        return self._tasks.running(_LIST)

    def reload(self) -> None:
        """Load the configuration and its actions again."""
        if self._selection.application is not None:
            self._tasks.start(_LOAD, self.load_setup, self._selection.application)

    def show_status(self, status: Status) -> None:
        """Follow the connection and the listener's address; another account clears the panes."""
        selection = self._selection
        url = status.listener.url if status.listener.state is ListenerState.LISTENING else ""
        borrowed = frozenset(one.url for one in status.leases if one.is_own)
        if (url, borrowed) != (selection.listener_url, selection.borrowed_urls):
            selection.listener_url, selection.borrowed_urls = url, borrowed
            self._display.show_route()
        if status.connection == selection.connection and self._has_status:
            return
        self._has_status = True
        selection.select_connection(status.connection)
        self._panes.failure.clear_failure(*SetupSource)
        self._panes.applications_pane.show_loading(keep=False)
        self._panes.applications_pane.table.show_records(())
        self.refresh()

    def go_to(self, application: Application, action: str = "") -> None:
        """Select an application, and the action of that key if one is given."""
        pane = self._panes.applications_pane
        pane.filter.clear()
        pane.table.select_records(identity_of(application))
        if not self._selection.shows(application):
            self._on_application_selected(pane.table.selected_record)
        if action:
            self._panes.actions_pane.select_action(action)
            self._panes.actions_pane.table.setFocus()
        else:
            pane.table.setFocus()

    async def load_applications(self) -> None:
        """List the applications, then load the selected one again."""
        pane = self._panes.applications_pane
        pane.show_loading()
        try:
            applications = await self._setup.applications()
        except UserError as error:
            self._display.show_not_listed(error)
            self.reachability_changed.emit(
                Indicator.WARNING if is_pull_only(error) else Indicator.DANGER, str(error)
            )
            if is_pull_only(error):
                self.listing_refused.emit()
            return
        now = now_ms()
        self._panes.failure.clear_failure(SetupSource.APPLICATIONS)
        self._selection.cache.store_applications(applications, now)
        pane.show_applications(applications, now)
        self.reachability_changed.emit(
            Indicator.OK, f"The platform answered at {times.exact(now)}."
        )
        await asyncio.sleep(0)  # with 50,000 applications, each half takes 10 ms
        self.applications_changed.emit(applications)
        if self._selection.application is None:
            self._display.show_nothing_selected(choice=bool(applications))
        else:
            self._selection.application = pane.table.selected_record
            self._panes.configuration_pane.show_application(pane.table.selected_record)
            self.reload()

    async def load_setup(self, application: Application, *, delay: float = 0.0) -> None:
        """Load an application's configuration and actions, in parallel if the key is cached.

        Nothing is requested within `delay` seconds, in which the user may move on.
        """
        await asyncio.sleep(delay)
        selection, actions_pane = self._selection, self._panes.actions_pane
        for pane in (self._panes.configuration_pane, actions_pane):
            pane.show_loading()
            pane.lock(on=True)
        expected = selection.configuration.key if selection.configuration else ""
        configurations, actions = await asyncio.gather(
            _value_or_error(self._setup.configurations, application.code),
            _value_or_error(self._read_actions, application, expected),
        )
        if isinstance(configurations, UserError):
            self._display.show_not_loaded(configurations, actions)
            return
        now = now_ms()
        selection.cache.store_configurations(application.code, configurations, now)
        self._display.show_configurations(configurations, now)
        if selection.configuration is None:
            self._display.show_no_configuration()
        else:
            key = selection.configuration.key
            self._panes.configuration_pane.show_created(here=key in selection.created_keys)
            if key != expected:
                actions = await _value_or_error(self._read_actions, application, key)
            self._display.show_actions(application, selection.configuration, actions)
        self._display.show_route()
        self._display.update_locks()

    async def _read_actions(self, application: Application, key: str) -> list[Action] | None:
        """Read the actions of a configuration; None for an empty key."""
        return await self._setup.actions(application.code, key) if key else None

    def _on_change_toggled(self) -> None:
        self._display.update_locks()

    def _on_application_selected(self, record: object) -> None:
        application = record if isinstance(record, Application) else None
        self._selection.select_application(application)
        if application:
            self._panes.configuration_pane.show_application(application)
        self.application_changed.emit(application)
        self._tasks.cancel(_LOAD)
        if application is None:
            cached = self._selection.cache.applications
            self._display.show_nothing_selected(choice=cached is None or bool(cached.items))
            return
        self._display.show_cached(application)
        before, self._selected_at = self._selected_at, time.monotonic()
        moving = self._selected_at - before < self.SETTLE_DELAY
        delay = self.SETTLE_DELAY if moving else 0.0
        self._tasks.start(_LOAD, self.load_setup, application, delay=delay)

    def _on_configuration_selected(self, configuration: Configuration) -> None:
        self._selection.configuration = configuration
        self.reload()


async def _value_or_error(
    work: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs
) -> T | UserError:
    """Return a UserError instead of raising it, so that a parallel request goes on.

    Nothing is created for a request that is cancelled before it begins.
    """
    try:
        return await work(*args, **kwargs)
    except UserError as error:
        return error
