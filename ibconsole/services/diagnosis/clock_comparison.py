"""The clock of this computer, compared with that of the platform.

A module of its own, because a console observes every answer: it loads none of the diagnosis.
"""

from collections import deque
from typing import TYPE_CHECKING

from ibconsole.api import Exchange
from ibconsole.lazy import LazyModule

if TYPE_CHECKING:
    import statistics
    from email import utils
else:
    statistics = LazyModule("statistics")
    utils = LazyModule("email.utils")

_SAMPLES = 20
_DATE = "date"


class ClockComparison:
    """Compares the clock of this computer with the platform's, from the header Date of answers."""

    def __init__(self) -> None:
        self._offsets: deque[float] = deque(maxlen=_SAMPLES)
        self.at: int | None = None

    def observe(self, exchange: Exchange) -> None:
        """Look at one answer; answers without a usable Date are no evidence."""
        there = _date_of(exchange)
        if there is None:
            return
        # The Date is cut to whole seconds, and set when the answer begins.
        here = exchange.started_at_ms / 1000 + exchange.duration / 2
        self._offsets.append(here - there - 0.5)
        self.at = exchange.started_at_ms

    @property
    def times(self) -> int:
        """The number of answers that are compared, the latest 20 at most."""
        return len(self._offsets)

    @property
    def offset(self) -> float | None:
        """Seconds by which this computer is ahead, the median of the latest; None if not known."""
        return statistics.median(self._offsets) if self._offsets else None


def _date_of(exchange: Exchange) -> float | None:
    """Return the time of an answer's header Date; None if it has none, or one that is no time."""
    dates = [value for name, value in exchange.answer_headers if name.lower() == _DATE]
    try:
        return utils.parsedate_to_datetime(dates[0]).timestamp()
    except (IndexError, ValueError, TypeError, OverflowError):
        return None
