"""The gate of a client: which calls may be sent at all, and the record of what was sent.

It is asked before each call, and what changes or takes something is recorded before it is sent. A
client without a gate of its own sends reads only, so that a caller who forgets the gate can change
nothing and take nothing.
"""

from collections.abc import Awaitable, Callable
from enum import StrEnum
from typing import Protocol

import msgspec

from ibconsole.errors import UserError


class CallKind(StrEnum):
    """The effect of a call on the account; the values are parts of sentences."""

    READ = "read"
    CHANGE = "change"  # of the setup
    PULL = "pull"  # takes messages for good
    TEST = "test"  # a request to a customer's endpoint; never sent by a client of the platform


class Call(msgspec.Struct, frozen=True):
    """A call that is about to be sent: its effect, its method, its path with the query.

    `body` is what it sends, `before` what is known of the object that it changes, as JSON; both
    are empty if there is nothing, and the credential in them is masked.
    """

    kind: CallKind
    method: str
    path: str
    body: bytes = b""
    before: bytes = b""


class CallState(StrEnum):
    """The effect of a call that has ended; the values are stored in archives."""

    DONE = "done"
    REFUSED = "refused"
    NOT_SENT = "not sent"
    UNKNOWN = "not known"


class CallOutcome(msgspec.Struct, frozen=True):
    """The end of a call: what came of it, the last status, a sentence, the body of the answer.

    Of a pull, whose messages go to the archive instead, `size` is the number of bytes of the
    answer, `messages` that of stored messages, and `pending` that of messages that still wait;
    None if not known. `pulls` counts the pulls that share this outcome, which is that of the last.
    """

    state: CallState
    status: int | None = None
    problem: str = ""
    answer: bytes = b""
    size: int | None = None
    messages: int | None = None
    pending: int | None = None
    pulls: int = 1


class NotPermitted(UserError):
    """The program itself does not permit this call; nothing was sent."""


# Records the outcome of a call; raises nothing, because the call cannot be taken back.
Finish = Callable[[CallOutcome], Awaitable[None]]


class Gate(Protocol):
    """Permits calls, and records those that change or take something."""

    def require(self, call: Call) -> None:
        """Raise NotPermitted for a call that must not be sent."""

    async def record(self, call: Call) -> Finish:
        """Record the intent to send a call; the request follows only after this has returned.

        Raises NotPermitted if it could not be recorded. A call whose outcome is never recorded was
        interrupted: whether it was sent is not known.
        """


class UnrecordedGate:
    """A gate that records nothing: for tests, and for clients that only read."""

    def __init__(self, require: Callable[[Call], None]) -> None:
        self._require = require

    def require(self, call: Call) -> None:
        """Raise NotPermitted for a call that must not be sent."""
        self._require(call)

    async def record(self, _: Call) -> Finish:
        """Record nothing."""
        return finish_unrecorded


async def finish_unrecorded(_: CallOutcome) -> None:
    """Record no outcome: of a read, which changes nothing."""


def kind_of(method: str) -> CallKind:
    """Return the effect of a call that is not a pull: whatever is not a GET changes something."""
    return CallKind.READ if method == "GET" else CallKind.CHANGE


def _require_read(call: Call) -> None:
    if call.kind is not CallKind.READ:
        raise NotPermitted(
            f"This part of the program may only read, so the {call.kind} was not sent."
        )


# Admits what changes nothing.
admit_reads = UnrecordedGate(_require_read)
# Admits every call: for tests on a platform of their own, such as a simulator.
admit_all = UnrecordedGate(lambda _: None)
