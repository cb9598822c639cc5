"""A thread in the order of time, with what is remarkable between and about its messages.

Pure functions. A claim about a silence says by what it was compared.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import StrEnum
from itertools import pairwise

import msgspec
from msgspec.structs import replace

from ibconsole.archive import StoredMessage
from ibconsole.services.threads.subjects import RelatedIds, ThreadSubject

ENOUGH = 6  # gaps between messages from which a rhythm can be read
SHORTEST = 3_600_000  # ms; a shorter silence is never remarkable
_FACTOR = 6  # times the gap that three of four gaps do not exceed
_UNITS = ((86_400, "d"), (3_600, "h"), (60, "min"), (1, "s"))


class RemarkKind(StrEnum):
    """The kinds of remarks about one message of a thread."""

    DUPLICATE = "duplicate"  # the same message once more, by the same way
    BOTH_WAYS = "both ways"  # the same message by pull and by forward
    PAIR_MISSING = "pair missing"  # it names a message that is not in the record
    REFUSED = "refused"  # the forward was not answered by 2xx


class ThreadRemark(msgspec.Struct, frozen=True):
    """A remark about a message, as a sentence."""

    kind: RemarkKind
    sentence: str


class Redelivered(msgspec.Struct, frozen=True, kw_only=True):
    """One time that a message was sent again from this computer, with what came of it.

    `host` is that of the URL, `state` as in the ledger, `changed_at` in ms since the epoch.
    """

    job: int
    host: str
    state: str
    attempts: int
    changed_at: int
    status: int | None = None

    @property
    def phrase(self) -> str:
        """The outcome, in a few words."""
        status = "" if self.status is None else f" ({self.status})"
        return f"{self.state}{status} at {self.host}, job {self.job}"


class ThreadEntry(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a thread, without its JSON.

    `answered` is the status of the listener's answer, None for a pull; `rule` names the rule that
    gave it. `base_url` is that of the account, empty if it was not recorded.
    """

    message: StoredMessage
    ids: RelatedIds = RelatedIds()
    answered: int | None = None
    rule: str = ""
    base_url: str = ""
    redelivered: tuple[Redelivered, ...] = ()
    remarks: tuple[ThreadRemark, ...] = ()

    @property
    def id(self) -> int:
        """The id of the message in its record."""
        return self.message.id

    @property
    def at(self) -> int:
        """The time at the platform, or else of arrival, in ms since the epoch."""
        received = self.message.received_at
        return self.message.arrived_at if received is None else received

    @property
    def answer(self) -> str:
        """The answer to a forward in a few words; empty for a pull."""
        status = "" if self.answered is None else str(self.answered)
        return f"{status or 'no status'} by “{self.rule}”" if self.rule else status


class Silence(msgspec.Struct, frozen=True, kw_only=True):
    """A time without a message that is longer than usual; `until` is None while it lasts.

    Three of four gaps of the thread are no longer than `usual_ms`. `before` is the id of the entry
    that ended it. Times are in ms since the epoch.
    """

    since: int
    until: int | None
    lasted_ms: int
    usual_ms: int
    before: int | None = None

    @property
    def phrase(self) -> str:
        """Its duration in a few words."""
        lasted = duration(self.lasted_ms)
        return f"Silent for {lasted}" if self.until is None else f"Silence of {lasted}"

    @property
    def sentence(self) -> str:
        """A sentence that compares it."""
        return f"{self.phrase}; three of four gaps are {duration(self.usual_ms)} or shorter."


