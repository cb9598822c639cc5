"""Where the program writes. Nothing is written anywhere else."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

_VARIABLE = "IBCONSOLE_DATA_DIR"


@dataclass(frozen=True, slots=True)
class Paths:
    """The directories of everything that is written, and what lies in them.

    Settings and logs have places of their own where the system has; a chosen data directory
    holds everything but the locks of pulls: those are for every data directory of a user.
    """

    data: Path
    config: Path | None = None
    log: Path | None = None
    state: Path | None = None

    @property
    def archive(self) -> Path:
        """The database of everything received."""
        return self.data / "archive.sqlite3"

    @property
    def locks(self) -> Path:
        """Locks that several processes of one user share."""
        return self.data / "locks"

    @property
    def pull_locks(self) -> Path:
        """Locks by which the pulls of one account exclude each other."""
        return self.state or self.locks

    @property
    def listener(self) -> Path:
        """The listener's remembered paths, so that forward URLs stay valid."""
        return self.data / "listener.json"

    @property
    def window(self) -> Path:
        """What the window remembers: sizes, columns, theme."""
        return self.data / "window.ini"

    @property
    def settings(self) -> Path:
        """The connections, without their secrets."""
        return (self.config or self.data) / "settings.json"

    @property
    def logs(self) -> Path:
        """The directory of the program's logs."""
        return self.log or self.data / "logs"


def find_paths(chosen: Path | None = None) -> Paths:
    """The chosen directory, else the environment's IBCONSOLE_DATA_DIR, else the system's places."""
    state = platformdirs.user_state_path("ibconsole", appauthor=False) / "pulls"
    if chosen:
        return Paths(chosen, state=state)
    if from_environment := os.environ.get(_VARIABLE):
        return Paths(Path(from_environment), state=state)
    return Paths(
        state=state,
        data=platformdirs.user_data_path("ibconsole", appauthor=False),
        config=platformdirs.user_config_path("ibconsole", appauthor=False),
        log=platformdirs.user_log_path("ibconsole", appauthor=False),
    )
