"""The diagnosis of the account that a console is connected to."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from ibconsole.api import Platform
from ibconsole.lazy import LazyModule
from ibconsole.services.connections import Account, Environment, SettingsFile
from ibconsole.services.diagnosis import ClockComparison
from ibconsole.services.intake import ForwardPaths
from ibconsole.services.runtime import ConnectionStatus, ListenerStatus, Paths

if TYPE_CHECKING:
    from ibconsole.services import diagnosis
    from ibconsole.services.forward_test import Replay
else:  # imported when something is diagnosed
    diagnosis = LazyModule("ibconsole.services.diagnosis")


class RecordedAccount(Protocol):
    """An account as it was recorded: it replaces what this computer would see of it."""

    @property
    def facts(self) -> "diagnosis.RecordedFacts": ...
    @property
    def endpoints(self) -> "Replay": ...


class CurrentDiagnosis:
    """Makes the diagnosis of one account when it is asked for first; until `close`.

    `clock` is to observe the answers of the platform, `listener` returns the listener's status.
    The facts are those of `recorded`, if that is given.
    """

    def __init__(
        self,
        account: Account,
        paths: Paths,
        forward_paths: ForwardPaths,
        listener: Callable[[], ListenerStatus],
        recorded: RecordedAccount | None = None,
    ) -> None:
        self._recorded = recorded
        self.clock = ClockComparison()
        self._account = account
        self._paths = paths
        self._forward_paths = forward_paths
        self._listener = listener
        self._made: diagnosis.Diagnostics | None = None

    async def diagnostics(
        self, connection: ConnectionStatus, platform: Platform
    ) -> "diagnosis.Diagnostics":
        """Return the diagnosis; `platform` is that of the account. Raises a SettingsError."""
        if not self._made:
            file, account = SettingsFile(self._paths.settings), self._account
            loaded = await asyncio.to_thread(file.load)
            is_kept = account.connection and account.environment != Environment.SANDBOX
            self._made = diagnosis.Diagnostics(
                connection,
                platform,
                diagnosis.Surroundings(
                    self._paths.archive,
                    self._owner_of,
                    {one.id: one.name for one in loaded.settings.connections},
                    self._listener,
                    self._paths.health if is_kept else None,
                    lambda uuid: account.team if uuid == account.connection else None,
                    recorded=self._recorded.facts if self._recorded else None,
                ),
                clock=self.clock,
                load_mutes=lambda: asyncio.to_thread(diagnosis.Mutes(file).load),
                look=diagnosis.probe,
            )
        return self._made

    def close(self) -> None:
        """Keep no health any more."""
        if self._made:
            self._made.health.stop_keeping()

    def _owner_of(self, path: str) -> str | None:
        owner = self._forward_paths.owner_of(path)
        return (owner.connection or "") if owner else None
