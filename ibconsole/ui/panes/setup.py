"""Applications, configuration and actions: three panes that form one chain.

Choosing an application loads its configuration, and that its actions. What arrives for an
application that is no longer the chosen one is dropped.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtWidgets import QWidget

from ibconsole.errors import UserError
from ibconsole.model import Action, Application, Configuration
from ibconsole.services import ConnectionStatus, Status
from ibconsole.ui import times
from ibconsole.ui.panes.actions import ActionsPane
from ibconsole.ui.panes.applications import ApplicationsPane, identity_of
from ibconsole.ui.panes.configuration import ConfigurationPane
from ibconsole.ui.tasks import UiTasks
from ibconsole.ui.theme import Theme
from ibconsole.ui.widgets.splitter import Splitter

# The names of the tasks; at most one change is under way at any time.
LIST = "applications"
LOAD = "setup"
CHANGE = "setup change"

_WIDTHS = (380, 300, 400)
_NO_CONNECTION = (
    "There is no connection. To work on an account, put its key into the environment's"
    " IBCONSOLE_API_KEY and start:\nibconsole --base-url URL\nTo try the sandbox:\nibconsole --demo"
)
_NO_CONFIGURATION = "Actions belong to a configuration, and this application has none."
_NOT_ASKED = "The actions were not loaded, as the configuration could not be."


class SetupReader(Protocol):
    """The account's setup, as far as reading goes."""

    async def applications(self) -> list[Application]: ...
    async def configurations(self, code: str) -> list[Configuration]: ...
    async def actions(self, code: str, key: str) -> list[Action]: ...


class SetupPanes(Splitter):
    """The three panes beside each other."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.theme = theme
        self.applications_pane = ApplicationsPane(theme)
        self.configuration_pane = ConfigurationPane(theme)
        self.actions_pane = ActionsPane(theme)
        for pane in (self.applications_pane, self.configuration_pane, self.actions_pane):
            self.addWidget(pane)
        for number, width in enumerate(_WIDTHS):
            self.setStretchFactor(number, width)
        self.setSizes(_WIDTHS)
        self.configuration_pane.show_application(None)
        self.actions_pane.show_none("")


class SetupPresenter(QObject):
    """Loads what the panes show, and knows which application and configuration are at hand.

    `reach_changed` tells whether the platform answered: a StateDot's kind, and the words.
    """

    reach_changed = Signal(str, str)
    applications_changed = Signal(list)
    application_changed = Signal(object)

    def __init__(self, panes: SetupPanes, setup: SetupReader, tasks: UiTasks) -> None:
        super().__init__(panes)
        self._panes = panes
        self._setup = setup
        self._tasks = tasks
        self._told = False
        self.connection = ConnectionStatus()
        self.listener_url = ""
        self.application: Application | None = None
        self.configuration: Configuration | None = None
        self.actions: Sequence[Action] | None = None
        self.created: set[str] = set()
        self._changing = False
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
        self.listener_url = status.listener.url if status.listener.state == "listening" else ""
        if status.connection == self.connection and self._told:
            return
        self._told = True
        self.connection = status.connection
        self.created.clear()
        self._panes.applications_pane.show_loading(keep=False)
        self._panes.applications_pane.table.show_records(())
        self.refresh()

    async def load_applications(self) -> None:
        """List the applications; then load again what is shown of the chosen one."""
        pane = self._panes.applications_pane
        pane.show_loading()
        try:
            applications = await self._setup.applications()
        except UserError as error:
            pane.show_failed(str(error), details_of(error))
            # A key that may pull but not list answers 403: it does work, for that.
            kind = "warning" if getattr(error, "status", None) == 403 else "danger"
            self.reach_changed.emit(kind, str(error))
            return
        pane.show_applications(applications)
        self.reach_changed.emit("ok", f"The platform answered at {times.exact(times.now_ms())}.")
        self.applications_changed.emit(applications)
        if self.application is not None:
            self._speak_of(pane.table.record)
            self.reload()

    async def load_setup(self, application: Application, *, keep: bool = True) -> None:
        """Load the configuration of an application, and the actions of that."""
        configuration, actions = self._panes.configuration_pane, self._panes.actions_pane
        for pane in (configuration, actions):
            pane.show_loading(keep=keep)
            pane.lock(on=True)
        try:
            found = await self._setup.configurations(application.code)
        except UserError as error:
            configuration.show_failed(str(error), details_of(error))
            if actions.has_content:
                actions.show_failed(_NOT_ASKED)
            else:
                actions.show_none(_NOT_ASKED)
            return
        self.configuration = self._same_or_first(found)
        configuration.show_configurations(found, self.configuration)
        if self.configuration is None:
            self.actions = None
            actions.show_none(_NO_CONFIGURATION)
        else:
            configuration.show_created(here=self.configuration.key in self.created)
            await self._load_actions(application, self.configuration)
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

    async def _load_actions(self, application: Application, configuration: Configuration) -> None:
        pane = self._panes.actions_pane
        try:
            self.actions = await self._setup.actions(application.code, configuration.key)
        except UserError as error:
            self.actions = None
            pane.show_failed(str(error), details_of(error))
            return
        pane.show_actions(self.actions)

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
        if application is None:
            self._tasks.cancel(LOAD)
            self._panes.actions_pane.show_none("")
        else:
            self._tasks.start(LOAD, self.load_setup, application, keep=False)

    def _on_configuration_chosen(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.reload()


def details_of(error: UserError) -> str:
    """What stands behind the sentence, for those who ask."""
    return str(getattr(error, "details", ""))


def is_same(one: Application | None, other: Application | None) -> bool:
    """Whether both are the same application, whatever changed of it."""
    return one is not None and other is not None and identity_of(one) == identity_of(other)
