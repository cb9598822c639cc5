"""The messages that wait for a pull, and the log of every message generated.

Both are bounded, so that a simulator can run for days; discarded messages are counted.
"""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

CAPACITY = 100_000


class RouteKind(StrEnum):
    """The way in which a message leaves the platform."""

    PULL = "pull"
    FORWARD = "forward"
    NOWHERE = "nowhere"


class RouteState(StrEnum):
    """The state of a message on one route."""

    WAITING = "waiting"
    PULLED = "pulled"
    DELIVERED = "delivered"
    LOST = "lost"
    PUSHED_OUT = "pushed out"
    NOT_ALLOWED = "not allowed"
    DROPPED = "dropped"


@dataclass(slots=True)
class MessageRoute:
    """One route of one message; `url` and `attempts` are set for forwards only."""

    kind: RouteKind
    state: RouteState = RouteState.WAITING
    url: str = ""
    attempts: int = 0


@dataclass(slots=True)
class MessageRecord:
    """The log entry of a message that was generated: its IDs and its routes."""

    message_id: str
    application_code: str
    routes: list[MessageRoute] = field(default_factory=list)

    @property
    def raw(self) -> dict[str, Any]:
        """The record as the control endpoint returns it."""
        went = []
        for route in self.routes:
            fields: dict[str, Any] = {"by": route.kind, "state": route.state}
            if route.url:
                fields |= {"url": route.url, "attempts": route.attempts}
            went.append(fields)
        return {
            "messageId": self.message_id,
            "applicationCode": self.application_code,
            "went": went,
        }


class Inbox:
    """The messages that wait to be pulled, oldest first, at most `capacity`."""

    def __init__(self, capacity: int = CAPACITY) -> None:
        self._capacity = capacity
        self._waiting: deque[tuple[Any, MessageRoute]] = deque()
        self.log: deque[MessageRecord] = deque(maxlen=capacity)
        self.pushed_out = 0

    @property
    def pending(self) -> int:
        """The number of messages that wait."""
        return len(self._waiting)

    def record(self, message: Any, routes: Iterable[MessageRoute]) -> None:
        """Log a message of any type; IDs that it lacks are logged as empty strings."""
        fields = message if isinstance(message, dict) else {}
        record = MessageRecord(
            str(fields.get("messageId") or ""),
            str(fields.get("applicationCode") or ""),
            list(routes),
        )
        self.log.append(record)

    def put(self, message: Any, route: MessageRoute) -> None:
        """Add a message; discard and count the oldest one if the inbox is full."""
        self._waiting.append((message, route))
        if len(self._waiting) > self._capacity:
            _, oldest = self._waiting.popleft()
            oldest.state = RouteState.PUSHED_OUT
            self.pushed_out += 1

    def take(self, limit: int) -> list[Any]:
        """Remove and return up to `limit` messages, oldest first."""
        taken = []
        for _ in range(min(limit, len(self._waiting))):
            message, route = self._waiting.popleft()
            route.state = RouteState.PULLED
            taken.append(message)
        return taken
