"""The directories and files of the program, and the command that starts it again.

Nothing is written anywhere else.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec
import platformdirs

_VARIABLE = "IBCONSOLE_DATA_DIR"


class Paths(msgspec.Struct, frozen=True):
    """The directories that the program writes to, and the files in them.

    Settings and logs have separate directories on systems that separate them. A data
    directory chosen by the user holds everything except the pull locks, which apply to all
    data directories of a user.
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

    @property
    def listener(self) -> Path:
        """The file of the listener's paths, so that forward URLs stay valid."""
        return self.data / "listener.json"

    @property
    def window(self) -> Path:
        """The file of the window state: sizes, columns, theme."""
        return self.data / "window.ini"

    @property
    def settings(self) -> Path:
        """The file of the settings: the connections without their secrets, and retention."""
        return (self.config or self.data) / "settings.json"

    @property
    def logs(self) -> Path:
        """The directory of the log files."""
        return self.log or self.data / "logs"


def find_paths(data_dir: Path | None = None) -> Paths:
    """Return the paths in `data_dir`, else IBCONSOLE_DATA_DIR, else the system's directories."""
    state = platformdirs.user_state_path("ibconsole", appauthor=False) / "pulls"
    if data_dir:
        return Paths(data_dir, state=state)
    if from_environment := os.environ.get(_VARIABLE):
        return Paths(Path(from_environment), state=state)
    return Paths(
        state=state,
        data=platformdirs.user_data_path("ibconsole", appauthor=False),
        config=platformdirs.user_config_path("ibconsole", appauthor=False),
        log=platformdirs.user_log_path("ibconsole", appauthor=False),
    )


def relaunch_command(*arguments: str) -> Sequence[str]:
    """Return the command: a packaged program runs itself, any other its Python interpreter."""
    if getattr(sys, "frozen", False):
        return [sys.executable, *arguments]
    return [sys.executable, "-m", "ibconsole", *arguments]
