"""The upkeep of an archive while it is written to: checkpoints of its log, and its index.

Neither is needed: a log that is not copied into the file only grows, and searches read what is not
indexed yet. So it is safe to stop at any point.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

from ibconsole.archive import ArchiveError, Checkpointer
from ibconsole.services.intake.write_queue import WriterLimits
from ibconsole.tasks import Tasks

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


class Checkpoints:
    """Copies the archive's log into its file repeatedly while there are writes, in a thread."""

    def __init__(self, path: Path, tasks: Tasks, limits: WriterLimits) -> None:
        self._path = path
        self._tasks = tasks
        self._limits = limits
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="checkpoint")
        self._checkpointer: Checkpointer | None = None
        self._is_due = False
        self._closing = False

    async def open(self) -> None:
        """Open the archive, which exists. Raises ArchiveError."""
        self._checkpointer = await self._run(Checkpointer, self._path)

    def note_write(self) -> None:
        """Have the log copied soon, because something is written to it."""
        self._is_due = True
        if self._checkpointer and not self._closing and not self._tasks.running("checkpoint"):
            self._tasks.start("checkpoint", self._checkpoint)

    def stop(self) -> None:
        """Begin no more checkpoints."""
        self._closing = True

    async def close(self) -> None:
        """Close the archive; the task has ended."""
        if self._checkpointer:
            await self._run(self._checkpointer.close)
        self._thread.shutdown()

    async def _checkpoint(self) -> None:
        assert self._checkpointer is not None, "started once it is open"  # noqa: S101
        while self._is_due and not self._closing:
            await asyncio.sleep(self._limits.checkpoint_interval)
            self._is_due = False
            try:
                await self._run(self._checkpointer.run)
            except ArchiveError as error:
                # Committed data is safe in the log, and the next checkpoint tries again.
                log.warning("The archive's log grows: %s", error)

    async def _run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        future = self._thread.submit(work, *args, **kwargs)
        return await asyncio.shield(asyncio.wrap_future(future))


class Indexing:
    """Adds new messages to the index of searches: at once while nothing waits, else few at a time.

    `index` indexes at most a number of messages and returns whether more are left; `is_busy`
    returns whether writes wait.
    """

    def __init__(
        self,
        tasks: Tasks,
        limits: WriterLimits,
        index: Callable[[int], Awaitable[bool]],
        is_busy: Callable[[], bool],
    ) -> None:
        self._tasks = tasks
        self._limits = limits
        self._index = index
        self._is_busy = is_busy
        self._closing = False

    def start(self) -> None:
        """Index what is not indexed, unless that is in progress."""
        if not self._tasks.running("index"):
            self._tasks.start("index", self._run)

    def stop(self) -> None:
        """Index nothing more."""
        self._closing = True

    async def _run(self) -> None:
        loop, limits = asyncio.get_running_loop(), self._limits
        indexed_at = loop.time()
        while not self._closing:
            await asyncio.sleep(limits.idle)
            busy = self._is_busy()
            if busy and loop.time() - indexed_at < limits.max_index_delay:
                continue
            try:
                more = await self._index(limits.busy_index_batch if busy else limits.index_batch)
            except ArchiveError as error:
                log.warning("Searches take longer, new messages are not indexed yet: %s", error)
                return
            if not more:
                return
            indexed_at = loop.time()
