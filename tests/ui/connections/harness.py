"""The presenter of connections with everything that it works with, over a fake keyring."""

from pathlib import Path
from typing import TypeVar

from msgspec.structs import replace
from PySide6.QtWidgets import QApplication, QDialog

from ibconsole.secret import Secret
from ibconsole.services.connections.connection import Connection, new_id
from ibconsole.services.connections.settings import SettingsFile
from ibconsole.services.connections.store import Connections
from ibconsole.services.connections.vault import SecretPlace, VaultError
from ibconsole.services.console.console import Console
from ibconsole.services.console.remote_connections import RemoteConnections
from ibconsole.services.intake.forward_paths import ForwardPaths
from ibconsole.services.runtime.engine import Engine
from ibconsole.simulator.running import RunningSimulator
from ibconsole.ui.connections.connecting_page import ConnectingPage
from ibconsole.ui.connections.connection_bar import ConnectionBar
from ibconsole.ui.connections.presenter import ConnectionsPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme

D = TypeVar("D", bound=QDialog)


class FakeKeyring:
    """A keyring in memory that can refuse access, and forgets session secrets at a restart."""

    def __init__(self) -> None:
        self.secrets: dict[str, Secret] = {}
        self.session: dict[str, Secret] = {}
        self.refuses = False

    async def read(self, connection: str) -> Secret | None:
        if held := self.session.get(connection):
            return held
        self._check_access()
        return self.secrets.get(connection)

    async def write(self, connection: str, secret: Secret) -> None:
        self._check_access()
        self.secrets[connection] = secret
        self.forget_session(connection)

    async def delete(self, connection: str) -> None:
        self._check_access()
        self.secrets.pop(connection, None)
        self.forget_session(connection)

    def store_for_session(self, connection: str, secret: Secret) -> None:
        self.session[connection] = secret

    def session_secret(self, connection: str) -> Secret | None:
        return self.session.get(connection)

    def forget_session(self, connection: str) -> None:
        self.session.pop(connection, None)

    async def place(self, connection: str) -> SecretPlace:
        if connection in self.session:
            return SecretPlace.SESSION
        return SecretPlace.KEYRING if connection in self.secrets else SecretPlace.NOWHERE

    def _check_access(self) -> None:
        if self.refuses:
            raise VaultError("The keyring is locked; nothing was changed.")


class Harness:
    """The presenter, its bar and page, and what it emitted."""

    def __init__(
        self, data: Path, engine: Engine, console: Console, theme: Theme, tasks: UiTasks
    ) -> None:
        self.keyring = FakeKeyring()
        self.saved = Connections(
            SettingsFile(data / "settings.json"), self.keyring, ForwardPaths(data / "listener.json")
        )
        self.console, self.engine, self.tasks = console, engine, tasks
        self.bar = ConnectionBar(theme)
        self.page = ConnectingPage(theme)
        self.service = RemoteConnections(engine, console, self.saved)
        self.presenter = ConnectionsPresenter(self.bar, self.page, self.service, tasks, theme)
        self.shown_page = ""
        self.notices: list[tuple[str, str]] = []
        self.presenter.page_changed.connect(self._on_page_changed)
        self.presenter.notice_raised.connect(self._on_notice_raised)

    @property
    def names(self) -> list[str]:
        """The names of the saved connections."""
        return [one.name for one in self.presenter.settings.connections]

    async def save(
        self, running: RunningSimulator, *, for_session: bool = False, **changes: object
    ) -> Connection:
        """Save a connection to the simulator, without the window."""
        draft = Connection(id=new_id(), name="Acme", base_url=running.base_url)
        changed = replace(draft, **changes)
        return await self.saved.add(changed, Secret(running.api_key), for_session=for_session)

    async def settle(self) -> None:
        """Wait for the background tasks, and show the status as the window does."""
        await self.tasks.settled()
        self.bar.show_status(self.console.status)
        self.presenter.show_status(self.console.status)
        await self.tasks.settled()

    def dialog(self, kind: type[D]) -> D:
        """Return the visible dialog of this class."""
        dialogs = (one for one in QApplication.topLevelWidgets() if isinstance(one, kind))
        return next(one for one in dialogs if one.isVisible())

    def _on_page_changed(self, page: str) -> None:
        self.shown_page = page

    def _on_notice_raised(self, severity: str, sentence: str) -> None:
        self.notices.append((severity, sentence))
