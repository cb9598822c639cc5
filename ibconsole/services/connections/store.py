"""The saved connections: settings in their file and secrets in the keyring, under one UUID."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from typing import Protocol

from msgspec.structs import replace

from ibconsole.errors import UserError
from ibconsole.secret import Secret
from ibconsole.services.connections.account import (
    Account,
    Credential,
    TeamAccess,
    authorization_of,
    saved_account,
)
from ibconsole.services.connections.connection import Connection, InvalidConnection, new_id
from ibconsole.services.connections.saved_secrets import (
    SavedSecrets,
    SecretStore,
    team_secret_name,
)
from ibconsole.services.connections.settings import (
    Settings,
    SettingsFile,
    with_connection,
    without_connection,
)
from ibconsole.services.connections.vault import SecretPlace, VaultError

_NOT_HELD = (
    "The password of the team's archive was kept for one session only. Enter it again, if the"
    " server asks for one."
)


class NoSuchConnection(UserError):
    """There is no connection with that name or ID."""


class NoSecret(UserError):
    """There is no secret for a connection, in the keyring or for this session."""


class PathStore(Protocol):
    """The store of the listener's paths."""

    def remove(self, connection: str, /) -> None: ...


class Connections:
    """Adds, edits, duplicates and removes connections, and turns them into accounts.

    A connection is never saved without its secret, nor a secret without its connection. Every
    method may raise SettingsError, and those that need the secret also VaultError; nothing is
    changed then. `forget` removes what else is kept on disk about a connection, and
    `require_unneeded` raises a UserError for one whose credential is still needed;
    `team_objection` returns why the database of a team must not be used on this computer, empty
    if it may be. All three block.
    """

    def __init__(
        self,
        file: SettingsFile,
        secrets: SecretStore,
        paths: PathStore,
        *,
        forget: Callable[[str], object] = lambda _: None,
        require_unneeded: Callable[[str], object] = lambda _: None,
        team_objection: Callable[[str], str] = lambda _: "",
    ) -> None:
        self._file = file
        self._secrets = secrets
        self._saved = SavedSecrets(secrets)
        self._paths = paths
        self._team_objection = team_objection
        self._forget = forget
        self._require_unneeded = require_unneeded
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
        self,
        connection: Connection,
        secret: Secret,
        *,
        for_session: bool = False,
        team_password: Secret | None = None,
    ) -> Connection:
        """Save a connection under a new ID; return it as it was saved.

        With `for_session` the secrets stay in memory and have to be entered again at the next
        start. Raises InvalidConnection or BadCredential.
        """
        new = replace(connection, id=new_id(), session_only=for_session).normalized()
        check_secret(new, secret)
        _require_unused_name(await self.load(), new)
        await self._require_team(new)
        secrets = {new.id: secret}
        if new.team and team_password and team_password.reveal():
            secrets[team_secret_name(new.id)] = team_password
        await self._save_with_secrets(new, secrets)
        return new

    async def edit(
        self,
        connection: Connection,
        secret: Secret | None,
        *,
        for_session: bool = False,
        team_password: Secret | None = None,
    ) -> Connection:
        """Save a changed connection; a secret of None leaves the stored one as it is.

        With `for_session` a new secret stays in memory, and the keyring is not asked. A secret
        is never sent to a host that it was not entered for: a change of the base URL, of the
        kind of authorization or of the identity requires the secret again, and the password of
        the team's archive is deleted when its database changes. An empty `team_password` deletes
        it. Raises NoSuchConnection, InvalidConnection or BadCredential.
        """
        new = connection.normalized()
        settings = await self.load()
        old = settings.connection(new.id)
        if not old:
            raise NoSuchConnection("The connection was removed meanwhile; nothing was saved.")
        if secret is None and needs_secret(old, new):
            raise InvalidConnection(
                "secret",
                f"Enter the {new.kind.secret_noun} once more: it was kept for"
                f" {old.base_url} as {old.kind.label}, and is not sent elsewhere by itself.",
            )
        _require_unused_name(settings, new)
        if secret is not None:
            new = replace(new, session_only=for_session)
            check_secret(new, secret)
        if old.team != new.team:
            await self._require_team(new)
        secrets = {**self._team_change(old, new, team_password)}
        if secret is not None:
            secrets[new.id] = secret
        await self._save_with_secrets(new, secrets)
        return new

    async def enter_secret(self, uuid: str, secret: Secret, *, for_session: bool) -> None:
        """Store the secret of a connection that has none, or whose keyring gives none.

        With `for_session` it stays in memory, and nothing is saved. Raises NoSuchConnection or
        BadCredential.
        """
        connection = (await self.load()).connection(uuid)
        if not connection:
            raise NoSuchConnection("The connection was removed meanwhile; nothing was saved.")
        if not for_session:
            await self.edit(connection, secret)
            return
        check_secret(connection, secret)
        self._secrets.store_for_session(uuid, secret)

    async def duplicate(self, uuid: str) -> Connection:
        """Save a copy of a connection and its secret under a new ID and an unused name.

        The copy has no team: another account must not be shared as this one by mistake.
        """
        settings = await self.load()
        old = settings.connection(uuid)
        if not old:
            raise NoSuchConnection("The connection was removed meanwhile; nothing was copied.")
        account = await self.load_account(uuid)
        name = unused_name(settings, old.name)
        for_session = self._secrets.session_secret(uuid) is not None
        copy = replace(old, name=name, team="", team_account="")
        return await self.add(copy, account.credential.secret, for_session=for_session)

    async def remove(self, uuid: str, *, keep_secret: bool = False) -> None:
        """Remove a connection, its secret, forward URL and kept health; its messages stay.

        The connection itself is removed last: if the keyring refuses or the path cannot be
        removed, it stays, and the removal can be repeated. A keyring that does not exist, or that
        holds no secret of this connection, prevents nothing. With `keep_secret` the keyring is
        not asked, and what it holds stays there.
        """
        await asyncio.to_thread(self._require_unneeded, uuid)
        connection = (await self.load()).connection(uuid)
        if connection and not keep_secret:
            await self._saved.delete(connection)
        self._saved.forget(uuid)
        await asyncio.to_thread(self._paths.remove, uuid)
        await asyncio.to_thread(self._forget, uuid)
        await self._change(lambda settings: without_connection(settings, uuid))

    async def load_account(self, uuid: str) -> Account:
        """Read a connection and its secret; may wait for the user to unlock the keyring.

        Raises NoSuchConnection, NoSecret or VaultError.
        """
        connection = (await self.load()).connection(uuid)
        if not connection:
            raise NoSuchConnection("The connection was removed meanwhile.")
        secret_name = connection.kind.secret_noun
        # The keyring of a session-only connection may hold a secret for a former base URL.
        if connection.session_only:
            secret = self._secrets.session_secret(uuid)
            reason = f"The {secret_name} of {connection.name} was kept for one session only."
        else:
            secret = await self._secrets.read(uuid)
            reason = f"The keyring holds no {secret_name} for {connection.name}."
        if not secret:
            raise NoSecret(f"{reason} Enter it again.")
        return saved_account(connection, secret, await self._team_access(connection))

    async def team_accesses(self) -> Mapping[str, TeamAccess]:
        """Return the team's archive of each connection that has one and may use it, by UUID.

        Reads their passwords and may wait for the user to unlock the keyring. One that it does
        not give is named in `TeamAccess.problem`; the others are not asked for then.
        """
        accesses = {}
        problem = ""
        for connection in (await self.load()).connections:
            access = await self._team_access(connection, problem)
            if access:
                accesses[connection.id] = access
                problem = access.problem if not connection.session_only else problem
        return accesses

    async def team_access(self, uuid: str) -> TeamAccess | None:
        """Return the team's archive of a connection, None without one that may be used.

        Reads its password, and may wait for the user to unlock the keyring; that it was not given
        is a `problem` of the access.
        """
        connection = (await self.load()).connection(uuid)
        return await self._team_access(connection) if connection else None

    async def team_draft(self, connection: Connection, password: Secret | None) -> TeamAccess:
        """Return the way to the team's archive of a connection that is not saved yet.

        Without a password the stored one is used, if it is stored for the same database. Raises
        InvalidConnection for one that names no database, or none that may be used.
        """
        address = connection.team_address
        if not address:
            raise InvalidConnection("team", "Give the address of the team's database.")
        await self._require_team(connection)
        saved = (await self.load()).connection(connection.id)
        if password or not saved or saved.team != connection.team:
            return TeamAccess(address, password)
        return await self._team_access(connection) or TeamAccess(address)

    async def team_objections(self) -> Mapping[str, str]:
        """Return why the named team of a connection is not used on this computer, by UUID."""
        objections = {
            one.id: await asyncio.to_thread(self._team_objection, one.team)
            for one in (await self.load()).connections
            if one.team
        }
        return {uuid: sentence for uuid, sentence in objections.items() if sentence}

    async def secret_place(self, uuid: str) -> SecretPlace:
        """Return where the secret of a connection is, as far as is known without unlocking."""
        connection = (await self.load()).connection(uuid)
        if connection and connection.session_only:
            held = self._secrets.session_secret(uuid) is not None
            return SecretPlace.SESSION if held else SecretPlace.NOWHERE
        return await self._secrets.place(uuid)

    async def record_opened(self, uuid: str) -> None:
        """Save which connection is to be opened at the next start."""
        await self._change(lambda settings: replace(settings, last_opened=uuid))

    async def _team_access(self, connection: Connection, problem: str = "") -> TeamAccess | None:
        """Return the way to the team's archive; with a `problem` the keyring is not asked."""
        address = connection.team_address
        if not address:
            return None
        if await asyncio.to_thread(self._team_objection, connection.team):
            return None
        name = team_secret_name(connection.id)
        if connection.session_only:
            held = self._secrets.session_secret(name)
            return TeamAccess(address, held, "" if held else _NOT_HELD)
        if problem:
            return TeamAccess(address, problem=problem)
        try:
            return TeamAccess(address, await self._secrets.read(name))
        except VaultError as error:
            return TeamAccess(address, problem=str(error))

    async def _require_team(self, connection: Connection) -> None:
        if not connection.team:
            return
        if objection := await asyncio.to_thread(self._team_objection, connection.team):
            raise InvalidConnection("team", objection)

    def _team_change(
        self, old: Connection, new: Connection, password: Secret | None
    ) -> Mapping[str, Secret | None]:
        """Return the password to store, None to delete it; nothing if the stored one stays."""
        if password is None and old.team == new.team:
            if old.session_only == new.session_only or not new.team:
                return {}
            # What the keyring holds may be of a former database.
            password = self._secrets.session_secret(team_secret_name(new.id))
        return {team_secret_name(new.id): password if password and password.reveal() else None}

    async def _save_with_secrets(
        self, connection: Connection, secrets: Mapping[str, Secret | None]
    ) -> None:
        """Store the secrets where the connection says, then the connection; all or nothing."""
        async with AsyncExitStack() as stack:
            for name, secret in secrets.items():
                await stack.enter_async_context(
                    self._saved.storing(name, secret, for_session=connection.session_only)
                )
            await self._save(connection)

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
