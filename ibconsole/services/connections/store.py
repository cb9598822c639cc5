"""The saved connections: settings in their file and secrets in the keyring, under one UUID."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Protocol

from ibconsole.errors import UserError
from ibconsole.secret import Secret
from ibconsole.services.connections.account import (
    Account,
    Credential,
    authorization_of,
    saved_account,
)
from ibconsole.services.connections.connection import Connection, InvalidConnection, new_id
from ibconsole.services.connections.settings import (
    Settings,
    SettingsFile,
    with_connection,
    without_connection,
)

log = logging.getLogger(__name__)


class NoSuchConnection(UserError):
    """There is no connection with that name or ID."""


class NoSecret(UserError):
    """The keyring holds no secret for a connection."""


class SecretStore(Protocol):
    """A store of secrets, each under the UUID of its connection."""

    async def read(self, connection: str, /) -> Secret | None: ...
    async def write(self, connection: str, secret: Secret, /) -> None: ...
    async def delete(self, connection: str, /) -> None: ...
    def store_for_session(self, connection: str, secret: Secret, /) -> None: ...


class PathStore(Protocol):
    """The store of the listener's paths."""

    def remove(self, connection: str, /) -> None: ...


class Connections:
    """Adds, edits, duplicates and removes connections, and turns them into accounts.

    A connection is never saved without its secret, nor a secret without its connection. Every
    method may raise SettingsError, and those that need the secret also VaultError; nothing is
    changed then.
    """

    def __init__(self, file: SettingsFile, secrets: SecretStore, paths: PathStore) -> None:
        self._file = file
        self._secrets = secrets
        self._paths = paths
        self.notice = ""

    async def load(self) -> Settings:
        """Read the settings from the file; `notice` says if it was damaged."""
        loaded = await asyncio.to_thread(self._file.load)
        self.notice = loaded.notice or self.notice
        return loaded.settings

    async def find(self, name: str) -> Connection:
        """Find a connection by its name, ignoring case, or its ID. Raises NoSuchConnection."""
        settings = await self.load()
        found = settings.named(name) or settings.connection(name)
        if found:
            return found
        names = ", ".join(one.name for one in settings.connections)
        raise NoSuchConnection(
            f"There is no connection called {name}. "
            + (f"There are: {names}." if names else "None was added yet.")
        )

    async def add(
        self, connection: Connection, secret: Secret, *, for_session: bool = False
    ) -> Connection:
        """Save a connection under a new ID; return it as it was saved.

        With `for_session` the secret stays in memory and has to be entered again at the next
        start. Raises InvalidConnection or BadCredential.
        """
        new = replace(connection, id=new_id()).normalized()
        check_secret(new, secret)
        _require_unused_name(await self.load(), new)
        await self._store_secret(new.id, secret, for_session=for_session)
        async with AsyncExitStack() as rollback:
            rollback.push_async_callback(self._delete_secret, new.id)
            await self._save(new)
            rollback.pop_all()
        return new

    async def edit(
        self, connection: Connection, secret: Secret | None, *, for_session: bool = False
    ) -> Connection:
        """Save a changed connection; a secret of None leaves the stored one as it is.

        A secret is never sent to a host that it was not entered for: a change of the base URL,
        of the kind of authorization or of the identity requires the secret again. Raises
        NoSuchConnection, InvalidConnection or BadCredential.
        """
        new = connection.normalized()
        settings = await self.load()
        old = settings.connection(new.id)
        if not old:
            raise NoSuchConnection("The connection was removed meanwhile; nothing was saved.")
        if secret is None and needs_secret(old, new):
            raise InvalidConnection(
                "secret",
                f"Enter the {new.kind.secret_name.lower()} once more: it was kept for"
                f" {old.base_url} as {old.kind.label}, and is not sent elsewhere by itself.",
            )
        _require_unused_name(settings, new)
        if secret is None:
            await self._save(new)
            return new
        check_secret(new, secret)
        before = await self._secrets.read(new.id)
        await self._store_secret(new.id, secret, for_session=for_session)
        async with AsyncExitStack() as rollback:
            if before:
                rollback.push_async_callback(self._secrets.write, new.id, before)
            await self._save(new)
            rollback.pop_all()
        return new

    async def duplicate(self, uuid: str) -> Connection:
        """Save a copy of a connection and its secret under a new ID and an unused name."""
        settings = await self.load()
        old = settings.connection(uuid)
        if not old:
            raise NoSuchConnection("The connection was removed meanwhile; nothing was copied.")
        account = await self.load_account(uuid)
        name = unused_name(settings, old.name)
        return await self.add(replace(old, name=name), account.credential.secret)

    async def remove(self, uuid: str) -> None:
        """Remove a connection, its secret and its forward URL; its messages stay.

        The connection itself is removed last: if the keyring refuses or the path cannot be
        removed, it stays, and the removal can be repeated.
        """
        await self._secrets.delete(uuid)
        await asyncio.to_thread(self._paths.remove, uuid)
        await self._change(lambda settings: without_connection(settings, uuid))

    async def load_account(self, uuid: str) -> Account:
        """Read a connection and its secret; may wait for the user to unlock the keyring.

        Raises NoSuchConnection, NoSecret or VaultError.
        """
        connection = (await self.load()).connection(uuid)
        if not connection:
            raise NoSuchConnection("The connection was removed meanwhile.")
        secret = await self._secrets.read(uuid)
        if not secret:
            raise NoSecret(
                f"The keyring holds no {connection.kind.secret_name.lower()} for"
                f" {connection.name}: it was kept for one session only, or removed from the"
                " keyring. Enter it again."
            )
        return saved_account(connection, secret)

    async def record_opened(self, uuid: str) -> None:
        """Save which connection is to be opened at the next start."""
        await self._change(lambda settings: replace(settings, last_opened=uuid))

    async def _store_secret(self, uuid: str, secret: Secret, *, for_session: bool) -> None:
        if for_session:
            self._secrets.store_for_session(uuid, secret)
        else:
            await self._secrets.write(uuid, secret)

    async def _delete_secret(self, uuid: str) -> None:
        try:
            await self._secrets.delete(uuid)
        except UserError as error:
            log.warning("The secret of an unsaved connection could not be deleted: %s", error)

    async def _save(self, connection: Connection) -> None:
        def change(settings: Settings) -> Settings:
            _require_unused_name(settings, connection)
            return with_connection(settings, connection)

        await self._change(change)

    async def _change(self, change: Callable[[Settings], Settings]) -> None:
        await asyncio.to_thread(self._file.change, change)


def check_secret(connection: Connection, secret: Secret) -> None:
    """Raise BadCredential if the secret cannot be sent as this kind of authorization."""
    authorization_of(connection.base_url, Credential(secret, connection.kind, connection.identity))


def needs_secret(old: Connection, new: Connection) -> bool:
    """Return whether the change invalidates the stored secret or would send it to another host."""
    return (old.base_url, old.kind, old.identity) != (new.base_url, new.kind, new.identity)


def unused_name(settings: Settings, name: str) -> str:
    """Return a name derived from this one that no connection has: `Acme copy`, `Acme copy 2`."""
    number = 1
    while settings.named(candidate := f"{name[:48]} copy{f' {number}' if number > 1 else ''}"):
        number += 1
    return candidate


def _require_unused_name(settings: Settings, connection: Connection) -> None:
    other = settings.named(connection.name)
    if other and other.id != connection.id:
        raise InvalidConnection("name", f"There is a connection called {other.name} already.")
