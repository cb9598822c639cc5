"""Detecting deliveries that a dead process left unfinished, and taking them over.

Every writer holds a lock file while it runs, and the operating system releases the lock even
after a SIGKILL. A process that can acquire the lock of a delivery's owner therefore knows that
no other process is working on the delivery.
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
from ibconsole.archive.records import AnswerParser
from ibconsole.archive.storing import headers_text
from ibconsole.files import FileLock
from ibconsole.model import encode

# The directory has other locks too, which this pattern must not match.
_WRITER_LOCK = re.compile(r"archive-([0-9a-f]{32})\.lock")


class WriterLocks:
    """The lock files of the processes that write to one archive.

    A writer is identified by a random hexadecimal number, the "owner" of its deliveries.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def acquire(self) -> tuple[str, FileLock]:
        """Return a new owner and its lock, which is held."""
        while True:
            owner = uuid4().hex
            lock = self._lock(owner)
            # A process that looks for dead owners may lock the new file first.
            with translated(lock.path):
                acquired = lock.acquire(f"process {os.getpid()}")
            if acquired:
                return owner, lock

    @contextmanager
    def dead_owners(self, db: apsw.Connection) -> Iterator[list[str]]:
        """Yield the owners whose processes have ended, and hold their locks during the block.

        No other process can take over their deliveries meanwhile. Their lock files and
        reserves are removed, also those of processes that left nothing unfinished.
        """
        rows = fetch(
            db, "SELECT DISTINCT owner FROM delivery WHERE state IN ('asking', 'received')"
        )
        owners = {str(owner) for (owner,) in rows} | self._owners_of_files()
        with ExitStack() as stack:
            dead = []
            for owner in sorted(owners):
                lock = self._lock(owner)
                with translated(lock.path):
                    acquired = lock.acquire()
                if acquired:
                    stack.callback(lock.discard)
                    self.reserve_path(owner).unlink(missing_ok=True)
                    dead.append(owner)
            yield dead

    def reserve_path(self, owner: str) -> Path:
        """Return the path of the owner's disk reserve; see `DiskReserve`."""
        return self._directory / f"archive-{owner}.reserve"

    def _lock(self, owner: str) -> FileLock:
        return FileLock(self._directory / f"archive-{owner}.lock")

    def _owners_of_files(self) -> set[str]:
        found = (_WRITER_LOCK.fullmatch(path.name) for path in self._directory.iterdir())
        return {match[1] for match in found if match}


def take_over_pulls(
    db: apsw.Connection, dead: Sequence[str], owner: str, parse_answer: AnswerParser
) -> list[int]:
    """Take over the interrupted pulls of dead owners, and return their ids.

    To be called inside a transaction. The pulls become "received" by the new owner, with what
    arrived of the answer.
    """
    rows = fetch(
        db,
        "SELECT id FROM delivery WHERE state = 'asking' AND owner IN"
        " (SELECT value FROM json_each(?)) ORDER BY id",
        (encode(dead).decode(),),
    )
    for (delivery,) in rows:
        raw = read_partial_answer(db, delivery)
        answer = parse_answer(raw)
        digest = store_body(db, delivery, answer.body, raw if answer.keeps_raw else None)
        problem = " ".join(filter(None, (_interruption(len(raw)), answer.problem)))
        db.execute(
            "UPDATE delivery SET state = 'received', owner = ?, complete = 0, interrupted = 1,"
            " status = ?, headers = ?, problem = ?, sha256 = ? WHERE id = ?",
            (owner, answer.status, headers_text(answer.headers), problem, digest, delivery),
        )
    return [delivery for (delivery,) in rows]


def read_partial_answer(db: apsw.Connection, delivery: int) -> bytes:
    """Return the bytes of an answer that have arrived."""
    rows = fetch(db, "SELECT bytes FROM chunk WHERE delivery = ? ORDER BY position", (delivery,))
    return b"".join(data for (data,) in rows)


def store_body(db: apsw.Connection, delivery: int, body: bytes, raw: bytes | None) -> str:
    """Store the body of an answer in place of its chunks, and return its SHA-256.

    `raw` are all bytes of the answer if they are to be kept as well.
    """
    # In this order the body is written over the pages of its chunks.
    db.execute("DELETE FROM chunk WHERE delivery = ?", (delivery,))
    db.execute("INSERT INTO content VALUES (?, ?, ?)", (delivery, raw, body))
    return sha256(body).hexdigest()


def _interruption(size: int) -> str:
    if not size:
        return (
            "The program ended before any of the answer arrived. If the request reached"
            " the platform, the messages it handed out are lost."
        )
    return f"The program ended while the answer arrived; its first {size} bytes are kept."
