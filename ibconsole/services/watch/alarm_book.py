"""The book of alarms: each trouble is raised once and cleared once."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec
from msgspec.structs import replace

from ibconsole.services.runtime import Alarm

_MISSES = 2  # judgements in a row without a trouble, after which it has ended


class AlarmState(StrEnum):
    """The state that an alarm has reached."""

    RAISED = "raised"
    CLEARED = "cleared"


class AlarmEvent(msgspec.Struct, frozen=True):
    """The beginning or the end of a trouble, at a time in milliseconds since the epoch."""

    alarm: Alarm
    state: AlarmState
    at: int


class AlarmBook:
    """The alarms that have not ended.

    A trouble has ended once `misses` judgements in a row do not find it: one that comes and goes is
    one alarm.
    """

    def __init__(self, *, misses: int = _MISSES) -> None:
        self._misses = misses
        self._active: dict[tuple[str, ...], Alarm] = {}
        self._missed: dict[tuple[str, ...], int] = {}

    @property
    def active(self) -> Mapping[tuple[str, ...], Alarm]:
        """The alarms that have not ended, by their keys, in the order in which they were raised."""
        return dict(self._active)

    def update(self, found: Iterable[Alarm], now: int) -> list[AlarmEvent]:
        """Take what was found now, several times perhaps; return what has changed.

        A silence that ended and began again is a new one.
        """
        wanted: dict[tuple[str, ...], Alarm] = {}
        for alarm in found:
            former = wanted.get(alarm.key)
            notify = alarm.notify or (former is not None and former.notify)
            wanted[alarm.key] = replace(alarm, notify=notify)
        events = []
        for key, alarm in list(self._active.items()):
            renewed = key in wanted and wanted[key].since != alarm.since
            self._missed[key] = 0 if key in wanted else self._missed.get(key, 0) + 1
            if renewed or self._missed[key] >= self._misses:
                del self._active[key], self._missed[key]
                events.append(AlarmEvent(alarm, AlarmState.CLEARED, now))
        for key, alarm in wanted.items():
            if key not in self._active:
                events.append(AlarmEvent(alarm, AlarmState.RAISED, now))
            self._active[key] = alarm
        return events
