"""The directories and files of the program, and the command that starts it again.

Nothing is written anywhere else.
"""

import os
import sys
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path

import msgspec
import platformdirs

from ibconsole.errors import UserError

_VARIABLE = "IBCONSOLE_DATA_DIR"


class Paths(msgspec.Struct, frozen=True):
    """The directories that the program writes to, and the files in them.

    Settings and logs have separate directories on systems that separate them. A data
    directory chosen by the user holds everything except the pull locks, which apply to all
    data directories of a user; it holds these too if the user has no other place for them.
    """

    data: Path
    config: Path | None = None
    log: Path | None = None
    state: Path | None = None

    @property
    def archive(self) -> Path:
        """The database of everything that was received."""
        return self.data / "archive.sqlite3"

    @property
    def locks(self) -> Path:
        """The directory of the locks that the processes of one user share."""
        return self.data / "locks"

    @property
    def pull_locks(self) -> Path:
        """The directory of the locks that exclude concurrent pulls from one account."""
        return self.state or self.locks

    def account_lock(self, purpose: str, base_url: str) -> Path:
        """Return the lock that one purpose, such as "pull", has for one account.

        It is equal for all connections of the account. A base URL belongs to one account, except
        the platform's old one, which many share. Accounts exclude each other there, because nothing
        shows which key belongs to which account.
        """
        name = sha256(base_url.encode()).hexdigest()[:16]
        return self.pull_locks / f"{purpose}-{name}.lock"

    @property
    def listener(self) -> Path:
        """The file of the listener's paths, so that forward URLs stay valid."""
        return self.data / "listener.json"

    @property
    def window(self) -> Path:
        """The file of the window state: sizes, columns, theme."""
        return self.data / "window.ini"

    @property
    def window_lock(self) -> Path:
        """The lock of the window that takes links from other processes."""
        return self.data / "window.lock"

    @property
    def health(self) -> Path:
        """The directory of the last known health of each account: numbers of findings and ages."""
        return self.data / "health"

    @property
    def settings(self) -> Path:
        """The file of the settings: the connections without their secrets, and retention."""
        return (self.config or self.data) / "settings.json"

    @property
    def logs(self) -> Path:
        """The directory of the log files."""
        return self.log or self.data / "logs"


class NoDirectory(UserError):
    """There is no directory to store data in, or it is named in a way that is not usable."""


def find_paths(data_dir: Path | None = None) -> Paths:
    """Return the paths in `data_dir`, else IBCONSOLE_DATA_DIR, else the system's directories.

    A leading `~` is the home directory, also where no shell has expanded it. In a data directory
    that the user chose, the pull locks are those of the user as long as there is a place for them.
    Raises NoDirectory.
    """
    chosen = _from_environment() if data_dir is None else _expanded(data_dir, "--data-dir")
    if chosen:
        return Paths(chosen, state=_state_directory())
    try:
        return Paths(
            state=platformdirs.user_state_path("ibconsole", appauthor=False) / "pulls",
            data=platformdirs.user_data_path("ibconsole", appauthor=False),
            config=platformdirs.user_config_path("ibconsole", appauthor=False),
            log=platformdirs.user_log_path("ibconsole", appauthor=False),
        )
    except RuntimeError as error:
        raise NoDirectory(
            "There is no directory to store data in, because this user has no home directory."
            f" Name one with --data-dir, or in {_VARIABLE}."
        ) from error


def _from_environment() -> Path | None:
    """Return the data directory in the environment; None if there is none."""
    text = os.environ.get(_VARIABLE)
    if not text:
        return None
    path = _expanded(Path(text), _VARIABLE)
    if not path.is_absolute():
        raise NoDirectory(
            f"{_VARIABLE} must be an absolute path, but is {text}. Nothing was written; a relative"
            " one would mean another directory for each program that is started elsewhere."
        )
    return path


def _expanded(path: Path, source: str) -> Path:
    try:
        return path.expanduser()
    except RuntimeError as error:
        raise NoDirectory(
            f"The home directory in {source} is not known: {path}. Nothing was written; give the"
            " whole path."
        ) from error


def _state_directory() -> Path | None:
    """Return the directory of what all data directories of the user share, if it can be used."""
    try:
        directory = platformdirs.user_state_path("ibconsole", appauthor=False) / "pulls"
        existing = next(each for each in (directory, *directory.parents) if each.exists())
    except (RuntimeError, OSError):
        return None
    return directory if os.access(existing, os.W_OK | os.X_OK) else None


def relaunch_command(*arguments: str) -> Sequence[str]:
    """Return the command: a packaged program runs itself, any other its Python interpreter."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, "-m", "ibconsole", *arguments]
