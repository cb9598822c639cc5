"""Storing of what was sent of the answers that rules planned: in batches, after the answers.

Nothing waits for it: a sender has its answer, and the request is stored since before it.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from ibconsole.archive import ArchiveError
from ibconsole.model import SentAnswer
from ibconsole.tasks import Tasks

log = logging.getLogger(__name__)

_INTERVAL = 0.2  # seconds between two transactions
_BATCH = 500
_MOST = 20_000
_TASK = "sent answers"

StoreSent = Callable[[Sequence[tuple[int, SentAnswer]]], Awaitable[None]]


class SentAnswers:
    """The outcomes of answers that wait to be stored, at most `most`: beyond, the oldest are lost.

    An outcome that is lost stays unknown, which is what its delivery then says.
    """

    def __init__(
        self, store: StoreSent, tasks: Tasks, *, interval: float = _INTERVAL, most: int = _MOST
    ) -> None:
        self._store = store
        self._tasks = tasks
        self._interval = interval
        self._waiting: deque[tuple[int, SentAnswer]] = deque(maxlen=most)
        self._failing = False

    def add(self, delivery: int, sent: SentAnswer) -> None:
        """Store an outcome soon. What cannot be stored is tried again with the next one."""
        self._waiting.append((delivery, sent))
        if not self._tasks.running(_TASK):
            self._tasks.start(_TASK, self._store_waiting)

    async def _store_waiting(self) -> None:
        while self._waiting:
            await asyncio.sleep(self._interval)
            batch = [self._waiting.popleft() for _ in range(min(_BATCH, len(self._waiting)))]
            try:
                await self._store(batch)
            except ArchiveError as error:
                if not self._failing:  # once per outage, as for requests that are not stored
                    log.warning("What was sent of answers is not stored: %s", error)
                self._failing = True
                self._waiting.extendleft(reversed(batch))
                return
            self._failing = False
