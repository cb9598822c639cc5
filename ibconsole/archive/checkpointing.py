"""Bringing what is in the write-ahead log into the file, in nobody's way.

A commit is on disk once it is in the log. SQLite would bring it on within some later commit, and
whoever waits for that one would wait for two more syncs: a quarter of the forwards that can be
stored a second.
"""

from contextlib import suppress
from pathlib import Path

import apsw

from ibconsole.archive.connection import open_writer
from ibconsole.archive.errors import translated


class Checkpointer:
    """A connection of its own, on a thread of its own: it works while others write."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with translated(path):
            self._db = open_writer(path)

    def run(self) -> None:
        """Bring on what can be without keeping anybody waiting. Raises ArchiveUnwritable."""
        # Busy: somebody else is just doing the same.
        with translated(self._path), suppress(apsw.BusyError):
            self._db.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)

    def close(self) -> None:
        """Let go of the file; calling it twice is harmless."""
        self._db.close()
