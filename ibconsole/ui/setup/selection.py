"""The selection that the presenters of the setup share.

`SetupPresenter` writes what was selected and read; `ChangeRunner` reads the target of a change.
Neither knows the other.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QObject, Signal

from ibconsole.model import Action, Application, Configuration
from ibconsole.services.connections import Environment
from ibconsole.services.runtime import ConnectionStatus
from ibconsole.services.setup import NO_CONFIGURATION, UNKNOWN, Route, SetupCache, find_route
from ibconsole.ui.setup.applications import identity_of


class SetupSelection(QObject):
    """The connection, application, configuration and actions that the panes show.

    `configuration` and `actions` are None until they were read. `created_keys` are the keys
    of the configurations that this window created. `reload_requested` asks for configuration
    and actions to be read again; `change_toggled` reports that a change began or ended.
    """

    reload_requested = Signal()
    change_toggled = Signal(bool)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.cache = SetupCache()
        self.connection = ConnectionStatus()
        self.listener_url = ""
        self.borrowed_urls: frozenset[str] = frozenset()
        self.application: Application | None = None
        self.configuration: Configuration | None = None
        self.actions: Sequence[Action] | None = None
        self.created_keys: set[str] = set()
        self._changing = False

    @property
    def changing(self) -> bool:
        """True if a change is in progress."""
        return self._changing

    @property
    def sandbox(self) -> bool:
        """True if the connection is one to the simulated platform."""
        return self.connection.environment == Environment.SANDBOX

    def select_connection(self, connection: ConnectionStatus) -> None:
        """Select another account, and forget what was read of the previous one."""
        self.connection = connection
        self.created_keys.clear()
        self.cache.clear()

    def select_application(self, application: Application | None) -> None:
        """Select an application; its configuration and actions are not known yet."""
        self.application = application
        self.configuration = None
        self.actions = None

    def select_configuration(self, found: Sequence[Configuration]) -> None:
        """Select the same configuration among those found, else the first; None if none is."""
        key = self.configuration.key if self.configuration else None
        same = (configuration for configuration in found if configuration.key == key)
        self.configuration = next(same, found[0] if found else None)

    def shows(self, application: Application) -> bool:
        """Return whether this application is the selected one, renamed or not."""
        return is_same(self.application, application)

    def find_route(self) -> Route | None:
        """Return the route of an inbound message; None while no application is selected."""
        if self.application is None:
            return None
        read = self.cache.configurations(self.application.code)
        if read is not None and not read.items:
            return NO_CONFIGURATION
        if self.actions is None:
            return UNKNOWN
        return find_route(
            self.actions,
            listener_url=self.listener_url,
            sandbox=self.sandbox,
            borrowed=self.borrowed_urls,
        )

    @contextmanager
    def change(self) -> Iterator[None]:
        """Report a change as in progress while the block runs."""
        self._changing = True
        self.change_toggled.emit(self._changing)
        try:
            yield
        finally:
            self._changing = False
            self.change_toggled.emit(self._changing)


def is_same(one: Application | None, other: Application | None) -> bool:
    """Return whether both are the same application, even if its name or description changed."""
    return one is not None and other is not None and identity_of(one) == identity_of(other)
