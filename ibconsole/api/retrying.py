"""Retry and time-out policy.

Three rules: a request that may have changed something is never repeated, except DELETE, which
is idempotent; a pause that the platform asks for (Retry-After) is granted up to a minute in all;
a call without any answer fails within 9 s.
"""

import logging
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec

from ibconsole.api.errors import ApiError, PlatformBroken, RateLimited, Unreachable
from ibconsole.lazy import LazyModule

if TYPE_CHECKING:
    import stamina
else:
    stamina = LazyModule("stamina")

T = TypeVar("T")

_TEMPORARY = {502, 503, 504}

# An attempt that fails before another one succeeds is not worth a warning.
logging.getLogger("stamina").setLevel(logging.ERROR)


async def retry(
    should_retry: Callable[[BaseException], bool | float],
    attempt: Callable[..., Awaitable[T]],
    *arguments: Any,
) -> T:
    """Await the attempt, and repeat it after a failure that `should_retry` accepts; 3 in all.

    `should_retry` may return the seconds to wait; if it returns True, the wait is 0.2 s and grows.
    Raises the last failure.
    """
    try:
        return await attempt(*arguments)
    except ApiError as error:
        first = [error]

    async def next_attempt() -> T:
        if first:
            raise first.pop()
        return await attempt(*arguments)

    # Loaded after a failure only: a command that succeeds does not wait for it.
    caller = stamina.AsyncRetryingCaller(
        attempts=3, timeout=None, wait_initial=0.2, wait_max=1.0, wait_jitter=0.1
    )
    return await caller(should_retry, next_attempt)


class Timeouts(msgspec.Struct, frozen=True):
    """Time-outs in seconds.

    `connect` limits connecting, `read` the wait for the next bytes of an answer. `pull_read` is
    the same for a pull; `pull_total` limits a pull's whole answer; `pull_end` is the wait for the
    end of the connection after a complete answer, `pull_rest` after one that ends in the middle of
    its JSON, since its length may be wrong. `answer` limits the time until an answer begins, all
    attempts included: under 9 s, with a margin for cleaning up. `answer_rest` limits the rest of
    the answer. `retry_after` limits the sum of the pauses that the platform asks for.
    """

    connect: float = 4.0
    read: float = 8.0
    # A batch that is abandoned may be lost, so a pull waits longer than a list.
    pull_read: float = 60.0
    pull_total: float = 600.0
    pull_end: float = 0.25
    pull_rest: float = 5.0
    answer: float = 8.6
    answer_rest: float = 60.0
    retry_after: float = 60.0


DEFAULT_TIMEOUTS = Timeouts()


class Attempts:
    """The attempts of one call.

    `number` is that of the current attempt, from 1. `may_have_succeeded` is true if an earlier
    attempt may have been carried out although no answer or a failure was received.
    """

    def __init__(
        self,
        method: str,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.number = 0
        self.may_have_succeeded = False
        self._timeouts = timeouts
        self._repeatable = method in {"GET", "DELETE"}
        self._clock = clock
        self._deadline: float | None = None
        self._retry_after_total = 0.0
        self._given_up = False
        self._renewal_used = False

    def begin(self) -> float:
        """Begin the next attempt; return the seconds in which its answer must begin."""
        self.number += 1
        if self._deadline is None:
            self._deadline = self._clock() + self._timeouts.answer
        return max(self._deadline - self._clock(), 0.1)

    def mark_answered(self) -> None:
        """Record that an answer arrived: the time limit for the call starts anew."""
        self._deadline = None

    def give_up(self) -> None:
        """Allow no further attempt: the failure was already retried elsewhere."""
        self._given_up = True

    def use_renewal(self) -> bool:
        """Use up the one renewal of the credential that a call has; false if it was used."""
        renewed, self._renewal_used = self._renewal_used, True
        return not renewed

    def should_retry(self, error: BaseException) -> bool | float:
        """Record a failure; return whether to try again, or the seconds to wait before that."""
        if self._given_up:
            return False
        if isinstance(error, RateLimited):
            self._retry_after_total += error.retry_after
            return (
                error.retry_after
                if self._retry_after_total <= self._timeouts.retry_after
                else False
            )
        if isinstance(error, Unreachable):
            self.may_have_succeeded |= error.sent
            return self._is_worth_retrying(error)
        if isinstance(error, PlatformBroken):
            self.may_have_succeeded = True
            return self._repeatable and error.status in _TEMPORARY
        return False

    def _is_worth_retrying(self, error: Unreachable) -> bool:
        if error.lasting or (error.sent and not self._repeatable):
            return False
        if self._deadline is None:
            return True
        # With less than a quarter of the time left, another attempt would hardly succeed.
        return self._deadline - self._clock() >= self._timeouts.answer / 4
