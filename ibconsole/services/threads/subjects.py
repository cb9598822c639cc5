"""The subject of a thread, and the filters by which its messages are found.

The installation is a field that the full-text index proposes. A subscriber and the ids of paired
messages are in the JSON alone: an installation that is known is searched first, because most of
the thread is there, and then everything, from the newest message on.
"""

from collections.abc import Sequence
from enum import StrEnum

import msgspec

from ibconsole.archive import Filter, StoredMessage
from ibconsole.archive.conditions import AnyOf, ByField, ByJson, Condition, ExactField, Relation
from ibconsole.errors import UserError
from ibconsole.model import Undecodable, parse, read_message

_LITERALS = {"true", "false", "null"}  # which a text of the same characters is not
_PAIRED_PATHS = ("$.pairedMessageId", "$.initialMessageId")


class NothingToFollow(UserError):
    """The message lacks the field by which it was to be followed."""


class ThreadKind(StrEnum):
    """The field that the messages of a thread have in common."""

    INSTALLATION = "installation"  # `from`, the platform's pushRegistrationId
    SUBSCRIBER = "subscriber"
    PAIR = "pair"  # messages that name each other, or the same initial message


class RelatedIds(msgspec.Struct, frozen=True, kw_only=True):
    """The fields of a message that are in its JSON alone; empty where they are missing."""

    subscriber_id: str = ""
    paired_message_id: str = ""
    initial_message_id: str = ""


class ThreadSubject(msgspec.Struct, frozen=True, kw_only=True):
    """The subject of a thread.

    `value` is an installation, a subscriber, or the id of a message. `related` are the further ids
    of a pair. `sender` is an installation that is searched first, empty if none is known.
    """

    kind: ThreadKind
    value: str
    related: tuple[str, ...] = ()
    sender: str = ""

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of messages that make a pair; empty for the other kinds."""
        return (self.value, *self.related) if self.kind is ThreadKind.PAIR else ()

    @property
    def title(self) -> str:
        """The kind and the value, as a heading: `Subscriber 123`."""
        name = "Pair of message" if self.kind is ThreadKind.PAIR else self.kind.capitalize()
        return f"{name} {self.value}"


def related_ids(body: bytes) -> RelatedIds:
    """Return the ids in the JSON of a message; empty ones if it cannot be read."""
    try:
        read = read_message(parse(body))
    except Undecodable:
        return RelatedIds()
    return RelatedIds(
        subscriber_id=read.subscriber_id,
        paired_message_id=read.paired_message_id,
        initial_message_id=read.initial_message_id,
    )


def why_not_followed(message: StoredMessage, kind: ThreadKind) -> str:
    """Return why a message cannot be followed by this field; empty if it can."""
    ids = related_ids(message.body)
    match kind:
        case ThreadKind.INSTALLATION:
            return "" if message.sender else "The message has no installation (from)."
        case ThreadKind.SUBSCRIBER:
            return "" if ids.subscriber_id else "The message has no subscriberId."
        case _:
            named = message.message_id or ids.paired_message_id or ids.initial_message_id
            return "" if named else "The message has no id, and names no other message."


def subject_of(message: StoredMessage, kind: ThreadKind) -> ThreadSubject:
    """Return the subject of the thread that a message belongs to. Raises NothingToFollow."""
    if reason := why_not_followed(message, kind):
        raise NothingToFollow(f"{reason} Follow it by another field.")
    ids = related_ids(message.body)
    if kind is ThreadKind.INSTALLATION:
        return ThreadSubject(kind=kind, value=message.sender)
    if kind is ThreadKind.SUBSCRIBER:
        return ThreadSubject(kind=kind, value=ids.subscriber_id, sender=message.sender)
    named = (message.message_id, ids.paired_message_id, ids.initial_message_id)
    first, *others = dict.fromkeys(filter(None, named))
    return ThreadSubject(kind=kind, value=first, related=tuple(others), sender=message.sender)


def searches_of(subject: ThreadSubject) -> Sequence[Filter]:
    """Return the filters of a thread; the last one finds all that the others find, too."""
    if subject.kind is ThreadKind.INSTALLATION:
        return (Filter(sender=subject.value),)
    by_json = _by_json(subject)
    searches = [Filter(condition=by_json)]
    if subject.sender:
        searches.insert(0, Filter(sender=subject.sender, condition=by_json))
    if subject.kind is ThreadKind.PAIR:  # which its index finds at once
        named = ByField(field=ExactField.MESSAGE_ID, values=subject.ids)
        searches.insert(0, Filter(condition=named))
        searches[-1] = Filter(condition=AnyOf(conditions=(named, by_json)))
    return searches


def _by_json(subject: ThreadSubject) -> Condition:
    is_pair = subject.kind is ThreadKind.PAIR
    paths = _PAIRED_PATHS if is_pair else ("$.subscriberId",)
    tests = tuple(
        ByJson(path=path, comparison=Relation.EQUAL, value=value, is_text=value in _LITERALS)
        for path in paths
        for value in subject.ids or (subject.value,)
    )
    return tests[0] if len(tests) == 1 else AnyOf(conditions=tests)
