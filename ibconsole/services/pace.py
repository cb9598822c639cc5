"""When to pull next: sooner while messages wait, later while something is wrong."""

from ibconsole.api import RateLimited, Refused
from ibconsole.services.spooling import NotStored

SHORTEST = 1.0  # seconds; the platform takes 10 requests in one
LONGEST = 300.0
DEFAULT = 30.0


class Pace:
    """The seconds between two pulls. `interval` is kept while nothing waits."""

    def __init__(self, interval: float = DEFAULT) -> None:
        self._interval = max(interval, SHORTEST)
        self._failures = 0

    def after_messages(self, pending: int | None) -> float:
        """After an answer that was whole: at once if the platform says that more wait."""
        self._failures = 0
        return SHORTEST if pending else self._interval

    def after_failure(self, error: Exception) -> float:
        """After a failure that may pass: twice as long each time, up to five minutes.

        A platform that asked to be left alone for longer is.
        """
        self._failures += 1
        longest = max(LONGEST, self._interval)
        wait: float = min(self._interval * 2.0 ** min(self._failures, 32), longest)
        asked = error.retry_after if isinstance(error, RateLimited) else 0.0
        return max(wait, asked)


def may_pass(error: Exception) -> bool:
    """Whether the next pull may do better, by itself.

    A disk that did not take an answer must not get the next one.
    """
    if isinstance(error, NotStored):
        return False
    return not isinstance(error, Refused) or isinstance(error, RateLimited)
