"""Open questions about the platform (platform.md §8), and the answers that an archive shows.

An observation is what was seen here, never a promise of the platform. What only a change of the
setup would show is listed as not observed, with the way to find out.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from ibconsole.archive import (
    Delivery,
    PlatformObservations,
    Reader,
    platform_observations,
    recent_forwards,
)
from ibconsole.files import is_missing
from ibconsole.plural import counted

_EXAMINED = 20_000  # messages
_FORWARDS = 500


class PlatformUnknown(msgspec.Struct, frozen=True):
    """A question that the documentation leaves open.

    `observation` is empty if it was not observed; `hint` then says what would show it. `n` is the
    number of observations, `last_at` the time of the last in milliseconds since the epoch.
    """

    question: str
    hint: str = ""
    observation: str = ""
    n: int = 0
    last_at: int | None = None


_NOT_STORED = (
    PlatformUnknown(
        "How many actions may a configuration have?",
        "Create a second action in a test account: an error says the limit.",
    ),
    PlatformUnknown(
        "Does deleting a configuration delete actions?",
        "Delete one in a test account, create it again, and look at its actions.",
    ),
    PlatformUnknown(
        "What becomes of messages without an action?",
        "Send one from a test app, add an action, and see whether it arrives.",
    ),
    PlatformUnknown(
        "What does 409 to a second configuration say?",
        "The tab Activity shows the answer once it was met.",
    ),
    PlatformUnknown(
        "How long may an answer to a forward take?",
        "The archive does not store when a sender gave up.",
    ),
)


def learn_unknowns(archive: Path) -> Sequence[PlatformUnknown]:
    """Return the open questions, with what the latest messages of this archive show.

    Raises ArchiveError. A missing archive is not created, and has shown nothing. Blocks.
    """
    if is_missing(archive):
        return list_unknowns(PlatformObservations(), ())
    with Reader(archive) as reader:
        forwards = reader.deliveries(reader.ask(recent_forwards, _FORWARDS))
        return list_unknowns(reader.ask(platform_observations, _EXAMINED), forwards)


def list_unknowns(
    seen: PlatformObservations, forwards: Sequence[Delivery]
) -> Sequence[PlatformUnknown]:
    """Return the open questions with these observations."""
    return (
        _both_ways(seen),
        _retention(seen),
        _largest_pull(seen),
        _parallel(forwards),
        *_NOT_STORED,
    )


def _both_ways(seen: PlatformObservations) -> PlatformUnknown:
    return PlatformUnknown(
        "Is a message both forwarded and pulled?",
        "Have an action of each type in one configuration, and send a message.",
        f"{counted(seen.both_ways, 'message')} came both ways" if seen.both_ways else "",
        seen.both_ways,
        seen.both_ways_at,
    )


def _retention(seen: PlatformObservations) -> PlatformUnknown:
    hours = (seen.longest_wait or 0) / 3_600_000
    is_known = seen.longest_wait is not None and seen.longest_wait > 0
    return PlatformUnknown(
        "How long are messages kept for the pull?",
        "Pull messages that waited long: their age is a lower bound.",
        f"one was pulled {hours:.1f} h after its time" if is_known else "",
        seen.pulled if is_known else 0,
        seen.longest_wait_at if is_known else None,
    )


def _largest_pull(seen: PlatformObservations) -> PlatformUnknown:
    return PlatformUnknown(
        "How many messages does a pull return?",
        "Pull with a high limit while many messages wait.",
        f"up to {seen.largest_pull:,} came at once" if seen.pulls else "",
        seen.pulls,
        seen.largest_pull_at,
    )


def _parallel(forwards: Sequence[Delivery]) -> PlatformUnknown:
    """Count how many requests were under way at the same time, each from its first byte on."""
    ends = [(one.began_at, one.ended_at) for one in forwards if one.ended_at is not None]
    changes = sorted(
        [(begin, 1) for begin, _ in ends] + [(max(begin, end) + 1, -1) for begin, end in ends]
    )
    running = most = 0
    most_at = None
    for at, change in changes:
        running += change
        if running > most:
            most, most_at = running, at
    return PlatformUnknown(
        "How many forwards come at the same time?",
        "Many messages at once show it.",
        f"{counted(most, 'request')} at most" if most else "",
        len(ends),
        most_at,
    )
