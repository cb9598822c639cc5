"""The rhythm of arrivals: how long a silence is usual, and whether this time of day is quiet.

Pure functions over times in milliseconds since the epoch.
"""

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise
from math import ceil
from statistics import median

ENOUGH = 20  # bursts from which a rhythm can be read
SHORTEST = 15 * 60_000  # ms; a shorter silence is no alarm, unless the user has given one
FORGOTTEN = 30 * 86_400_000  # ms of silence after which nothing is expected any more
_BURST = 60_000  # ms within which arrivals count as one
_DAY = 86_400_000
_LATELY = 7 * _DAY
_FACTOR = 4  # times the gap that 95 % of the gaps do not exceed: a chance of 1 to 100,000
_EXPECTED = 4  # bursts that came on other days, in place of which there is a silence
_EXPECTED_OF_USER = 2  # the same, for a silence that the user has given


def bursts(times: Sequence[int]) -> list[int]:
    """Return the first time of each burst, in order: retries and batches count once."""
    found: list[int] = []
    last = None
    for at in sorted(times):
        if last is None or at - last >= _BURST:
            found.append(at)
        last = at
    return found


@lru_cache(maxsize=4096)  # the same applications are asked for at each look
def usual_silence(times: tuple[int, ...]) -> int | None:
    """Return the silence in ms that is longer than usual; None if there is no rhythm.

    Read from the gaps of the seven days before the last arrival.
    """
    starts = bursts(times)
    lately = [at for at in starts if at > starts[-1] - _LATELY]
    if len(lately) < ENOUGH:
        return None
    gaps = sorted(later - earlier for earlier, later in pairwise(lately))
    return max(SHORTEST, _FACTOR * gaps[ceil(0.95 * len(gaps)) - 1])


def comparable_spans(last_at: int, now: int) -> list[tuple[int, int]]:
    """Return the spans on earlier days at the time of day of the silence since `last_at`.

    The first is the same days of a week, then those of each of seven days. All are before
    `last_at`.
    """
    days = max(1, ceil((now - last_at) / _DAY))
    shifts = [7 * ceil(days / 7), *range(days, days + 7)]
    return [(last_at - shift * _DAY + 1, now - shift * _DAY) for shift in shifts]


def is_quiet_time(counts: Sequence[int | None], *, is_given: bool) -> bool:
    """Return whether a silence is usual at this time: on that day of the week, or on most days.

    `counts` has the number of bursts in each of the `comparable_spans`, None for those before the
    first arrival. `is_given` says that the user has given the silence: fewer bursts make it an
    alarm.
    """
    expected = _EXPECTED_OF_USER if is_given else _EXPECTED
    week, days = counts[0], [one for one in counts[1:] if one is not None]
    if week is not None and week < expected:
        return True
    return bool(days) and median(days) < expected
