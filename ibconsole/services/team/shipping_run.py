"""Shipping over one session: batch by batch, from the archive on this disk to the team's.

A batch is committed by the team's archive first, and only then removed from the outbox. What ends
in between is shipped again, which changes nothing. While the database works on a full batch, the
next one is read: that drains a backlog by a quarter faster.
"""

import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from types import TracebackType
from typing import Self

import msgspec

from ibconsole.archive import ArchiveError
from ibconsole.archive.outbox import Outbox, OutboxRow, Shipment, ShipmentLimits
from ibconsole.services.team.batch_writers import BatchWriters

_MOST_ARRIVED = 10_000  # rows that have arrived and are not removed yet


class ShippingLimits(msgspec.Struct, frozen=True):
    """The limits of the shipping; intervals in seconds.

    `poll` is the interval of a look at what other processes have stored, and `idle` that of a look
    without a sign. `retry` are the first and the longest pause after a failure, `refused` is the
    pause where a person has to act first, `elsewhere` while another process ships. What arrived is
    removed from the outbox every `remove` seconds: each time excludes other writers for an instant.
    `heartbeat` is the interval in which the team's archive learns how much waits here,
    `maintenance` that in which months are created ahead and expired ones dropped. A statement
    without an answer is shown after `quiet`, and broken off after `silence`. `batch` are the limits
    of one transaction.
    """

    poll: float = 0.25
    idle: float = 1.0
    retry: tuple[float, float] = (0.5, 10.0)
    refused: float = 30.0
    elsewhere: float = 1.0
    remove: float = 0.5
    heartbeat: float = 5.0
    maintenance: float = 12 * 3600.0
    quiet: float = 3.0
    silence: float = 45.0
    batch: ShipmentLimits = ShipmentLimits()


class ShippingRun:
    """Ships the rows of one target in their order, within its `with` block. Not thread-safe.

    While a batch is shipped, and only then, another thread may use the outbox.
    """

    def __init__(
        self, outbox: Outbox, target: str, writers: BatchWriters, limits: ShippingLimits
    ) -> None:
        self._outbox = outbox
        self._target = target
        self._writers = writers
        self._limits = limits
        self._arrived: list[OutboxRow] = []
        self._arrived_since = 0.0
        self._reading = ThreadPoolExecutor(max_workers=1, thread_name_prefix="next batch")
        self._next: Future[Shipment] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._reading.shutdown()
        # The server is not needed for that; what stays is only shipped again.
        with suppress(ArchiveError):
            self.remove_arrived(at_once=True)

    @property
    def arrived(self) -> int:
        """The number of rows that have arrived, and are still in the outbox."""
        return len(self._arrived)

    def ship_next(self) -> int:
        """Ship the next batch, and return the number of its rows; 0 if nothing waits.

        Rows that the team's archive refuses are set aside. Raises a TeamArchiveError, and
        ArchiveError if the archive on this disk cannot be used.
        """
        following, self._next = self._next, None
        after = self._arrived[-1].id if self._arrived else 0
        shipment = following.result() if following else Shipment()
        if not shipment.rows:
            shipment = self._read(after)
        if not shipment.rows:
            self._writers.rest()
            return 0
        is_full = len(shipment.rows) == self._limits.batch.rows
        if is_full:
            self._next = self._reading.submit(self._read, shipment.rows[-1].id)
        try:
            refused = self._writers.write(shipment, is_full=is_full)
        finally:
            if self._next:
                self._next.exception()  # only one thread may use the outbox
        for row, reason in refused:
            self._outbox.set_aside([row], reason)
        if not self._arrived:
            self._arrived_since = time.monotonic()
        self._arrived += shipment.rows
        self.remove_arrived()
        return len(shipment.rows)

    def _read(self, after: int) -> Shipment:
        return self._outbox.read(self._target, self._limits.batch._replace(after=after))

    def remove_arrived(self, *, at_once: bool = False) -> None:
        """Remove from the outbox what has arrived, if that is due."""
        is_due = time.monotonic() - self._arrived_since >= self._limits.remove
        if self._arrived and (at_once or is_due or len(self._arrived) >= _MOST_ARRIVED):
            self._outbox.remove(self._arrived)
            self._arrived = []
