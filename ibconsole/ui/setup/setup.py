"""Applications, configuration and actions: three panes that form one chain, and its route.

Choosing an application shows what is known of it at once, and reads its configuration and
its actions again, both at the same time. What arrives for an application that is no longer
the chosen one is dropped.
"""

import asyncio
import time
from collections.abc import Awaitable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol, TypeVar

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ibconsole.errors import UserError
from ibconsole.model import Action, Application, Configuration
from ibconsole.services.console import AnotherConnection
from ibconsole.services.runtime import ConnectionStatus, ListenerState, Status
from ibconsole.services.setup import NO_CONFIGURATION, UNKNOWN, Route, SetupCache, find_route
from ibconsole.ui.setup.actions import ActionsPane
from ibconsole.ui.setup.applications import ApplicationsPane, identity_of, name_of
from ibconsole.ui.setup.configuration import ConfigurationPane
from ibconsole.ui.setup.route import RouteView
from ibconsole.ui.toolkit import Command, Theme, UiTasks, times
from ibconsole.ui.widgets import Splitter

T = TypeVar("T")

# The names of the tasks; at most one change is under way at any time.
LIST = "applications"
LOAD = "setup"
CHANGE = "setup change"

_WIDTHS = (380, 300, 400)
_NO_CONNECTION = "There is no connection: add one or open one, with Ctrl+Shift+O."
_NO_CONFIGURATION = "Actions belong to a configuration, and this application has none."
_NOT_ASKED = "The actions were not loaded, as the configuration could not be."
_LIMITED = (
    "The platform knows this credential, but does not let it look at the setup. If it is made for"
    " the pull, messages can be pulled with it all the same, in the tab Messages."
)
_LIMITED_TOO = "Not for this credential: see Applications."


class SetupReader(Protocol):
    """The account's setup, as far as reading goes."""

    async def applications(self) -> list[Application]: ...
    async def application(self, code: str, *, by_id: bool = False) -> Application: ...
    async def configurations(self, code: str) -> list[Configuration]: ...
    async def actions(self, code: str, key: str) -> list[Action]: ...


