"""Whose deliveries are whose, and what becomes of those whose process is gone.

Each writer holds a lock file for as long as it lives; the system frees it even after a
SIGKILL. Whoever can take the lock of a delivery's owner knows that nobody works on it.
"""

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

import apsw

from ibconsole.archive.connection import fetch
from ibconsole.archive.errors import translated
from ibconsole.files import FileLock
from ibconsole.model import encode

# The directory is shared with other locks, which are nobody's business here.
_OWNERS_LOCK = re.compile(r"archive-([0-9a-f]{32})\.lock")


class Owners:
    """The lock files of the writers of one archive."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def new(self) -> tuple[str, FileLock]:
        """A new owner, and the lock that says that it lives, already held."""
        while True:
            owner = uuid4().hex
            lock = self._lock(owner)
            # Another process that looks for dead owners may be at the new file first.
            with translated(lock.path):
                taken = lock.take(f"process {os.getpid()}")
            if taken:
                return owner, lock

    @contextmanager
    def gone(self, db: apsw.Connection) -> Iterator[list[str]]:
        """Those owners of unfinished deliveries that live no more, until the block ends.

        No other process takes them for gone meanwhile. Their lock files are removed at the
        end, and so are those of dead processes that had left nothing unfinished.
        """
        rows = fetch(
            db, "SELECT DISTINCT owner FROM delivery WHERE state IN ('asking', 'received')"
        )
        owners = {str(owner) for (owner,) in rows} | self._with_a_file()
        with ExitStack() as stack:
            gone = []
            for owner in sorted(owners):
                lock = self._lock(owner)
                with translated(lock.path):
                    taken = lock.take()
                if taken:
                    stack.callback(lock.discard)
                    self.reserve(owner).unlink(missing_ok=True)
                    gone.append(owner)
            yield gone

    def reserve(self, owner: str) -> Path:
        """Where an owner keeps space free for its pulls; gone with the owner."""
        return self._directory / f"archive-{owner}.reserve"

    def _lock(self, owner: str) -> FileLock:
        return FileLock(self._directory / f"archive-{owner}.lock")

    def _with_a_file(self) -> set[str]:
        found = (_OWNERS_LOCK.fullmatch(path.name) for path in self._directory.iterdir())
        return {match[1] for match in found if match}


def take_over(db: apsw.Connection, gone: Sequence[str], owner: str) -> list[int]:
    """Make the interrupted pulls of those owners received, and the new owner's; their ids.

    To be called inside a transaction. What had arrived becomes the body.
    """
    rows = fetch(
        db,
        "SELECT id FROM delivery WHERE state = 'asking' AND owner IN"
        " (SELECT value FROM json_each(?)) ORDER BY id",
        (encode(gone).decode(),),
    )
    for (delivery,) in rows:
        body = partial_body(db, delivery)
        digest = keep_body(db, delivery, body)
        db.execute(
            "UPDATE delivery SET state = 'received', owner = ?, complete = 0, interrupted = 1,"
            " problem = ?, sha256 = ? WHERE id = ?",
            (owner, _sentence(len(body)), digest, delivery),
        )
    return [delivery for (delivery,) in rows]


def partial_body(db: apsw.Connection, delivery: int) -> bytes:
    """The bytes of an answer that have arrived."""
    rows = fetch(db, "SELECT bytes FROM chunk WHERE delivery = ? ORDER BY position", (delivery,))
    return b"".join(data for (data,) in rows)


def keep_body(db: apsw.Connection, delivery: int, body: bytes) -> str:
    """Keep this body in place of the pieces in which it arrived; its SHA-256."""
    db.execute("INSERT INTO content VALUES (?, NULL, ?)", (delivery, body))
    db.execute("DELETE FROM chunk WHERE delivery = ?", (delivery,))
    return sha256(body).hexdigest()


def _sentence(size: int) -> str:
    if not size:
        return (
            "The program ended before any of the answer arrived. If the request had reached"
            " the platform, the messages it handed out are lost."
        )
    return f"The program ended while the answer arrived; its first {size} bytes are kept."
