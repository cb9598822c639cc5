"""The gate of a client: which calls may be sent at all. It is asked before each one.

A client without a gate of its own sends reads only, so that a caller who forgets the gate can
change nothing and take nothing.
"""

from collections.abc import Callable
from enum import StrEnum

import msgspec

from ibconsole.errors import UserError


class CallKind(StrEnum):
    """The effect of a call on the account; the values are parts of sentences."""

    READ = "read"
    CHANGE = "change"  # of the setup
    PULL = "pull"  # takes messages for good
    TEST = "test"  # a request to a customer's endpoint; never sent by a client of the platform


class Call(msgspec.Struct, frozen=True):
    """A call that is about to be sent: its effect, its method, its path with the query."""

    kind: CallKind
    method: str
    path: str


class NotPermitted(UserError):
    """The program itself does not permit this call; nothing was sent."""


# Raises NotPermitted for a call that must not be sent.
Gate = Callable[[Call], None]


def kind_of(method: str) -> CallKind:
    """Return the effect of a call that is not a pull: whatever is not a GET changes something."""
    return CallKind.READ if method == "GET" else CallKind.CHANGE


def admit_reads(call: Call) -> None:
    """Admit what changes nothing; raise NotPermitted for the rest."""
    if call.kind is not CallKind.READ:
        raise NotPermitted(
            f"This part of the program may only read, so the {call.kind} was not sent."
        )


def admit_all(_: Call) -> None:
    """Admit every call: for a platform that belongs to the program itself, such as a simulator."""
