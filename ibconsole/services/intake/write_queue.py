"""Limits of the archive writer, and the queue of what it has to decode."""

from collections import deque
from itertools import chain, islice

import msgspec

from ibconsole.errors import UserError


class ArchiveBusy(UserError):
    """More forwards wait for the disk than the program holds in memory."""


class WriterLimits(msgspec.Struct, frozen=True):
    """The limits and intervals of an ArchiveWriter.

    `waiting` forwards of together `waiting_bytes` are held in memory; a single forward may be
    larger. `batch`, `decode_batch` and `index_batch` are the numbers of forwards and of messages
    in one transaction, `busy_decode_batch` and `busy_index_batch` those while forwards arrive.
    Decoding and indexing start after `idle` seconds without a forward; while forwards arrive,
    one transaction of each is due every `max_decode_delay` seconds (later if decoding would take
    more than a tenth of the time) and `max_index_delay` seconds. Where forwards arrive one by one,
    not in groups of more than `crowd`, decoding that falls behind may take a third of the time, in
    transactions of up to `decode_batch`. The log is copied into the database file every
    `checkpoint_interval` seconds.
    """

    waiting: int = 2_000
    waiting_bytes: int = 64 << 20
    batch: int = 256
    idle: float = 0.01
    max_decode_delay: float = 0.03
    max_index_delay: float = 0.25
    decode_batch: int = 64
    busy_decode_batch: int = 12  # senders wait while it is decoded
    crowd: float = 8.0
    checkpoint_interval: float = 0.05  # a larger checkpoint delays commits for longer
    index_batch: int = 1_000
    busy_index_batch: int = 250


class IdQueue:
    """A queue of ascending ids, as ranges: under load millions of forwards may wait."""

    def __init__(self) -> None:
        self._ranges: deque[range] = deque()

    def __bool__(self) -> bool:
        return bool(self._ranges)

    def __len__(self) -> int:
        return sum(map(len, self._ranges))

    def add(self, number: int) -> None:
        """Add an id above all that were added before."""
        if self._ranges and self._ranges[-1].stop == number:
            self._ranges[-1] = range(self._ranges[-1].start, number + 1)
        else:
            self._ranges.append(range(number, number + 1))

    def first(self, count: int) -> list[int]:
        """Return the first ids, at most `count`."""
        return list(islice(chain.from_iterable(self._ranges), count))

    def remove_first(self, count: int) -> None:
        """Remove the first `count` ids."""
        while count:
            rest = self._ranges[0][count:]
            count -= len(self._ranges[0]) - len(rest)
            if rest:
                self._ranges[0] = rest
            else:
                self._ranges.popleft()
