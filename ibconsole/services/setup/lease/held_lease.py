"""A lease that this process ends: its clocks, its retries, and its end on the platform."""

import asyncio
import math
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import msgspec
from msgspec.structs import replace

from ibconsole.api import NotFound, NotPermitted, RateLimited, Refused
from ibconsole.archive import ArchiveError
from ibconsole.archive.leases import LeaseArrivals, StoredLease
from ibconsole.clock import elapsed_ms, now_ms
from ibconsole.errors import UserError
from ibconsole.services.connections import Account
from ibconsole.services.runtime import LeaseState, LeaseStatus
from ibconsole.services.setup.lease.lease_book import LeaseBook
from ibconsole.services.setup.lease.removal import LeaseRemover
from ibconsole.services.setup.lease.values import (
    LONGEST_LEASE_MINUTES,
    LeaseError,
    details_of,
    status_of,
)

_LONGEST_CALL = 180_000  # ms that a creating request may take, with its retries and its pauses
_CORRECTION = 2_000  # ms by which the two clocks may differ before the wall clock is corrected


class LeaseTiming(msgspec.Struct, frozen=True):
    """Times in seconds.

    `interval` is that between two looks at the clocks, `pause` that between two at what is to be
    tried again. Attempts to remove what is left are `first_retry` to `longest_retry` apart, and
    closing a connection may take `closing` for them. After a creating request without an answer
    the application is read again for `watch`.
    """

    interval: float = 1.0
    pause: float = 0.1
    first_retry: float = 0.5
    longest_retry: float = 10.0
    closing: float = 6.0
    watch: float = 20.0


