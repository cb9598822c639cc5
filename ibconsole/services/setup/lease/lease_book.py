"""The record of leases: rows of the archive, answered paths, and locks of their processes.

A process holds the lock of each lease that it is going to end, and the system releases the lock
when the process dies: a process that acquires it may end the lease.
"""

import asyncio
import logging
import os
from collections.abc import Collection, Sequence
from pathlib import Path

from msgspec.structs import replace

from ibconsole.archive import translated
from ibconsole.archive.leases import (
    LeaseArrivals,
    StoredLease,
    add_lease,
    read_arrivals,
    read_lease,
    read_open_leases,
    update_lease,
)
from ibconsole.clock import now_ms
from ibconsole.files import FileLock, holder_note
from ibconsole.services.intake import ForwardPaths, ForwardPathsError
from ibconsole.services.runtime import LeaseState
from ibconsole.services.setup.lease.values import (
    LATE_RETRIES_MS,
    AlreadyLent,
    LeaseError,
    details_of,
)

log = logging.getLogger(__name__)

_OPEN = frozenset({LeaseState.CREATING, LeaseState.ACTIVE, LeaseState.ENDING})


class LeaseBook:
    """Reads and writes what is stored of leases, in threads. Raises ArchiveError."""

    def __init__(self, archive: Path, paths: ForwardPaths) -> None:
        self._archive = archive
        self._paths = paths
        self._locks: dict[str, FileLock] = {}

    async def add(self, lease: StoredLease) -> None:
        """Store a new lease, whose path is answered from now on, and hold its lock.

        Raises AlreadyLent, and ForwardPathsError.
        """
        self.acquire(lease.id)
        try:
            await self._add(lease)
        except BaseException:
            self.release(lease.id)
            raise

    async def _add(self, lease: StoredLease) -> None:
        existing = await asyncio.to_thread(add_lease, self._archive, lease)
        if existing:
            raise _already_lent(existing, self.holder(existing.id))
        try:
            await self.answer(lease.path, lease.connection)
        except ForwardPathsError as error:  # before any request: nothing exists
            ended = replace(lease, state=LeaseState.ENDED, ended_at=now_ms(), problem=str(error))
            await self.save(ended)
            raise

    async def answer(self, path: str, connection: str, until: int | None = None) -> None:
        """Answer a lease's path; see `ForwardPaths.lease_path`. Raises ForwardPathsError."""
        await asyncio.to_thread(self._paths.lease_path, path, connection, until)

    async def read(self, lease: str) -> StoredLease | None:
        """Read a lease; None if there is none of this id."""
        return await asyncio.to_thread(read_lease, self._archive, lease)

    async def read_open(self) -> Sequence[StoredLease]:
        """Read the leases of all connections that are not ended."""
        return await asyncio.to_thread(read_open_leases, self._archive)

    async def save(self, lease: StoredLease, states: Collection[str] = _OPEN) -> bool:
        """Store a lease if it is in one of these states; return whether it was."""
        return await asyncio.to_thread(update_lease, self._archive, lease, states)

    async def finish(self, lease: StoredLease) -> None:
        """Note that nothing of a lease is left on the platform; late retries are still answered."""
        now = now_ms()
        try:
            await self.answer(lease.path, lease.connection, now + LATE_RETRIES_MS)
        except ForwardPathsError as error:  # the path stays answered without an end
            log.info("The path of an ended lease has no end. %s", error)
        await self.save(replace(lease, state=LeaseState.ENDED, ended_at=now, problem=""))
        self.release(lease.id)

    async def count(self, lease: StoredLease, counted: LeaseArrivals | None) -> LeaseArrivals:
        """Count the messages that came over a lease, on from what was counted before."""
        counted = counted or LeaseArrivals(details_of(lease).after)
        return await asyncio.to_thread(read_arrivals, self._archive, lease.path, counted)

    def acquire(self, lease: str) -> bool:
        """Acquire the lock of a lease, or hold it already; False if another process holds it."""
        lock = self._locks.get(lease) or self._lock(lease)
        with translated(lock.path):
            acquired = lock.held or lock.acquire(f"process {os.getpid()}")
        if not acquired:
            return False
        self._locks[lease] = lock
        return True

    def release(self, lease: str) -> None:
        """Release the lock of a lease, if it is held."""
        if lock := self._locks.pop(lease, None):
            lock.discard()

    def holder(self, lease: str) -> str:
        """Return the process that holds the lock of a lease; empty if none does."""
        lock = self._lock(lease)
        if lease in self._locks:
            return f"process {os.getpid()}"
        with translated(lock.path):
            acquired = lock.acquire()
        if acquired:
            lock.discard()
            return ""
        return holder_note(lock.path) or "another process"

    def _lock(self, lease: str) -> FileLock:
        return FileLock(self._archive.parent / "locks" / f"lease-{lease}.lock")


def require_unlent(archive: Path, connection: str) -> None:
    """Raise LeaseError if a borrowed route of a connection is not ended; blocks on the disk."""
    for lease in read_open_leases(archive):
        if lease.connection == connection:
            raise LeaseError(
                f"The borrowed route {lease.id} is not ended, and only this connection can end it."
                " Nothing was removed; end it first: ibconsole leases."
            )


def _already_lent(lease: StoredLease, holder: str) -> AlreadyLent:
    owner = f"by {holder}" if holder else "by a process that has ended"
    return AlreadyLent(
        f"The route of this application is borrowed already, as {lease.id}, {owner}. Nothing was"
        f" sent; end that one first: ibconsole leases remove {lease.id}."
    )
