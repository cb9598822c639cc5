"""Messages that wait for the pull, and the log of every message made.

Both are bounded, so that a simulator can run for days; what was pushed out is counted.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

ROOM = 100_000


@dataclass(slots=True)
class Way:
    """One way that a message goes: by "pull", by "forward" to a URL, or "nowhere".

    `state` is waiting, then pulled, delivered, lost, pushed out or not allowed.
    """

    by: str
    state: str = "waiting"
    url: str = ""
    attempts: int = 0


@dataclass(slots=True)
class Record:
    """A message that was made: its ids, and where it went."""

    message_id: str
    application_code: str
    ways: list[Way] = field(default_factory=list)

    @property
    def raw(self) -> dict[str, Any]:
        """The record as the control endpoint tells it."""
        went = []
        for way in self.ways:
            told: dict[str, Any] = {"by": way.by, "state": way.state}
            if way.url:
                told |= {"url": way.url, "attempts": way.attempts}
            went.append(told)
        return {
            "messageId": self.message_id,
            "applicationCode": self.application_code,
            "went": went,
        }


class Inbox:
    """The messages that wait to be pulled, oldest first."""

    def __init__(self, room: int = ROOM) -> None:
        self._room = room
        self._waiting: deque[tuple[Any, Way]] = deque()
        self.log: deque[Record] = deque(maxlen=room)
        self.pushed_out = 0

    @property
    def pending(self) -> int:
        """How many messages wait."""
        return len(self._waiting)

    def note(self, message: Any, ways: Iterable[Way]) -> None:
        """Write a message of any kind into the log; odd ones without the ids they lack."""
        fields = message if isinstance(message, dict) else {}
        record = Record(
            str(fields.get("messageId") or ""),
            str(fields.get("applicationCode") or ""),
            list(ways),
        )
        self.log.append(record)

    def put(self, message: Any, way: Way) -> None:
        """Let a message wait; the one that waited longest goes if there is no room."""
        self._waiting.append((message, way))
        if len(self._waiting) > self._room:
            _, oldest = self._waiting.popleft()
            oldest.state = "pushed out"
            self.pushed_out += 1

    def take(self, limit: int) -> list[Any]:
        """Hand out up to `limit` messages, oldest first, and forget them."""
        taken = []
        for _ in range(min(limit, len(self._waiting))):
            message, way = self._waiting.popleft()
            way.state = "pulled"
            taken.append(message)
        return taken
