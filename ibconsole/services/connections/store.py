"""The saved connections: settings in their file, secrets in the keyring, under one UUID."""

import asyncio
import logging
from collections.abc import Callable
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
from ibconsole.services.connections.connection import BadConnection, Connection, new_id
from ibconsole.services.connections.settings import (
    Settings,
    SettingsFile,
    with_connection,
    without_connection,
)

log = logging.getLogger(__name__)


class NoSuchConnection(UserError):
    """There is no connection of that name or ID."""


class NoSecret(UserError):
    """The keyring holds nothing for a connection."""


class SecretKeeper(Protocol):
    """Where secrets are kept."""

    async def read(self, connection: str, /) -> Secret | None: ...
    async def write(self, connection: str, secret: Secret, /) -> None: ...
    async def delete(self, connection: str, /) -> None: ...
    def keep_for_session(self, connection: str, secret: Secret, /) -> None: ...


class PathKeeper(Protocol):
    """Where the listener's paths are kept."""

    def forget(self, connection: str, /) -> None: ...


class Connections:
    """Adds, edits, duplicates and removes connections, and turns them into accounts.

    A connection is never saved without its secret being kept, nor a secret without its
    connection. Every method may raise SettingsError; those that need the secret, also what
    the keyring raises: nothing is then changed.
    """

    def __init__(self, file: SettingsFile, vault: SecretKeeper, paths: PathKeeper) -> None:
        self._file = file
        self._vault = vault
        self._paths = paths
        self.notice = ""

    async def load(self) -> Settings:
        """The settings as they are in the file now; `notice` says if it was broken."""
        loaded = await asyncio.to_thread(self._file.load)
        self.notice = loaded.notice or self.notice
        return loaded.settings

    async def find(self, name: str) -> Connection:
        """The connection of that name, in any case, or of that ID. Raises NoSuchConnection."""
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
        """Save a new connection; as it was saved. Its `id` is made here.

        Raises BadConnection or BadCredential for what cannot be. With `for_session` the
        secret stays in memory, and is asked for again at the next start.
        """
        new = replace(connection, id=new_id()).tidied()
        check_secret(new, secret)
        _require_free_name(await self.load(), new)
        await self._keep(new.id, secret, for_session=for_session)
        try:
            await self._save(new)
        except BaseException:
            await self._forget(new.id)
            raise
        return new

    async def edit(
        self, connection: Connection, secret: Secret | None, *, for_session: bool = False
    ) -> Connection:
        """Save a changed connection; None leaves its secret as it is.

        A secret is never sent to a host that it was not entered for: with another base URL
        it has to be given anew, as with another kind of authorization. Raises
        NoSuchConnection, BadConnection or BadCredential.
        """
        new = connection.tidied()
        settings = await self.load()
        old = settings.connection(new.id)
        if not old:
            raise NoSuchConnection("The connection was removed meanwhile; nothing was saved.")
        if secret is None and needs_secret(old, new):
            raise BadConnection(
                "secret",
                f"Enter the {new.kind.secret_name.lower()} once more: it was kept for"
                f" {old.base_url} as {old.kind.words}, and is not sent elsewhere unasked.",
            )
        _require_free_name(settings, new)
        if secret is None:
            await self._save(new)
            return new
        check_secret(new, secret)
        before = await self._vault.read(new.id)
        await self._keep(new.id, secret, for_session=for_session)
        try:
            await self._save(new)
        except BaseException:
            if before:
                await self._vault.write(new.id, before)
            raise
        return new

    async def duplicate(self, uuid: str) -> Connection:
        """Save the same once more, secret included, under a free name."""
        settings = await self.load()
        old = settings.connection(uuid)
        if not old:
            raise NoSuchConnection("The connection was removed meanwhile; nothing was copied.")
        account = await self.account(uuid)
        name = free_name(settings, old.name)
        return await self.add(replace(old, name=name), account.credential.secret)

    async def remove(self, uuid: str) -> None:
        """Forget a connection, its secret and its forward URL; the messages it received stay.

        The secret goes first: if the keyring refuses, the connection stays to try again, and
        so it does if the path of its forward URL cannot be forgotten.
        """
        await self._vault.delete(uuid)
        await asyncio.to_thread(self._paths.forget, uuid)
        await self._change(lambda settings: without_connection(settings, uuid))

    async def account(self, uuid: str) -> Account:
        """A connection with its secret, which may have to wait for the user to unlock it.

        Raises NoSuchConnection, NoSecret, or what the keyring raises.
        """
        connection = (await self.load()).connection(uuid)
        if not connection:
            raise NoSuchConnection("The connection was removed meanwhile.")
        secret = await self._vault.read(uuid)
        if not secret:
            raise NoSecret(
                f"The keyring holds no {connection.kind.secret_name.lower()} for"
                f" {connection.name}: it was kept for one session only, or removed from the"
                " keyring. Enter it again."
            )
        return saved_account(connection, secret)

    async def opened(self, uuid: str) -> None:
        """Remember which one to open at the next start."""
        await self._change(lambda settings: replace(settings, last=uuid))

    async def _keep(self, uuid: str, secret: Secret, *, for_session: bool) -> None:
        if for_session:
            self._vault.keep_for_session(uuid, secret)
        else:
            await self._vault.write(uuid, secret)

    async def _forget(self, uuid: str) -> None:
        try:
            await self._vault.delete(uuid)
        except UserError as error:
            log.warning("The secret of a connection that was not saved stays: %s", error)

    async def _save(self, connection: Connection) -> None:
        def change(settings: Settings) -> Settings:
            _require_free_name(settings, connection)
            return with_connection(settings, connection)

        await self._change(change)

    async def _change(self, change: Callable[[Settings], Settings]) -> None:
        await asyncio.to_thread(self._file.change, change)


def check_secret(connection: Connection, secret: Secret) -> None:
    """Raise BadCredential for a secret that cannot be sent as this kind."""
    authorization_of(connection.base_url, Credential(secret, connection.kind, connection.identity))


def needs_secret(old: Connection, new: Connection) -> bool:
    """Whether a change makes the kept secret useless, or would send it somewhere else."""
    return (old.base_url, old.kind, old.identity) != (new.base_url, new.kind, new.identity)


def free_name(settings: Settings, name: str) -> str:
    """A name like this one that no connection has: `Acme copy`, `Acme copy 2`."""
    number = 1
    while settings.named(wanted := f"{name[:48]} copy{f' {number}' if number > 1 else ''}"):
        number += 1
    return wanted


def _require_free_name(settings: Settings, connection: Connection) -> None:
    other = settings.named(connection.name)
    if other and other.id != connection.id:
        raise BadConnection("name", f"There is a connection called {other.name} already.")
