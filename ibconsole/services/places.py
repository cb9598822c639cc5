"""Where the program writes. Nothing is written anywhere else."""

import os
from dataclasses import dataclass
from pathlib import Path

import platformdirs

_VARIABLE = "IBCONSOLE_DATA_DIR"


@dataclass(frozen=True, slots=True)
class Places:
    """The directory of everything that is written, and what lies in it."""

    data: Path

    @property
    def archive(self) -> Path:
        """The database of everything received."""
        return self.data / "archive.sqlite3"

    @property
    def locks(self) -> Path:
        """Locks that several processes of one user share."""
        return self.data / "locks"

    @property
    def listener(self) -> Path:
        """The listener's remembered path, so that a forward URL stays valid."""
        return self.data / "listener.json"

    @property
    def window(self) -> Path:
        """What the window remembers: sizes, columns, theme."""
        return self.data / "window.ini"


def find_places(chosen: Path | None = None) -> Places:
    """The chosen directory, else the environment's IBCONSOLE_DATA_DIR, else the system's place."""
    if chosen:
        return Places(chosen)
    if from_environment := os.environ.get(_VARIABLE):
        return Places(Path(from_environment))
    return Places(Path(platformdirs.user_data_dir("ibconsole", appauthor=False)))
