"""The secrets of a collector: read from files when it starts, kept in memory alone.

They come neither from the environment nor from arguments, which other programs of the computer can
read; the directory of systemd's credentials is in the environment, not what is in it.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from ibconsole.errors import UserError
from ibconsole.files import read_up_to
from ibconsole.secret import Secret
from ibconsole.services.connections import Account, authorization_of, saved_account
from ibconsole.services.documents import Problems
from ibconsole.services.team.collector.configuration import (
    CollectedConnection,
    CollectorConfiguration,
    SecretSource,
)

_VARIABLE = "CREDENTIALS_DIRECTORY"
_LARGEST = 64 << 10  # bytes; a token of OAuth has some thousand


class CollectorSecrets(msgspec.Struct, frozen=True):
    """The secrets of a configuration by the UUID of their connection.

    A connection without one has no account: it is listened for only. One without a password logs
    in to its team by another means.
    """

    accounts: Mapping[str, Account]
    passwords: Mapping[str, Secret]

    @property
    def all(self) -> tuple[Secret, ...]:
        """Every secret, to be masked wherever something is written."""
        keys = (account.credential.secret for account in self.accounts.values())
        return (*keys, *self.passwords.values())


def read_secrets(
    configuration: CollectorConfiguration, environment: Mapping[str, str]
) -> CollectorSecrets:
    """Read every secret that the configuration names; `environment` is that of the process.

    Raises InvalidDocument with the place of each one in the configuration that cannot be used.
    """
    reader = _SecretFiles(Problems(configuration.name), environment.get(_VARIABLE, ""))
    accounts = {
        one.connection.id: account
        for one in configuration.connections
        if (account := reader.account(one))
    }
    passwords = {
        one.connection.id: password
        for one in configuration.connections
        if one.team and (password := reader.read(one.team.password))
    }
    reader.problems.require_none()
    return CollectorSecrets(accounts, passwords)


class _SecretFiles:
    def __init__(self, problems: Problems, directory: str) -> None:
        self.problems = problems
        self._directory = Path(directory) if directory else None
        self._noted: set[SecretSource] = set()

    def account(self, one: CollectedConnection) -> Account | None:
        """Return the account of a connection, if its secret can be read and sent."""
        secret = self.read(one.secret)
        if not secret or not one.secret:
            return None
        account = saved_account(one.connection, secret)
        try:
            authorization_of(account.base_url, account.credential)
        except UserError as error:
            self.problems.add(one.secret.position, str(error).rstrip("."))
        return account

    def read(self, source: SecretSource | None) -> Secret | None:
        """Return what is in the file of a secret, without the end of its line."""
        if source is None or source in self._noted:
            return None
        path = self._path(source)
        problem = "" if path else f"{_VARIABLE} is not set: the unit needs LoadCredential="
        data = None
        try:
            data = read_up_to(path, _LARGEST + 1) if path else None
        except OSError as error:
            problem = f"{path} cannot be read: {error.strerror}"
        else:
            problem = problem or _problem_of(path, data)
        if problem or data is None:
            self._noted.add(source)
            self.problems.add(source.position, problem)
            return None
        return Secret(data.decode().strip("\r\n"))

    def _path(self, source: SecretSource) -> Path | None:
        if source.file:
            return source.file
        return self._directory / source.credential if self._directory else None


def _problem_of(path: Path | None, data: bytes | None) -> str:
    """Return what is wrong with the contents of a file; never what they are."""
    if data is None:
        return f"{path} does not exist"
    try:
        text = data.decode().strip("\r\n")
    except UnicodeDecodeError:
        return f"{path} is no text in UTF-8"
    if not text.strip():
        return f"{path} is empty"
    if len(data) > _LARGEST or len(text.splitlines()) > 1:
        return f"{path} has more than one line: it has to have the secret alone"
    return ""