class HeldLease:
    """A lease whose lock this process holds.

    It is over by the wall clock or by one that cannot be set and counts suspensions, whichever is
    first: so a clock that is set back keeps nothing alive.
    """

    def __init__(
        self,
        lease: StoredLease,
        timing: LeaseTiming,
        *,
        is_over: bool = False,
        is_stored: bool = True,
        clock: Callable[[], int] = elapsed_ms,
        wall: Callable[[], int] = now_ms,
    ) -> None:
        self.lease = lease
        self.is_over = is_over
        self.is_stored = is_stored
        self.is_refused = False
        self.arrivals: LeaseArrivals | None = None
        self._lock = asyncio.Lock()
        self._timing = timing
        self._clock, self._wall = clock, wall
        self._deadline = clock() + lease.ends_at - wall()
        self._delay = timing.first_retry
        self._next_try = 0
        self._watched_since: int | None = None
        self._creation: asyncio.Timeout | None = None

    def is_due(self) -> bool:
        """Return whether it is time to end it, or to try that again."""
        now = self._clock()
        is_over = self.is_over or now >= self._deadline or self._wall() >= self.lease.ends_at
        return is_over and now >= self._next_try

    def status(self) -> LeaseStatus:
        """Return its state to show; its end is by the wall clock as it is now."""
        ends_at = self._wall() + self._deadline - self._clock()
        is_right = abs(ends_at - self.lease.ends_at) < _CORRECTION
        return status_of(
            self.lease,
            arrivals=self.arrivals,
            is_own=True,
            ends_at=self.lease.ends_at if is_right else ends_at,
        )

    async def extend(self, book: LeaseBook, minutes: float) -> None:
        """End it a number of minutes later.

        Raises LeaseError if it is over, or if it would last for too long from now; ArchiveError.
        """
        async with self._lock:
            if self.lease.state != LeaseState.ACTIVE or self.is_over or self.is_due():
                raise LeaseError("It is over already. Nothing was changed; borrow the route again.")
            longer = round(60_000 * minutes)
            left = self._deadline - self._clock() + longer
            if left > 60_000 * LONGEST_LEASE_MINUTES:
                raise LeaseError(
                    f"A route can be borrowed for up to {LONGEST_LEASE_MINUTES} minutes from now."
                    " Nothing was changed."
                )
            lease = replace(self.lease, ends_at=self.status().ends_at + longer)
            if not await book.save(lease, {LeaseState.ACTIVE}):
                raise LeaseError("Another process has ended it meanwhile.")
            self.lease = lease
            self._deadline += longer

    @asynccontextmanager
    async def creating(self) -> AsyncIterator[None]:
        """Let `stop_creating` end the block with a LeaseError."""
        try:
            async with self._lock, asyncio.timeout(None) as self._creation:
                yield
        except TimeoutError:
            raise LeaseError("The connection was closed meanwhile.") from None
        finally:
            self._creation = None

    def hurry(self) -> None:
        """Let the next attempt to end it follow at once."""
        self._next_try, self._delay = 0, self._timing.first_retry

    def stop_creating(self) -> None:
        """End the creation, if it is in progress: the lease is over."""
        self.is_over = True
        if self._creation:
            self._creation.reschedule(asyncio.get_running_loop().time())

    async def give_back(self, book: LeaseBook, remover: LeaseRemover, account: Account) -> bool:
        """Remove what the lease created; return whether nothing of it is left.

        Otherwise its `problem` says why, and it is due again after a while.
        """
        self.is_over = True
        async with self._lock:
            self._try_again_after(self._delay)
            self._delay = min(2 * self._delay, self._timing.longest_retry)
            try:
                return await self._give_back(book, remover, account)
            except ArchiveError as error:  # nothing is sent that cannot be recorded
                self.lease = replace(self.lease, problem=f"It could not be removed yet. {error}")
                return False

    async def _give_back(self, book: LeaseBook, remover: LeaseRemover, account: Account) -> bool:
        stored = await book.read(self.lease.id)
        if not stored or stored.state == LeaseState.ENDED:
            book.release(self.lease.id)
            return True
        await self._save(book, replace(stored, state=LeaseState.ENDING))
        problem = await self._remove(remover, account)
        if problem:
            await self._save(book, replace(self.lease, problem=problem))
        else:
            await book.finish(self.lease)
        return not problem

    async def _save(self, book: LeaseBook, lease: StoredLease) -> None:
        await book.save(lease)
        self.lease = lease

    async def _remove(self, remover: LeaseRemover, account: Account) -> str:
        """Remove it from the platform; return why something is left or may be, empty if nothing."""
        began = self._clock()
        self.is_refused = False
        try:
            had_action = await remover.remove_actions(self.lease)
            had_configuration = await remover.remove_configuration(self.lease)
        except NotFound:
            return self._without_application(account)
        except UserError as error:
            is_final = isinstance(error, Refused) and not isinstance(error, RateLimited)
            self.is_refused = isinstance(error, NotPermitted) or is_final
            return f"What it created could not be removed yet. {error}"
        is_found = had_action if self.lease.configuration else had_configuration
        return "" if is_found else self._watch(began)

    def _watch(self, began: int) -> str:
        """Return that a creating request may still be carried out; empty if that is certain not to.

        It was sent before the first attempt to end the lease at the latest, and at most
        `_LONGEST_CALL` after its time was stored.
        """
        sent_at = self.lease.sent_at
        if sent_at is None or self._wall() - sent_at > _LONGEST_CALL:
            return ""
        if self._watched_since is None:
            self._watched_since = began
        left = self._timing.watch - (began - self._watched_since) / 1000
        if left <= 0:
            return ""
        self._try_again_after(min(self._delay, left))
        return (
            "Whether it was created is not known. Nothing of it was found, and the application is"
            f" read again for {self._timing.watch:.0f} s."
        )

    def _try_again_after(self, seconds: float) -> None:
        self._next_try = self._clock() + math.ceil(1000 * seconds)

    def _without_application(self, account: Account) -> str:
        """Return why it may exist although the application does not; empty if it cannot."""
        details = details_of(self.lease)
        if details.credential == account.credential.label:
            return ""
        self.is_refused = True
        return (
            f"The application does not exist for {account.credential.label}. The route was borrowed"
            f" with {details.credential}: end it with that, or delete its action by hand and then"
            f" forget it: ibconsole leases remove --forget {self.lease.id}."
        )
