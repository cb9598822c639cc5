"""Shipping over one session: batch by batch, from the archive on this disk to the team's.

A batch is committed by the team's archive first, and only then removed from the outbox. What ends
in between is shipped again, which changes nothing.
"""

import time

import msgspec

from ibconsole.archive.outbox import Outbox, OutboxRow, ShipmentLimits
from ibconsole.team_archive.writing import TeamWriter

_MOST_ARRIVED = 10_000  # rows that have arrived and are not removed yet


class ShippingLimits(msgspec.Struct, frozen=True):
    """The limits of the shipping; intervals in seconds.

    `poll` is the interval of a look at what other processes have stored, and `idle` that of a look
    without a sign. `retry` are the first and the longest pause after a failure, `refused` is the
    pause where a person has to act first, `elsewhere` while another process ships. What arrived is
    removed from the outbox every `remove` seconds: each time excludes other writers for an instant.
    `heartbeat` is the interval in which the team's archive learns how much waits here. A statement
    without an answer is broken off after `silence`. `batch` are the limits of one transaction.
    """

    poll: float = 0.25
    idle: float = 1.0
    retry: tuple[float, float] = (0.5, 10.0)
    refused: float = 30.0
    elsewhere: float = 1.0
    remove: float = 0.5
    heartbeat: float = 5.0
    silence: float = 45.0
    batch: ShipmentLimits = ShipmentLimits()


class ShippingRun:
    """Ships the rows of one target in their order. Not thread-safe."""

    def __init__(
        self, outbox: Outbox, target: str, writer: TeamWriter, limits: ShippingLimits
    ) -> None:
        self._outbox = outbox
        self._target = target
        self._writer = writer
        self._limits = limits
        self._arrived: list[OutboxRow] = []
        self._arrived_since = 0.0

    @property
    def arrived(self) -> int:
        """The number of rows that have arrived, and are still in the outbox."""
        return len(self._arrived)

    def ship_next(self) -> int:
        """Ship the next batch, and return the number of its rows; 0 if nothing waits.

        Rows that the team's archive refuses are set aside. Raises a TeamArchiveError, and
        ArchiveError if the archive on this disk cannot be used.
        """
        after = self._arrived[-1].id if self._arrived else 0
        shipment = self._outbox.read(self._target, self._limits.batch._replace(after=after))
        if not shipment.rows:
            return 0
        refused = self._writer.write(shipment)
        for row, reason in refused:
            self._outbox.set_aside([row], reason)
        if not self._arrived:
            self._arrived_since = time.monotonic()
        self._arrived += shipment.rows
        self.remove_arrived()
        return len(shipment.rows)

    def remove_arrived(self, *, at_once: bool = False) -> None:
        """Remove from the outbox what has arrived, if that is due."""
        is_due = time.monotonic() - self._arrived_since >= self._limits.remove
        if self._arrived and (at_once or is_due or len(self._arrived) >= _MOST_ARRIVED):
            self._outbox.remove(self._arrived)
            self._arrived = []
