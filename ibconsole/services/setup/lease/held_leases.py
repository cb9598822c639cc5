"""The leases that this process ends: its own, and those that it took over."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from msgspec.structs import replace

from ibconsole.api import Platform
from ibconsole.archive.leases import StoredLease
from ibconsole.services.audit import user_act
from ibconsole.services.connections import Account
from ibconsole.services.protection import Protection
from ibconsole.services.request_log import request_purpose
from ibconsole.services.runtime import LeaseState, LeaseStatus
from ibconsole.services.setup.lease.creation import SaveLease, create
from ibconsole.services.setup.lease.held_lease import HeldLease, LeaseTiming
from ibconsole.services.setup.lease.lease_book import LeaseBook
from ibconsole.services.setup.lease.removal import LeaseRemover
from ibconsole.services.setup.lease.values import (
    LeaseError,
    details_of,
    is_lent_by,
    status_of,
)

_TESTS = 4  # of a lock


class HeldLeases:
    """Creates and ends leases on one account. Every method may raise ArchiveError."""

    def __init__(
        self,
        book: LeaseBook,
        account: Account,
        setup: Platform,
        protection: Protection,
        timing: LeaseTiming,
    ) -> None:
        self.account = account
        self._book = book
        self._setup = setup
        self._protection = protection
        self._timing = timing
        self._remover = LeaseRemover(
            setup, lambda path: protection.permitting_removal(account, path)
        )
        self._held: dict[str, HeldLease] = {}

    def __bool__(self) -> bool:
        return bool(self._held)

    def __iter__(self) -> Iterator[HeldLease]:
        return iter(list(self._held.values()))

    def find(self, lease: str) -> HeldLease | None:
        """Return a lease that is held."""
        return self._held.get(lease)

    async def create(self, lease: StoredLease) -> HeldLease:
        """Store a lease and create its action; return it.

        Raises AlreadyLent if its application has one, and a UserError if it failed: if it was
        stored it is held then, and over, because something of it may exist.
        """
        held = self._held[lease.id] = HeldLease(lease, self._timing, is_stored=False)
        try:
            async with held.creating():
                await self._book.add(lease)
                held.is_stored = True
                with self._act(lease, f"Borrowed route {lease.id}"):
                    await create(self._setup, lease, self._saving(held))
        finally:
            held.is_over |= held.lease.state != LeaseState.ACTIVE
            if not held.is_stored:
                self.drop(lease.id)
        return held

    async def adopt(self) -> None:
        """Hold the leases of the account that no process holds: they are over."""
        for lease in await self._book.read_open():
            is_new = lease.id not in self._held and is_lent_by(lease, self.account)
            if is_new and await self._acquire(lease.id):
                self._held[lease.id] = HeldLease(lease, self._timing, is_over=True)

    async def _acquire(self, lease: str) -> bool:
        """Acquire the lock of a lease, which another process may hold for a moment to test it."""
        for _ in range(_TESTS):
            if self._book.acquire(lease):
                return True
            await asyncio.sleep(self._timing.pause / _TESTS)
        return False

    async def take(self, lease: StoredLease) -> HeldLease:
        """Hold a lease, also one of a process that runs: to be ended at once.

        Raises LeaseError if it is of another connection.
        """
        if not is_lent_by(lease, self.account):
            raise LeaseError(
                f"The borrowed route {lease.id} is of another connection,"
                f" {details_of(lease).account}. Nothing was sent; open that one first."
            )
        self._book.acquire(lease.id)
        return self._held.setdefault(lease.id, HeldLease(lease, self._timing, is_over=True))

    def drop(self, lease: str) -> None:
        """Hold a lease no more."""
        self._held.pop(lease, None)

    async def end(self, held: HeldLease) -> bool:
        """Try to end a lease; return whether it is ended."""
        with self._act(held.lease, f"End of borrowed route {held.lease.id}"):
            is_ended = await held.give_back(self._book, self._remover, self.account)
        if is_ended:
            self.drop(held.lease.id)
        return is_ended

    async def end_all(self, which: Callable[[HeldLease], bool] = lambda _: True) -> None:
        """End leases, again and again until none of these is left but what is refused."""
        while left := [one for one in self if which(one) and not one.is_refused]:
            for held in left:
                if held.is_due() or not held.is_over:
                    await self.end(held)
            await asyncio.sleep(self._timing.pause)

    async def statuses(self) -> Sequence[LeaseStatus]:
        """Return the open leases of all connections, and note what others did with those here."""
        found, held_before = [], {one.lease.id for one in self if one.is_stored}
        read = await self._book.read_open()
        for ended in held_before.difference(one.id for one in read):
            self._book.release(ended)
            self.drop(ended)
        for lease in read:
            held = self._held.get(lease.id)
            if held:
                held.arrivals = await self._book.count(lease, held.arrivals)
                held.is_over |= lease.state == LeaseState.ENDING
                found.append(held.status())
            else:
                found.append(status_of(lease, holder=self._book.holder(lease.id)))
        return found

    async def note_left(self, problem: str) -> None:
        """Store why the leases that are held are not ended, unless that is known."""
        for lease in list(self._held):
            stored = await self._book.read(lease)
            if stored and not stored.problem:
                await self._book.save(replace(stored, state=LeaseState.ENDING, problem=problem))

    def release(self) -> None:
        """Let other processes end what is left."""
        for lease in self._held:
            self._book.release(lease)
        self._held.clear()

    def _saving(self, held: HeldLease) -> SaveLease:
        async def save(lease: StoredLease) -> StoredLease:
            if not await self._book.save(lease, {LeaseState.CREATING}):
                raise LeaseError("Another process has ended it meanwhile.")
            held.lease = lease
            return lease

        return save

    @contextmanager
    def _act(self, lease: StoredLease, title: str) -> Iterator[None]:
        """Record the requests of the block as one act, with the reason that the lease was given."""
        reason = details_of(lease).reason
        is_given = reason == self._protection.reason_of(self.account)
        act = f"{title}: {reason}" if reason and not is_given else title
        with user_act(title=act), request_purpose(title):
            yield