class FollowedThread(msgspec.Struct, frozen=True, kw_only=True):
    """The messages of a thread that were found, the oldest first.

    With `is_complete`, the whole record was searched. With `is_capped` there are older ones, which
    were left out; `searched_back_to` is the arrival of the oldest message that was compared, in ms
    since the epoch, None if that is not known.
    """

    subject: ThreadSubject
    entries: tuple[ThreadEntry, ...] = ()
    silences: tuple[Silence, ...] = ()
    is_complete: bool = False
    is_capped: bool = False
    searched_back_to: int | None = None

    @property
    def remarks(self) -> Mapping[RemarkKind, int]:
        """The number of messages with a remark of each kind."""
        counts: dict[RemarkKind, int] = defaultdict(int)
        for entry in self.entries:
            for remark in entry.remarks:
                counts[remark.kind] += 1
        return counts


def arrange(
    subject: ThreadSubject,
    entries: Iterable[ThreadEntry],
    now: int,
    missing: Collection[str] = (),
) -> FollowedThread:
    """Return a thread in the order of time, with its silences and remarks.

    `missing` are the ids of messages that are named and not in the record.
    """
    ordered = sorted(entries, key=lambda one: (one.at, one.message.arrived_at, one.id))
    firsts: dict[tuple[str, str], ThreadEntry] = {}
    for entry in sorted(ordered, key=lambda one: (one.message.arrived_at, one.id)):
        firsts.setdefault(_identity(entry), entry)
    remarked = tuple(
        replace(one, remarks=tuple(_remarks(one, firsts[_identity(one)], missing)))
        for one in ordered
    )
    distinct = [one for one in ordered if firsts[_identity(one)] is one]
    return FollowedThread(
        subject=subject, entries=remarked, silences=tuple(_silences(distinct, now))
    )


def duration(ms: int) -> str:
    """Write a duration in its two largest units: `3 d 4 h`, `12 min 30 s`."""
    seconds = max(ms, 0) // 1000
    parts: list[str] = []
    for size, unit in _UNITS:
        count, seconds = divmod(seconds, size)
        if count or parts:
            parts.append(f"{count} {unit}" if count else "")
        if len(parts) == 2:
            break
    return " ".join(filter(None, parts)) or "less than 1 s"


def _identity(entry: ThreadEntry) -> tuple[str, str]:
    message = entry.message
    return (message.message_id or f"\0{message.id}", message.application_code)


def _remarks(
    entry: ThreadEntry, first: ThreadEntry, missing: Collection[str]
) -> Iterable[ThreadRemark]:
    message, original = entry.message, first.message
    if first.id != entry.id:
        later = duration(message.arrived_at - original.arrived_at)
        if message.via != original.via:
            yield ThreadRemark(
                RemarkKind.BOTH_WAYS,
                f"It came by {original.via} first, and by {message.via} {later} later.",
            )
        else:
            yield ThreadRemark(
                RemarkKind.DUPLICATE, f"It arrived again by {message.via}, {later} later."
            )
    for name, value in (
        ("paired", entry.ids.paired_message_id),
        ("initial", entry.ids.initial_message_id),
    ):
        if value in missing:
            yield ThreadRemark(
                RemarkKind.PAIR_MISSING,
                f"Its {name} message {value} is not in this record; a message that was sent to the"
                " device never is.",
            )
    if entry.answered is not None and not 200 <= entry.answered < 300:
        yield ThreadRemark(RemarkKind.REFUSED, f"The forward was answered {entry.answer}.")


def _silences(entries: Sequence[ThreadEntry], now: int) -> Iterable[Silence]:
    gaps = sorted(later.at - earlier.at for earlier, later in pairwise(entries))
    if len(gaps) < ENOUGH:
        return
    usual = gaps[(3 * len(gaps) + 3) // 4 - 1]
    longest = max(SHORTEST, _FACTOR * usual)
    for earlier, later in pairwise(entries):
        if later.at - earlier.at > longest:
            yield Silence(
                since=earlier.at,
                until=later.at,
                lasted_ms=later.at - earlier.at,
                usual_ms=usual,
                before=later.id,
            )
    last = entries[-1].at
    if now - last > longest:
        yield Silence(since=last, until=None, lasted_ms=now - last, usual_ms=usual)
