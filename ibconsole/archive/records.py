"""The values that the archive stores and returns.

All times are milliseconds since the epoch, UTC; all sizes are bytes.
"""

from array import array
from collections.abc import Callable, Mapping
from enum import IntFlag, StrEnum
from typing import TypeAlias

import msgspec

from ibconsole.archive.conditions import Condition
from ibconsole.model import GivenAnswer


class Flags(IntFlag):
    """Peculiarities of a stored message. The numbers are stored and never change."""

    DUPLICATE = 1  # an earlier message of its application has the same messageId
    SALVAGED = 2  # extracted from a cut or broken body
    ODD = 4  # a field is not as the platform documents it
    NOT_A_MESSAGE = 8  # not an object, or an object without any field of a message


class Via(StrEnum):
    """The way by which a delivery came."""

    PULL = "pull"
    FORWARD = "forward"


class DeliveryState(StrEnum):
    """The stages of a delivery: asking → received → decoded, or asking → failed."""

    ASKING = "asking"  # the intent to pull is stored; the answer is not complete yet
    RECEIVED = "received"  # its bytes are stored, but not decoded yet
    DECODED = "decoded"
    FAILED = "failed"  # the request to pull was never sent: nothing was handed out


class ParsedAnswer(msgspec.Struct, frozen=True):
    """The parts of an answer to a pull, read from its bytes.

    `status` is None if the bytes have no status line. `problem` says what was not as HTTP
    requires, and is empty if nothing was. `keeps_raw` is true if the bytes say more than status,
    headers and body, so that they are stored as well.
    """

    status: int | None
    headers: tuple[tuple[str, str], ...]
    body: bytes
    problem: str = ""
    keeps_raw: bool = False


# Reads the bytes of an answer as far as they arrived; never raises.
AnswerParser = Callable[[bytes], ParsedAnswer]


def body_alone(raw: bytes) -> ParsedAnswer:
    """Read bytes that have no head: all of them are the body."""
    return ParsedAnswer(None, (), raw)


class DecodingResult(msgspec.Struct, frozen=True):
    """The outcome of decoding a delivery: the ids of its messages, in the platform's order.

    `count` (messages in this batch) and `pending` (messages still waiting) are the platform's
    own figures; None if the body does not state them. `problem` is a sentence, or empty.
    """

    delivery: int
    message_ids: tuple[int, ...]
    count: int | None
    pending: int | None
    salvaged: bool
    problem: str


class Delivery(msgspec.Struct, frozen=True):
    """The answer to a pull, or a forwarded request, without its bytes.

    `message_count` is the number of its stored messages; `announced` and `pending` are the
    platform's own figures. `size` is that of the body. `origin` is "archive:delivery" of the
    archive that received it if it was imported, else empty. `answer` is that of a rule to a
    forward, None if no rule answered it; `status` is then the planned one, None if no status is
    sent. `source` is as in MessageRow.
    """

    id: int
    via: Via
    state: DeliveryState
    connection: str | None
    base_url: str
    began_at: int
    ended_at: int | None
    limit_asked: int | None
    method: str
    target: str
    peer: str
    status: int | None
    sha256: str
    message_count: int
    announced: int | None
    pending: int | None
    size: int
    headers: tuple[tuple[str, str], ...]
    complete: bool
    interrupted: bool
    salvaged: bool
    problem: str
    origin: str = ""
    answer: GivenAnswer | None = None
    source: str = ""


class SourceActivity(msgspec.Struct, frozen=True):
    """The latest that arrived from each source, received by any process.

    `pull` is the last pull from one account, and `forwarded_at` the time of the last forward
    that was accepted. `refused` counts the requests since then that the listener refused, the
    last of them at `refused_at` with `refused_status`. Times are in milliseconds since the epoch.
    """

    pull: Delivery | None = None
    forwarded_at: int | None = None
    refused: int = 0
    refused_at: int | None = None
    refused_status: int | None = None


class RecoveryResult(msgspec.Struct, frozen=True):
    """The outcome of a recovery: the interrupted pulls, and the number of messages decoded."""

    interrupted: tuple[Delivery, ...]
    messages: int


class Filter(msgspec.Struct, frozen=True):
    """Conditions that messages must meet together; the default matches every message.

    `text` is searched in text, sender, keyword and message id, ignoring case; `sender` and
    `keyword` are exact. `flags` matches messages with at least one of these flags. A `connection`
    of None matches messages of every connection and those of none. The time of arrival is at or
    after `since`, before `until`. With `ids`, only these messages match. A `condition` says what
    these fields cannot.
    """

    text: str = ""
    application: str = ""
    via: Via | None = None
    flags: int = 0
    connection: str | None = None
    since: int | None = None
    until: int | None = None
    sender: str = ""
    keyword: str = ""
    ids: tuple[int, ...] = ()
    condition: Condition | None = None


class Order(StrEnum):
    """The sort key of a list of messages; equal keys are in the order of arrival."""

    ARRIVAL = "arrival"
    RECEIVED = "received"  # at the platform; a message without that time counts as the oldest


class Place(msgspec.Struct, frozen=True):
    """A place in sort order: that of the message with this id, and this sort key if there are any.

    `scanned` says that no index narrows down what comes before it.
    """

    id: int
    key: int = 0
    scanned: bool = False


