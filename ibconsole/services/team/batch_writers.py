"""Batches written over one session, or over two side by side while a long backlog is shipped.

PostgreSQL serves a session with one process, which takes longer to store a batch than reading it
takes here. Each half of a batch is a transaction of its own: what was committed before a failure is
left as it is when the batch is shipped again.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack
from types import TracebackType
from typing import Self, TypeAlias

from ibconsole.archive.outbox import Shipment, ShippedKind, part_of
from ibconsole.team_archive import TeamArchiveError
from ibconsole.team_archive.writing import RefusedRow, TeamWriter

log = logging.getLogger(__name__)

Second: TypeAlias = AbstractContextManager[TeamWriter]
_LONG = 5  # full batches, one after the other, after which a second session is worth its opening


class BatchWriters:
    """Writes full and other batches, within its `with` block. Not thread-safe.

    `open_second` gives a writer on a second session, which is open for the time of a long backlog.
    With None all batches are written over the first one.
    """

    def __init__(self, first: TeamWriter, open_second: Callable[[], Second] | None = None) -> None:
        self._first = first
        self._open_second = open_second
        self._second: TeamWriter | None = None
        self._opened = ExitStack()
        self._threads = ThreadPoolExecutor(max_workers=1, thread_name_prefix="second session")
        self._full = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._threads.shutdown()
        self.rest()

    def write(self, shipment: Shipment, *, is_full: bool) -> list[RefusedRow]:
        """Commit a batch, and return what was refused; see `TeamWriter.write`.

        `is_full` says that more waits behind it. Of a batch that raises, a part may be stored.
        """
        self._full = self._full + 1 if is_full else 0
        if not is_full:
            self.rest()
        elif self._full == _LONG and self._open_second:
            self._begin_second(self._open_second)
        # Rows of other kinds keep their order.
        if not self._second or any(row.kind != ShippedKind.DELIVERY for row in shipment.rows):
            return self._first.write(shipment)
        middle = len(shipment.rows) // 2
        second = part_of(shipment, shipment.rows[middle:])
        later = self._threads.submit(self._second.write, second)
        try:
            refused = self._first.write(part_of(shipment, shipment.rows[:middle]))
        finally:
            later.exception()  # no session is closed while a thread uses it
        return refused + later.result()

    def rest(self) -> None:
        """Close the second session, because no more waits."""
        self._full = 0
        self._second = None
        self._opened.close()

    def _begin_second(self, opening: Callable[[], Second]) -> None:
        try:
            self._second = self._opened.enter_context(opening())
        except TeamArchiveError as error:  # such as too many connections: one is enough
            log.info("The backlog is shipped over one connection. %s", error)
