"""Answers that the listener gave on purpose: what a rule planned, and what was really sent."""

from enum import StrEnum

import msgspec


class AnswerEnd(StrEnum):
    """The way in which an answer ends. The values are used in scenario files and archives."""

    NORMAL = "normal"
    HANG = "hang"  # says nothing, and closes in the end
    RESET_BEFORE_HEAD = "reset-before-head"
    RESET_AFTER_HEAD = "reset-after-head"
    HALF_BODY = "half-body"  # closes after half of the body
    WRONG_LENGTH = "wrong-length"  # declares another length than it sends, then closes
    SLOW_DRIP = "slow-drip"  # sends the body in small pieces
    CLOSE = "close"  # closes without answer

    @property
    def has_head(self) -> bool:
        """True if the sender gets a status."""
        return self not in {self.HANG, self.RESET_BEFORE_HEAD, self.CLOSE}

    def describe(self, status: int | None, seconds: float) -> str:
        """Describe an answer in a phrase: `status 503`."""
        return {
            self.NORMAL: f"status {status}",
            self.HANG: f"no answer, the connection is held for {seconds:g} s",
            self.RESET_BEFORE_HEAD: "no answer, the connection is reset",
            self.RESET_AFTER_HEAD: f"status {status}, then the connection is reset",
            self.HALF_BODY: f"status {status} with half of the body",
            self.WRONG_LENGTH: f"status {status} with a wrong length",
            self.SLOW_DRIP: f"status {status}, the body within {seconds:g} s",
            self.CLOSE: "no answer, the connection is closed",
        }[self]


class PlannedAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """The answer that a rule chose for a request, stored together with the request.

    `status` is None if no status is sent. `body` is what is rendered for this request, of which
    `size` is the whole size: a stored body may be only the beginning. `seconds` is the duration of
    a hang or a slow drip. Times are in seconds, at the speed of the scenario.
    """

    scenario: str
    rule: str
    status: int | None = 200
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    size: int = 0
    delay: float = 0.0
    end: AnswerEnd = AnswerEnd.NORMAL
    seconds: float = 0.0
    declared_length: int | None = None

    @property
    def phrase(self) -> str:
        """The answer in words: `status 503 after 2 s`."""
        phrase = self.end.describe(self.status, self.seconds)
        return f"{phrase} after {self.delay:g} s" if self.delay else phrase


class AnswerOutcome(StrEnum):
    """The outcome of giving a planned answer. The values are stored."""

    SENT = "sent"  # as planned, with its defect
    LEFT = "left"  # the sender left before
    UNREAD = "unread"  # the sender did not read it in time
    ROOM = "room"  # given up to make room for another connection
    STOPPED = "stopped"  # the listener was stopped
    FAILED = "failed"  # a bug of the program, or the request was not stored


class SentAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """The part of a planned answer that was really sent.

    `size` are the bytes that the system took, head included; whether the sender read them is not
    known. `seconds` passed from the storing of the request to the end, at `ended_at` (milliseconds
    since the epoch).
    """

    outcome: AnswerOutcome
    size: int
    seconds: float
    ended_at: int

    @property
    def sentence(self) -> str:
        """A sentence about it: `The sender left after 2.1 s, 0 bytes were sent.`"""
        size = f"{self.size:,} {'byte was' if self.size == 1 else 'bytes were'} sent"
        after = f"after {self.seconds:.1f} s"
        return {
            AnswerOutcome.SENT: f"As planned, {after}: {size}.",
            AnswerOutcome.LEFT: f"The sender left {after}, {size}.",
            AnswerOutcome.UNREAD: f"The sender did not read the answer, {size} {after}.",
            AnswerOutcome.ROOM: f"Closed {after} to make room for another connection, {size}.",
            AnswerOutcome.STOPPED: f"The listener was stopped {after}, {size}.",
            AnswerOutcome.FAILED: f"The answer could not be given, {size}.",
        }[self.outcome]


class GivenAnswer(msgspec.Struct, frozen=True, rename="camel"):
    """The answer of a rule to a stored request.

    `sent` is None while it is given, and for ever if the program ended meanwhile.
    """

    planned: PlannedAnswer
    sent: SentAnswer | None = None

    @property
    def sentence(self) -> str:
        """A sentence about what was sent."""
        if self.sent is None:
            return "What was sent is not known: it is being sent, or the program ended meanwhile."
        return self.sent.sentence
