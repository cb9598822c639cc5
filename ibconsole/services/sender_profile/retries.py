"""Repetitions of messages, and the retry laws that their spacing fits.

The published law is that of other channels (platform.md §5): for push it is an assumption, which
the archive confirms or not.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from itertools import pairwise
from statistics import median

import msgspec

from ibconsole.archive import ForwardedMessage

_TWINS_MS = 1_000  # two actions of one configuration post a message at the same time
_TOLERANCE = 0.1
_LATE = 15.0  # seconds by which a repetition may be late: the time-out of the attempt before


class LawShape(msgspec.Struct, frozen=True):
    """A law: attempt n + 1 follows after `factor(n)` units, a unit being `seconds` if it is known.

    n counts from 0.
    """

    name: str
    factor: Callable[[int], float]
    seconds: float | None = None


PUBLISHED = "1 min + 1 min × n² (the published law)"  # noqa: RUF001 the sign is meant
_SAME_SHAPE = "1 + n² units"
LAWS = (
    LawShape(PUBLISHED, lambda n: 1.0 + n * n, 60.0),
    LawShape(_SAME_SHAPE, lambda n: 1.0 + n * n),
    LawShape("a constant interval", lambda n: n**0),
    LawShape("an interval that grows by the same time", lambda n: n + 1.0),
    LawShape("an interval that doubles", lambda n: 2.0**n),
)


class Repetitions(msgspec.Struct, frozen=True):
    """The observed repetitions of messages.

    `messages` came more than once, `gaps` is the number of intervals, and `seconds` their medians:
    after the first attempt, the second, and so on. `laws` are the names of those that fit.
    """

    messages: int = 0
    gaps: int = 0
    seconds: tuple[float, ...] = ()
    laws: tuple[str, ...] = ()
    last_at: int | None = None

    @property
    def sentence(self) -> str:
        """A sentence for the user."""
        if not self.gaps:
            return "No message came twice: the law of repetitions is not known."
        shown = ", ".join(f"{one:.0f} s" for one in self.seconds[:8])
        if not self.laws:
            return f"The intervals are {shown}: they fit none of the laws that were tried."
        return f"The intervals are {shown}: they fit {', or '.join(self.laws)}."


def find_repetitions(messages: Sequence[ForwardedMessage]) -> Repetitions:
    """Return what these messages say about repetitions.

    An interval begins after the answer, if an answer rule kept it waiting.
    """
    times: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for message in messages:
        attempt = message.arrived_at, message.waited
        times[message.message_id, message.application_code].append(attempt)
    repeated = [found for one in times.values() if (found := _without_twins(one))]
    gaps = [
        (number, max(later - earlier - waited, 0) / 1000)
        for one in repeated
        for number, ((earlier, waited), (later, _)) in enumerate(pairwise(one))
    ]
    by_number: dict[int, list[float]] = defaultdict(list)
    for number, seconds in gaps:
        by_number[number].append(seconds)
    return Repetitions(
        messages=len(repeated),
        gaps=len(gaps),
        seconds=tuple(median(by_number[number]) for number in sorted(by_number)),
        laws=fitting_laws(gaps),
        last_at=max((one[-1][0] for one in repeated), default=None),
    )


def fitting_laws(gaps: Sequence[tuple[int, float]]) -> tuple[str, ...]:
    """Return the names of the laws that nine in ten of these intervals fit.

    An interval is the number of the attempt before it, from 0, and the seconds. One interval fits
    every law whose unit is free, so such laws need two different numbers.
    """
    if not gaps:
        return ()
    several = len({number for number, _ in gaps}) > 1
    laws = [law for law in LAWS if (law.seconds or several) and _fits(law, gaps)]
    names = [law.name for law in laws]
    return tuple(name for name in names if name != _SAME_SHAPE or PUBLISHED not in names)


def _fits(law: LawShape, gaps: Sequence[tuple[int, float]]) -> bool:
    unit = law.seconds or median(seconds / law.factor(number) for number, seconds in gaps)
    late = _LATE if law.seconds else min(_LATE, 0.1 * unit)
    near = 0
    for number, seconds in gaps:
        expected = unit * law.factor(number)
        allowed = _TOLERANCE * expected
        near += -allowed <= seconds - expected <= allowed + late
    return near >= 0.9 * len(gaps)


def _without_twins(times: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the times of attempts, sorted, and for each the wait; empty if there is only one."""
    attempts: list[tuple[int, int]] = []
    for at, waited in sorted(times):
        if not attempts or at - attempts[-1][0] >= _TWINS_MS:
            attempts.append((at, waited))
    return attempts if len(attempts) > 1 else []
