"""Secrets of connections that are stored or deleted together with the settings, or not at all."""

import logging
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Protocol

from ibconsole.errors import UserError
from ibconsole.secret import Secret
from ibconsole.services.connections.connection import Connection
from ibconsole.services.connections.vault import NoKeyring, SecretPlace, VaultError

log = logging.getLogger(__name__)


class SecretStore(Protocol):
    """A store of secrets, each under the UUID of its connection or a name made from it."""

    async def read(self, name: str, /) -> Secret | None: ...
    async def write(self, name: str, secret: Secret, /) -> None: ...
    async def delete(self, name: str, /) -> None: ...
    def store_for_session(self, name: str, secret: Secret, /) -> None: ...
    def session_secret(self, name: str, /) -> Secret | None: ...
    def forget_session(self, name: str, /) -> None: ...
    async def place(self, name: str, /) -> SecretPlace: ...


def team_secret_name(uuid: str) -> str:
    """Return the name under which the password of a connection's team archive is stored."""
    return f"{uuid}:team"


class SavedSecrets:
    """Stores and deletes secrets, and restores them if what belongs to them could not be saved."""

    def __init__(self, secrets: SecretStore) -> None:
        self._secrets = secrets

    @asynccontextmanager
    async def storing(
        self, name: str, secret: Secret | None, *, for_session: bool
    ) -> AsyncIterator[None]:
        """Store a secret, None deletes it; the former one returns if the block fails.

        With `for_session` it stays in memory, and the keyring is not asked.
        """
        held = self._secrets.session_secret(name)
        async with AsyncExitStack() as rollback:
            rollback.callback(self._hold, name, held)
            self._secrets.forget_session(name)
            if for_session and secret:
                self._secrets.store_for_session(name, secret)
            elif secret:
                before = await self._replace(name, secret)
                rollback.push_async_callback(self._restore, name, before)
            elif not for_session:
                before = await self._take(name)
                rollback.push_async_callback(self._restore, name, before)
            yield
            rollback.pop_all()

    async def delete(self, connection: Connection) -> None:
        """Delete the secrets of a connection. Raises VaultError unless it was session-only."""
        names = [connection.id]
        if connection.team:
            names.append(team_secret_name(connection.id))
        try:
            for name in names:
                await self._secrets.delete(name)
        except NoKeyring:
            log.info("No keyring is available: there is no secret to delete.")
        except VaultError as error:
            if not connection.session_only:
                raise
            log.warning("The keyring was not asked about a session-only connection: %s", error)

    def forget(self, uuid: str) -> None:
        """Drop what is held of a connection for this session."""
        self._secrets.forget_session(uuid)
        self._secrets.forget_session(team_secret_name(uuid))

    async def _replace(self, name: str, secret: Secret) -> Secret | None:
        """Store a secret in the keyring, and return the former one."""
        try:
            before = await self._secrets.read(name)
            await self._secrets.write(name, secret)
        except NoKeyring as error:
            raise error.when_saving() from error
        return before

    async def _take(self, name: str) -> Secret | None:
        """Delete a secret from the keyring, and return it."""
        try:
            before = await self._secrets.read(name)
            if before:
                await self._secrets.delete(name)
        except NoKeyring:
            return None
        return before

    async def _restore(self, name: str, secret: Secret | None) -> None:
        try:
            if secret:
                await self._secrets.write(name, secret)
            else:
                await self._secrets.delete(name)
        except NoKeyring:
            log.info("No keyring is available: there is no secret to restore.")
        except UserError as error:
            log.warning("The secret of an unsaved connection could not be restored: %s", error)

    def _hold(self, name: str, secret: Secret | None) -> None:
        if secret:
            self._secrets.store_for_session(name, secret)
        else:
            self._secrets.forget_session(name)