class SetupPanes(QWidget):
    """The three panes beside each other, and below them where a message goes."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.splitter = Splitter(Qt.Orientation.Horizontal)
        self.applications_pane = ApplicationsPane(theme)
        self.configuration_pane = ConfigurationPane(theme)
        self.actions_pane = ActionsPane(theme)
        self.route = RouteView(theme)
        for pane in (self.applications_pane, self.configuration_pane, self.actions_pane):
            self.splitter.addWidget(pane)
        for number, width in enumerate(_WIDTHS):
            self.splitter.setStretchFactor(number, width)
        self.splitter.setSizes(_WIDTHS)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.splitter, 1)
        layout.addWidget(self.route)
        self.configuration_pane.show_application(None)
        self.actions_pane.show_none("")

    @property
    def commands(self) -> tuple[Command, ...]:
        """What can be done here, by pane from left to right."""
        panes = (self.applications_pane, self.configuration_pane, self.actions_pane)
        return tuple(command for pane in panes for command in pane.commands)


class SetupPresenter(QObject):
    """Loads what the panes show, and knows which application and configuration are at hand.

    `reach_changed` tells whether the platform answered: a StateDot's kind, and the words.
    """

    reach_changed = Signal(str, str)
    applications_changed = Signal(list)
    application_changed = Signal(object)

    # Who goes down a list with the arrow keys does not want to know of each: seconds.
    QUIET = 0.15

    def __init__(self, panes: SetupPanes, setup: SetupReader, tasks: UiTasks) -> None:
        super().__init__(panes)
        self._panes = panes
        self._setup = setup
        self._tasks = tasks
        self._told = False
        self.known = SetupCache()
        self.connection = ConnectionStatus()
        self.listener_url = ""
        self.application: Application | None = None
        self.configuration: Configuration | None = None
        self.actions: Sequence[Action] | None = None
        self.created: set[str] = set()
        self._changing = False
        self._chosen_at = 0.0
        panes.applications_pane.application_chosen.connect(self._on_application_chosen)
        panes.applications_pane.retry_requested.connect(self.refresh)
        panes.configuration_pane.configuration_chosen.connect(self._on_configuration_chosen)
        panes.configuration_pane.retry_requested.connect(self.reload)
        panes.actions_pane.retry_requested.connect(self.reload)

    def refresh(self) -> None:
        """Load everything again; what is shown meanwhile stays."""
        if self.connection != ConnectionStatus():
            self._tasks.start(LIST, self.load_applications)
        else:
            self._panes.applications_pane.show_empty(_NO_CONNECTION, icon_name="link")

    def reload(self) -> None:
        """Load the configuration and its actions again."""
        if self.application is not None:
            self._tasks.start(LOAD, self.load_setup, self.application)

    def show_status(self, status: Status) -> None:
        """Another account has another setup: nothing of the former stays."""
        url = status.listener.url if status.listener.state is ListenerState.LISTENING else ""
        if url != self.listener_url:
            self.listener_url = url
            self._show_route()
        if status.connection == self.connection and self._told:
            return
        self._told = True
        self.connection = status.connection
        self.created.clear()
        self.known.forget()
        self._panes.applications_pane.show_loading(keep=False)
        self._panes.applications_pane.table.show_records(())
        self.refresh()

    def go_to(self, application: Application, action: str = "") -> None:
        """Choose an application, and an action of it if that is known."""
        pane = self._panes.applications_pane
        pane.filter.clear()
        pane.table.choose(identity_of(application))
        if not is_same(application, self.application):
            self._on_application_chosen(pane.table.record)
        if action:
            self._panes.actions_pane.table.choose(action)
            self._panes.actions_pane.table.setFocus()
        else:
            pane.table.setFocus()

    async def load_applications(self) -> None:
        """List the applications; then load again what is shown of the chosen one."""
        pane = self._panes.applications_pane
        pane.show_loading()
        try:
            applications = await self._setup.applications()
        except UserError as error:
            self._show_not_listed(error)
            return
        now = times.now_ms()
        self.known.learn_applications(applications, now)
        pane.show_applications(applications, now)
        self.reach_changed.emit("ok", f"The platform answered at {times.exact(now)}.")
        self.applications_changed.emit(applications)
        if self.application is not None:
            self._speak_of(pane.table.record)
            self.reload()

    async def look_up(self, code: str, *, by_id: bool) -> Application:
        """The application of that code or ID, chosen; raises UserError if there is none."""
        wanted = "id" if by_id else "code"
        listed = self.known.applications.items if self.known.applications else ()
        found = next((one for one in listed if getattr(one, wanted) == code), None)
        if found is None:
            asked = self.connection
            found = await self._setup.application(code, by_id=by_id)
            if self.connection != asked:
                raise AnotherConnection(
                    "The connection has changed meanwhile; what was found belongs to the former."
                )
            now = times.now_ms()
            others = [one for one in listed if not is_same(one, found)]
            self.known.learn_applications([*others, found], now)
            self._panes.applications_pane.show_applications([*others, found], now)
            self.applications_changed.emit([*others, found])
        self.go_to(found)
        return found

    async def load_setup(self, application: Application, *, after: float = 0.0) -> None:
        """Load the configuration of an application and its actions, together if that goes.

        Nothing is requested before so many seconds: another may be chosen until then.
        """
        await asyncio.sleep(after)
        configuration, actions = self._panes.configuration_pane, self._panes.actions_pane
        for pane in (configuration, actions):
            pane.show_loading()
            pane.lock(on=True)
        expected = self.configuration.key if self.configuration else ""
        found, listed = await asyncio.gather(
            _caught(self._setup.configurations(application.code)),
            _caught(self._actions_of(application, expected)),
        )
        if isinstance(found, UserError):
            self._show_not_loaded(found, listed)
            return
        self.known.learn_configurations(application.code, found, times.now_ms())
        self.configuration = self._same_or_first(found)
        configuration.show_configurations(found, self.configuration, times.now_ms())
        if self.configuration is None:
            self.actions = None
            actions.show_none(_NO_CONFIGURATION)
        else:
            configuration.show_created(here=self.configuration.key in self.created)
            if self.configuration.key != expected:
                listed = await _caught(self._actions_of(application, self.configuration.key))
            self._show_actions(application, self.configuration, listed)
        self._show_route()
        self._offer()

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Offer no other change while the block runs."""
        self._changing = True
        self._offer()
        try:
            yield
        finally:
            self._changing = False
            self._offer()

    def _offer(self) -> None:
        """Offer changes, unless one is under way or the setup is not known."""
        self._panes.configuration_pane.lock(on=self._changing)
        self._panes.actions_pane.lock(on=self._changing or self.actions is None)

    async def _actions_of(self, application: Application, key: str) -> list[Action] | None:
        """The actions of a configuration; None without one."""
        return await self._setup.actions(application.code, key) if key else None

    def _show_not_listed(self, error: UserError) -> None:
        pane = self._panes.applications_pane
        # A key that may pull but not list answers 403: it does work, for that.
        limited = getattr(error, "status", None) == 403
        if limited:
            causes = tuple(getattr(error, "causes", ()))
            pane.table.show_records(())
            pane.show_limits(_LIMITED, details_of(error), causes)
            self._panes.configuration_pane.show_limits(_LIMITED_TOO, retry=False)
            self._panes.actions_pane.show_none(_LIMITED_TOO)
        else:
            pane.show_failed(str(error), details_of(error), tuple(getattr(error, "causes", ())))
        self.reach_changed.emit("warning" if limited else "danger", str(error))

    def _show_not_loaded(self, error: UserError, listed: list[Action] | UserError | None) -> None:
        """The configuration was not read; the actions may have been."""
        self._panes.configuration_pane.show_failed(str(error), details_of(error))
        pane = self._panes.actions_pane
        if isinstance(listed, list) and self.application and self.configuration:
            self._show_actions(self.application, self.configuration, listed)
            self._show_route()
        elif pane.has_content:
            pane.show_failed(str(listed) if isinstance(listed, UserError) else _NOT_ASKED)
        else:
            pane.show_none(_NOT_ASKED)

    def _show_actions(
        self,
        application: Application,
        configuration: Configuration,
        listed: list[Action] | UserError | None,
    ) -> None:
        pane = self._panes.actions_pane
        if isinstance(listed, UserError):
            self.actions = None
            pane.show_failed(str(listed), details_of(listed))
            return
        self.actions = listed or []
        now = times.now_ms()
        self.known.learn_actions(application.code, configuration.key, self.actions, now)
        pane.show_actions(self.actions, now)

    def _show_known(self, application: Application) -> None:
        """What was read of it before, at once, with its age; else that it is being loaded."""
        configuration, actions = self._panes.configuration_pane, self._panes.actions_pane
        for pane in (configuration, actions):
            pane.show_loading(keep=False)
        if known := self.known.configurations(application.code):
            self.configuration = self._same_or_first(known.items)
            configuration.show_configurations(known.items, self.configuration, known.read_at)
            if self.configuration is None:
                actions.show_none(_NO_CONFIGURATION)
            elif listed := self.known.actions(application.code, self.configuration.key):
                self.actions = listed.items
                actions.show_actions(listed.items, listed.read_at)
        self._show_route()

    def _show_route(self) -> None:
        application = self.application
        if application is None:
            self._panes.route.show_route("", None)
            return
        self._panes.route.show_route(name_of(application), self._route(application))

    def _route(self, application: Application) -> Route:
        known = self.known.configurations(application.code)
        if known is not None and not known.items:
            return NO_CONFIGURATION
        if self.actions is None:
            return UNKNOWN
        sandbox = self.connection.environment == "sandbox"
        return find_route(self.actions, listener_url=self.listener_url, sandbox=sandbox)

    def _same_or_first(self, found: Sequence[Configuration]) -> Configuration | None:
        key = self.configuration.key if self.configuration else None
        same = (configuration for configuration in found if configuration.key == key)
        return next(same, found[0] if found else None)

    def _speak_of(self, application: Application | None) -> None:
        self.application = application
        self._panes.configuration_pane.show_application(application)

    def _on_application_chosen(self, chosen: object) -> None:
        application = chosen if isinstance(chosen, Application) else None
        self.configuration = None
        self.actions = None
        self._speak_of(application)
        self.application_changed.emit(application)
        self._tasks.cancel(LOAD)
        if application is None:
            self._panes.actions_pane.show_none("")
            self._show_route()
            return
        self._show_known(application)
        before, self._chosen_at = self._chosen_at, time.monotonic()
        quick = self._chosen_at - before < self.QUIET
        self._tasks.start(LOAD, self.load_setup, application, after=self.QUIET if quick else 0.0)

    def _on_configuration_chosen(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.reload()


async def _caught(work: Awaitable[T]) -> T | UserError:
    """What somebody could act on is an answer, too: the other request goes on."""
    try:
        return await work
    except UserError as error:
        return error


def details_of(error: UserError) -> str:
    """What stands behind the sentence, for those who ask."""
    return str(getattr(error, "details", ""))


def is_same(one: Application | None, other: Application | None) -> bool:
    """Whether both are the same application, whatever changed of it."""
    return one is not None and other is not None and identity_of(one) == identity_of(other)
