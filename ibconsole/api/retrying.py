"""When a request is worth another attempt, and how long a silence is borne.

Three rules: what may have changed something is never repeated, save a DELETE, which can be
done but once; what the platform asks for (Retry-After) is granted up to a minute; where
nobody answers, the whole call fails within 9 s.
"""

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from ibconsole.api.errors import PlatformBroken, RateLimited, Unreachable
from ibconsole.lazy import LazyModule

if TYPE_CHECKING:
    import stamina
else:
    stamina = LazyModule("stamina")

T = TypeVar("T")

_TEMPORARY = {502, 503, 504}

# Nobody needs to be warned of an attempt that the next one made good.
logging.getLogger("stamina").setLevel(logging.ERROR)


async def retry(
    again: Callable[[BaseException], bool | float],
    attempt: Callable[..., Awaitable[T]],
    *arguments: Any,
) -> T:
    """Await the attempt up to three times, as long as `again` says so of its failure.

    Where `again` names no seconds, a moment passes between two attempts: 0.2 s, then longer.
    """
    caller = stamina.AsyncRetryingCaller(
        attempts=3, timeout=None, wait_initial=0.2, wait_max=1.0, wait_jitter=0.1
    )
    return await caller(again, attempt, *arguments)


@dataclass(frozen=True, slots=True)
class Patience:
    """How many seconds we wait for what.

    `connect` for a connection, `piece` for the next piece of an answer, `pull` for that of
    a pull's answer, `pulled` for the whole of it; `answer` until an answer begins, attempts
    included: under 9 s, with room for cleaning up; `whole` for the rest of an answer, which
    may drip in, but not for ever; `retry_after` for a platform that asked to be left alone, in all.
    """

    connect: float = 4.0
    piece: float = 8.0
    # A batch that is being handed out deserves more patience than a list.
    pull: float = 60.0
    pulled: float = 600.0
    answer: float = 8.6
    whole: float = 60.0
    retry_after: float = 60.0


USUAL = Patience()


class Attempts:
    """The attempts of one call.

    `number` is the running one's, from 1. `may_be_done`: an earlier attempt may have been
    carried out, although its answer never came or was a failure.
    """

    def __init__(
        self,
        method: str,
        patience: Patience = USUAL,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.number = 0
        self.may_be_done = False
        self._patience = patience
        self._repeatable = method in {"GET", "DELETE"}
        self._clock = clock
        self._deadline: float | None = None
        self._granted = 0.0
        self._given_up = False
        self._renewed = False

    def begin(self) -> float:
        """Begin the next attempt; the seconds in which an answer must begin to arrive."""
        self.number += 1
        if self._deadline is None:
            self._deadline = self._clock() + self._patience.answer
        return max(self._deadline - self._clock(), 0.1)

    def answered(self) -> None:
        """Take note that somebody answered: the silence is over."""
        self._deadline = None

    def give_up(self) -> None:
        """What failed now was tried often enough by somebody else: no other attempt."""
        self._given_up = True

    def renew(self) -> bool:
        """Take note that the credential is to be renewed; false if it has been, for this call."""
        renewed, self._renewed = self._renewed, True
        return not renewed

    def again(self, error: BaseException) -> bool | float:
        """Take note of a failure; whether another attempt may help, or after how many seconds."""
        if self._given_up:
            return False
        if isinstance(error, RateLimited):
            self._granted += error.retry_after
            return error.retry_after if self._granted <= self._patience.retry_after else False
        if isinstance(error, Unreachable):
            self.may_be_done |= error.sent
            return self._bearable(error)
        if isinstance(error, PlatformBroken):
            self.may_be_done = True
            return self._repeatable and error.status in _TEMPORARY
        return False

    def _bearable(self, error: Unreachable) -> bool:
        if error.lasting or (error.sent and not self._repeatable):
            return False
        if self._deadline is None:
            return True
        # With less than a quarter left, another attempt could hardly end well.
        return self._deadline - self._clock() >= self._patience.answer / 4
