"""The files of writers: disk space reserved for a pull, and locks that tell which are running.

A batch that is being received while the disk fills up cannot be pulled again. A file of zeros
occupies the space for it; it is deleted when the disk is full.

Every writer holds a lock file while it runs, and the operating system releases the lock even
after a SIGKILL. A process that can acquire the lock of a delivery's owner therefore knows that
no other process is working on the delivery, and takes over what a dead one left unfinished.
"""

import os
import re
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

import apsw

from ibconsole.archive.bodies import AnswerBytes, read_pieces, start_of, store_answer
from ibconsole.archive.connection import fetch
from ibconsole.archive.errors import ArchiveUnwritable, translated
from ibconsole.archive.records import AnswerParser
from ibconsole.archive.storing import headers_text
from ibconsole.files import FileLock, make_private_directory
from ibconsole.model import encode

RESERVE_SIZE = 64 << 20  # bytes; a batch of 1,000 messages takes about 8 MB in all
_PIECE = 1 << 20

# The directory has other locks too, which this pattern must not match.
_WRITER_LOCK = re.compile(r"archive-([0-9a-f]{32})\.lock")


class DiskReserve:
    """A file that occupies space on the archive's disk; `size` in bytes, 0 for none."""

    def __init__(self, path: Path, size: int = RESERVE_SIZE) -> None:
        self._path = path
        self._size = size

    def allocate(self) -> None:
        """Allocate the space, unless it is, and check that as much again is free.

        Raises ArchiveUnwritable if the space cannot be allocated or less is free.
        """
        with translated(self._path):
            make_private_directory(self._path.parent)
            if not self._is_allocated():
                self._create()
            free = shutil.disk_usage(self._path.parent).free
        if free < self._size:
            raise ArchiveUnwritable(
                f"The disk of {self._path.parent} is nearly full: {free >> 20} MB are free, and a"
                f" pull wants {self._size >> 20} MB. What was stored before is unharmed. Free"
                " some space, then try again."
            )

    def release(self) -> bool:
        """Delete the file, and return True if that freed space."""
        with translated(self._path):
            allocated = self._is_allocated() and self._size > 0
            self._path.unlink(missing_ok=True)
        return allocated

    def _is_allocated(self) -> bool:
        try:
            return self._path.stat().st_size >= self._size
        except FileNotFoundError:
            return False

    def _create(self) -> None:
        descriptor = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            _allocate(descriptor, self._size)
        except OSError:
            os.close(descriptor)
            self._path.unlink()
            raise
        os.close(descriptor)


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
        raw = read_pieces(db, delivery)
        answer = parse_answer(raw)
        kept = raw if answer.keeps_raw else None
        answer_bytes = AnswerBytes(answer.body, kept, start_of(answer.body, raw))
        digest = store_answer(db, delivery, answer_bytes)
        problem = " ".join(filter(None, (_interruption(len(raw)), answer.problem)))
        db.execute(
            "UPDATE delivery SET state = 'received', owner = ?, complete = 0, interrupted = 1,"
            " status = ?, headers = ?, problem = ?, sha256 = ? WHERE id = ?",
            (owner, answer.status, headers_text(answer.headers), problem, digest, delivery),
        )
    return [delivery for (delivery,) in rows]


def _interruption(size: int) -> str:
    if not size:
        return (
            "The program ended before any of the answer arrived. If the request reached"
            " the platform, the messages it handed out are lost."
        )
    return f"The program ended while the answer arrived; its first {size} bytes are kept."


def _allocate(descriptor: int, size: int) -> None:
    if hasattr(os, "posix_fallocate"):
        if size:
            os.posix_fallocate(descriptor, 0, size)
        return
    # Without posix_fallocate the file is written out: a file that is only long may be sparse.
    for start in range(0, size, _PIECE):
        os.write(descriptor, bytes(min(_PIECE, size - start)))
