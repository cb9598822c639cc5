"""Borrowed routes: actions next to the customer's that lead here for a while, and then go away.

A lease is stored before the first request of it is sent. It ends by its time, by its user, or with
its connection; what a process that died has left is removed by the next one that opens the
connection. Nothing that the lease did not create is ever changed.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ibconsole.api import CallKind, Platform
from ibconsole.archive import ArchiveError
from ibconsole.archive.leases import StoredLease, newest_delivery
from ibconsole.clock import elapsed_ms, now_ms
from ibconsole.errors import UserError
from ibconsole.services.audit import describe_process
from ibconsole.services.connections import Account
from ibconsole.services.intake import ForwardPaths
from ibconsole.services.protection import Protection
from ibconsole.services.runtime import LeaseState, LeaseStatus
from ibconsole.services.setup.lease.held_lease import HeldLease, LeaseTiming
from ibconsole.services.setup.lease.held_leases import HeldLeases
from ibconsole.services.setup.lease.lease_book import LeaseBook
from ibconsole.services.setup.lease.values import (
    DEFAULT_LEASE_MINUTES,
    AlreadyLent,
    LeaseDetails,
    LeaseError,
    LeaseRequest,
    new_lease,
    new_path,
    require_usable,
    status_of,
)
from ibconsole.tasks import Tasks

log = logging.getLogger(__name__)

_WATCH, _END = "borrowed routes", "end of borrowed routes"
_RESERVED_MS = 3_600_000  # for which a path is answered before its lease exists
_TRIES = 4  # to end a lease while its user waits
_OFTEN, _SELDOM = 2.0, 10.0  # seconds between two looks into the archive


class Leases:
    """The borrowed routes of the account that is open, and what is stored of all others.

    `on_change` is called with the open leases of all connections. Every method runs on the loop of
    the console, and raises ArchiveError if leases cannot be read or stored.
    """

    def __init__(
        self,
        archive: Path,
        paths: ForwardPaths,
        protection: Protection,
        on_change: Callable[[tuple[LeaseStatus, ...]], object],
        *,
        timing: LeaseTiming | None = None,
    ) -> None:
        self._archive = archive
        self._book = LeaseBook(archive, paths)
        self._protection = protection
        self._on_change = on_change
        self._timing = timing or LeaseTiming()
        self._tasks = Tasks(_report)
        self._reserved: set[str] = set()
        self._held: HeldLeases | None = None

    def open(self, account: Account, setup: Platform, *, settles: bool = False) -> None:
        """Borrow routes of this account from now on.

        With `settles`, what processes that died have left there is ended in the background.
        """
        self._held = HeldLeases(self._book, account, setup, self._protection, self._timing)
        if settles:
            self._tasks.start(_WATCH, self._watch, settles=True)

    async def close(self) -> None:
        """End all leases of the account, within `LeaseTiming.closing`.

        What is left by then is ended when the connection is opened again.
        """
        held, self._held = self._held, None
        if held is None:
            return
        for one in held:
            one.stop_creating()
        await self._tasks.close()
        try:
            async with asyncio.timeout(self._timing.closing):
                for one in held:
                    one.hurry()
                await held.end_all()
        except TimeoutError:
            with _tried_again():
                await held.note_left("The connection was closed before it could be removed.")
        finally:
            held.release()
        await self._refresh()

    async def reserve_path(self) -> str:
        """Return a new path that the listener answers, to check an address before it is used.

        It is answered for an hour, unless a route is borrowed with it. Raises LeaseError without an
        account, and ForwardPathsError.
        """
        path, account = new_path(), self._require_open().account
        await self._book.answer(path, account.connection, now_ms() + _RESERVED_MS)
        self._reserved.add(path)
        return path

    async def borrow(self, request: LeaseRequest) -> LeaseStatus:
        """Create an action that leads here, next to those that exist; return its lease.

        It is ended by its time, by `end`, or by `close`. Raises NotPermitted and LeaseError before
        anything is sent; and LeaseError if it failed, with a sentence on what is left of it.
        """
        held = self._require_open()
        self._protection.require(held.account, CallKind.CHANGE)
        address = require_usable(request, held.account)
        if request.path and request.path not in self._reserved:
            raise LeaseError("The checked path was used already; nothing was sent. Check again.")
        lease = new_lease(request, held.account, await self._details(request, address))
        await self._end_former(lease)
        self._reserved.discard(lease.path)
        if not self._tasks.running(_WATCH):
            self._tasks.start(_WATCH, self._watch)
        try:
            lent = await held.create(lease)
        except AlreadyLent:
            raise
        except UserError as error:
            remark = await self._end_failed(held, held.find(lease.id))
            raise LeaseError(f"The route was not borrowed. {error} {remark}") from error
        await self._refresh()
        return lent.status()

    async def end(self, lease: str) -> None:
        """End a lease now, also one of another process that runs.

        Raises LeaseError if there is none of this id, if it is of another connection, and if
        something of it is left.
        """
        held = self._require_open()
        one = held.find(lease) or await held.take(await self._find(lease))
        one.hurry()
        for _ in range(_TRIES):
            if await held.end(one) or one.is_refused:
                break
            await asyncio.sleep(self._timing.first_retry)
        await self._refresh()
        if held.find(lease):
            raise LeaseError(f"The borrowed route {lease} is not ended. {one.lease.problem}")

    async def extend(self, lease: str, minutes: float = DEFAULT_LEASE_MINUTES) -> None:
        """End a lease of this process a number of minutes later.

        Raises NotPermitted, because the route stays changed for longer; and LeaseError if another
        process holds it, if it is over, or if it would last for too long.
        """
        held = self._require_open()
        self._protection.require(held.account, CallKind.CHANGE)
        one = held.find(lease)
        if one is None:
            raise LeaseError(
                f"The borrowed route {lease} is of another process; it stays as it is."
            )
        await one.extend(self._book, minutes)
        await self._refresh()

    async def forget(self, lease: str) -> None:
        """Note that a lease is ended, without any request: its user removed what was left.

        Raises LeaseError if there is none of this id, or if another process holds it that runs.
        """
        stored = await self._find(lease)
        if not self._book.acquire(lease):
            raise LeaseError(
                f"The borrowed route {lease} is held by {self._book.holder(lease)}. Nothing was"
                " changed; stop that process first."
            )
        if self._held is not None:
            self._held.drop(lease)
        await self._book.finish(stored)
        await self._refresh()

    async def settle(self, seconds: float = 60.0) -> tuple[LeaseStatus, ...]:
        """End what processes that died have left on the connection; return what is still left.

        Tries again for up to `seconds`, unless it is refused.
        """
        held = self._require_open()
        await held.adopt()
        try:
            async with asyncio.timeout(seconds):
                await held.end_all(lambda one: one.is_over)
        except TimeoutError:
            log.info("Some borrowed routes could not be ended in time.")
        await self._refresh()
        return tuple(one.status() for one in held if one.is_over)

    async def active(self) -> tuple[LeaseStatus, ...]:
        """Return the leases of all connections that are not ended, the oldest first."""
        if self._held is not None:
            return tuple(await self._held.statuses())
        stored = await self._book.read_open()
        return tuple(status_of(lease, holder=self._book.holder(lease.id)) for lease in stored)

    async def _watch(self, *, settles: bool = False) -> None:
        """Look at the clocks, and at what other processes did, until cancelled."""
        held, due = self._require_open(), 0.0
        while True:
            if any(one.is_due() for one in held) and not self._tasks.running(_END):
                self._tasks.start(_END, self._end_due, held)
            if elapsed_ms() >= due:
                due = elapsed_ms() + 1000 * (_OFTEN if held else _SELDOM)
                await self._look_around(held, settles=settles)
            await asyncio.sleep(self._timing.interval)

    async def _look_around(self, held: HeldLeases, *, settles: bool) -> None:
        if settles:
            with _tried_again():
                await held.adopt()
        await self._refresh()

    async def _end_due(self, held: HeldLeases) -> None:
        for one in held:
            if one.is_due():
                await held.end(one)
        await self._refresh()

    async def _refresh(self) -> None:
        with _tried_again():
            self._on_change(await self.active())

    async def _end_former(self, lease: StoredLease) -> None:
        """End what a process that died has left on the same application, before it is lent again.

        Raises LeaseError if it cannot be ended.
        """
        held = self._require_open()
        await held.adopt()
        for one in held:
            if one.is_over and one.lease.application == lease.application:
                await self.end(one.lease.id)

    async def _end_failed(self, held: HeldLeases, failed: HeldLease | None) -> str:
        """Try to remove what a failed creation has left; return a sentence about that."""
        if self._held is not held:
            return "What was created is removed with the connection."
        if not failed or await held.end(failed):
            return "Nothing of it is left."
        await self._refresh()
        return failed.lease.problem

    async def _find(self, lease: str) -> StoredLease:
        stored = await self._book.read(lease)
        if not stored or stored.state == LeaseState.ENDED:
            raise LeaseError(f"There is no borrowed route {lease} that is not ended.")
        return stored

    async def _details(self, request: LeaseRequest, address: str) -> LeaseDetails:
        account, who = self._require_open().account, describe_process()
        return LeaseDetails(
            url=address,
            name=request.name,
            account=account.name,
            base_url=account.base_url,
            credential=account.credential.label,
            reason=self._protection.reason_of(account),
            process=f"{who['user']} on {who['host']}, {who['process']}",
            after=await asyncio.to_thread(newest_delivery, self._archive),
        )

    def _require_open(self) -> HeldLeases:
        if self._held is None:
            raise LeaseError("There is no connection; nothing was requested.")
        return self._held


@contextmanager
def _tried_again() -> Iterator[None]:
    """Go on after the block if the archive cannot be used now, which says so itself."""
    try:
        yield
    except ArchiveError as error:
        log.info("The borrowed routes could not be read. %s", error)


def _report(name: str, error: BaseException) -> None:
    log.error("The background task %r failed.", name, exc_info=error)