class Listing(msgspec.Struct, frozen=True):
    """Ids of messages in sort order, the oldest first.

    `keys` are the sort keys, so that newer messages can be merged in: times, or a number below
    every time if there is none. Empty if the order is that of arrival. `newest` is the highest
    of the ids, 0 if there are none: finding it among a million would hold the window's thread.
    `rest` is the place before which further matches are to be looked for, if any.

    In a listing of a team's archive, `newest` is the mark up to which its rows were read, the keys
    are given in either order, and `rest` may also be that of a search that found fewer matches than
    its limit.
    """

    ids: "array[int]"
    keys: "array[int]" = msgspec.field(default_factory=lambda: array("q"))
    newest: int = 0
    rest: Place | None = None

    @property
    def place(self) -> Place:
        """The place of the oldest message."""
        return Place(self.ids[0], self.keys[0] if self.keys else 0)


class _Received(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was received: by `source`, a member of a team, or empty on this disk.

    `connection` is the UUID of the connection that it came by, None for none.
    """

    source: str = ""
    connection: str | None = None


class MessageRow(_Received, frozen=True):
    """A message as it is listed; `text` has its first 1,000 characters.

    `source` is the label of the desktop or collector that received it; empty if it was read from
    the archive on this disk.
    """

    id: int
    delivery: int
    via: Via
    application_code: str
    sender: str
    keyword: str
    text: str
    received_at: int | None
    arrived_at: int
    flags: Flags


class StoredMessage(MessageRow, frozen=True):
    """A message with all its fields; `text` is complete.

    `position` counts from 0 within its delivery. `duplicate_of` is the id of the first
    message with the same message id and application, None if it is this one. `body` is the
    message's JSON as the platform sent it: `size` bytes at offset `start` of the delivery's
    decompressed body; both are None if not known.
    """

    position: int
    message_id: str
    duplicate_of: int | None
    body: bytes
    start: int | None = None
    size: int | None = None


class ArchiveCounts(msgspec.Struct, frozen=True):
    """Totals. `last_pull_at` is the time of the last successful answer to a pull.

    `newest_message` and `newest_delivery` are the highest ids, 0 if there are none.
    """

    messages: int
    pulls: int
    forwards: int
    last_pull_at: int | None
    newest_message: int
    newest_delivery: int


class ForwardTestRecord(msgspec.Struct, frozen=True):
    """The stored form of a forward test. `payload` is the body sent, `answer` the bytes received.

    `status` is None if the answer was not valid HTTP, or if there was none. `facts` is JSON
    with everything else; only the code that ran the test interprets it.
    """

    id: int
    at: int
    url: str
    status: int | None
    payload: bytes
    answer: bytes
    facts: str


class Progress(msgspec.Struct, frozen=True):
    """Progress of a long job: `done` of `total`, both 0 if that is not known."""

    stage: str
    done: int = 0
    total: int = 0


# Called repeatedly during a long job. An exception that it raises ends the job.
ProgressCallback: TypeAlias = Callable[[Progress], None]


class DeliveryCondition(StrEnum):
    """The verdict of a verification on one delivery."""

    WHOLE = "whole"
    CUT = "cut"  # interrupted, cut or broken in transit; the bytes that arrived are kept
    UNDECODABLE = "undecodable"  # its body holds no message that could be decoded
    UNDER_WAY = "under way"  # not complete, or not decoded yet
    NOT_SENT = "not sent"  # the request to pull was never sent: nothing was handed out
    WITHOUT_BODY = "without body"  # imported from an export without bodies
    DAMAGED = "damaged"  # not as it was received


class Damage(msgspec.Struct, frozen=True):
    """Stored data that has changed. `delivery` and `message` are None if it is part of neither."""

    sentence: str
    delivery: int | None = None
    message: int | None = None


class Verification(msgspec.Struct, frozen=True):
    """The outcome of verifying the whole archive.

    `deliveries` counts them by condition; `remarkable` has the ids of those that are cut or
    undecodable, and `damages` the damages, the first 1,000 of each. `damaged` is the number
    of all damages, `audit_rows` that of the rows of the audit that are as they were written, and
    `ledger_items` that of the messages whose redeliveries were looked at.
    """

    deliveries: Mapping[DeliveryCondition, int]
    messages: int
    remarkable: Mapping[DeliveryCondition, tuple[int, ...]]
    damages: tuple[Damage, ...]
    damaged: int
    audit_rows: int = 0
    ledger_items: int = 0


class RedecodingResult(msgspec.Struct, frozen=True):
    """The outcome of decoding some deliveries again; `last` is the id to continue after.

    `changed` and `added` count messages. `fewer` has the ids of deliveries in which fewer
    messages were found than are stored; these were left unchanged.
    """

    last: int
    deliveries: int = 0
    changed: int = 0
    added: int = 0
    without_body: int = 0
    fewer: tuple[int, ...] = ()


class RetentionPolicy(msgspec.Struct, frozen=True):
    """Limits on what is kept; None is no limit.

    `count` is a number of messages. A delivery beyond any one limit is to be deleted.
    """

    days: int | None = None
    count: int | None = None
    size: int | None = None

    @property
    def keeps_everything(self) -> bool:
        """True if there is no limit."""
        return self.days is self.count is self.size is None


class RetentionPreview(msgspec.Struct, frozen=True):
    """The effect of a retention policy: it would delete all deliveries with ids below `below`.

    `size` is that of their bodies and messages; `oldest` and `newest` are times of arrival,
    None if nothing would be deleted. `doubted_since` is the last time at which the clock was
    certainly right, if a limit of age depends on a clock that may be wrong now; else None. `needed`
    is the number of deliveries below that stay, because a redelivery still needs them; `waiting`
    that of those that stay because they wait to be shipped to a team.
    """

    below: int
    deliveries: int
    messages: int
    size: int
    oldest: int | None
    newest: int | None
    doubted_since: int | None = None
    needed: int = 0
    waiting: int = 0


class Slice(msgspec.Struct, frozen=True):
    """A range of a delivery's bytes: `data` begins at offset `start` of `total` bytes."""

    data: bytes
    start: int
    total: int
