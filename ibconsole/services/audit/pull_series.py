"""Repeated pulls in the audit: those that bring nothing share the two rows of one call.

A loop that pulls every few seconds would otherwise grow the audit, which is kept for ever, by half
a kilobyte each time. No pull is left out: the intent, which is recorded before the first of them
is sent, says that it covers those that follow, and the outcome says how many they were.
"""

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from ibconsole.api import CallOutcome, CallState, Finish
from ibconsole.clock import elapsed_ms

if TYPE_CHECKING:
    from ibconsole.archive import AuditEntry

COVERED = "this pull, and those after it for an hour at most, until one brings something"
_LONGEST_MS = 3_600_000  # what a crash leaves as not known is no longer than this

Append = Callable[["AuditEntry"], Awaitable[Finish]]


class PullSeries:
    """The pulls of one loop, which ends with `close`.

    `append` records an intent and returns what records its outcome. `clock` returns elapsed
    milliseconds. A pull that is interrupted leaves the outcome of all that share its intent as
    not known.
    """

    def __init__(self, append: Append, clock: Callable[[], int] = elapsed_ms) -> None:
        self._append = append
        self._clock = clock
        self._intent: AuditEntry | None = None
        self._finish: Finish | None = None
        self._began = 0
        self._pulls = 0
        self._outcome: CallOutcome | None = None  # None while a pull is under way

    async def record(self, intent: "AuditEntry") -> Finish:
        """Record the intent of a pull, unless that of the one before covers it; see `append`."""
        is_over = self._clock() - self._began >= _LONGEST_MS
        if intent != self._intent or is_over or self._outcome is None:
            await self.close()
        if not self._finish:
            self._finish = await self._append(intent)
            self._intent, self._began, self._pulls = intent, self._clock(), 0
        self._outcome = None
        return self._finish_one

    async def close(self) -> None:
        """Record the outcome of the pulls that have no row of their own yet."""
        finish, outcome, self._finish = self._finish, self._outcome, None
        if finish and outcome:
            await finish(outcome)

    async def _finish_one(self, outcome: CallOutcome) -> None:
        self._pulls += 1
        self._outcome = replace(outcome, pulls=self._pulls)
        if not _is_empty(outcome):
            await self.close()


def _is_empty(outcome: CallOutcome) -> bool:
    """Return whether a pull brought nothing, and nothing is remarkable about it."""
    is_done = outcome.state is CallState.DONE and not outcome.problem
    return is_done and outcome.messages == 0 and not outcome.pending
