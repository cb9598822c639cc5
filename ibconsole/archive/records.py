"""The values that go into the archive and come out of it. Times: milliseconds, epoch, UTC."""

from array import array
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntFlag, StrEnum
from typing import TypeAlias


class Flags(IntFlag):
    """What is remarkable about a stored message."""

    DUPLICATE = 1  # its messageId was seen before in its application
    SALVAGED = 2  # taken from a broken body
    ODD = 4  # a field was not as the platform documents it
    NOT_A_MESSAGE = 8  # no object, or one without any field that makes a message


@dataclass(frozen=True, slots=True)
class DecodingResult:
    """What became of a delivery's body: the ids of its messages, in the platform's order.

    `count` and `pending` are what the platform said: messages in this batch, and messages
    still waiting; None where it did not say. `problem` is a sentence, or empty.
    """

    delivery: int
    message_ids: tuple[int, ...]
    count: int | None
    pending: int | None
    salvaged: bool
    problem: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing by which messages came: the answer of a pull, or a forwarded request.

    `via` is "pull" or "forward"; `state` is asking, received, decoded or failed (nothing
    was handed out). `message_count` is how many messages are stored of it, `announced` and
    `pending` what the platform said. `size` is that of the body, in bytes. `origin` is
    "archive:delivery" of the archive from which it was imported, else empty.
    """

    id: int
    via: str
    state: str
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


@dataclass(frozen=True, slots=True)
class RecoveryResult:
    """What a crash had left: pulls that it interrupted, and messages that were decoded now."""

    interrupted: tuple[Delivery, ...]
    messages: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which messages to find; everything empty means all.

    `text` may stand in text, sender, keyword or message id, in either case. `flags`: those
    that carry at least one of these. `connection` None: of every connection and of none.
    Arrived from `since` on and before `until`, in milliseconds since the epoch.
    """

    text: str = ""
    application: str = ""
    via: str = ""
    flags: int = 0
    connection: str | None = None
    since: int | None = None
    until: int | None = None


class Order(StrEnum):
    """What a list of messages is sorted by; those alike by arrival."""

    ARRIVAL = "arrival"
    RECEIVED = "received"  # by the platform; those of which that is not known are the oldest


@dataclass(frozen=True, slots=True)
class Listing:
    """Ids of messages in their order, the oldest first.

    `keys` is what each is sorted by, for whoever adds others to them: milliseconds since the
    epoch, UTC, or a number below all of these; empty where they are sorted by arrival.
    """

    ids: "array[int]"
    keys: "array[int]" = field(default_factory=lambda: array("q"))


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message as a list shows it; `text` has its first 200 characters."""

    id: int
    delivery: int
    via: str
    application_code: str
    sender: str
    keyword: str
    text: str
    received_at: int | None
    arrived_at: int
    flags: Flags


@dataclass(frozen=True, slots=True)
class StoredMessage(MessageRow):
    """A message with everything that is known of it; `text` is whole.

    `position` counts from 0 within its delivery. `duplicate_of` is the id of the first
    message of this name. `body` is the JSON of the element as the platform sent it, which
    stands in the delivery's unpacked body from byte `start` for `size` bytes; None where that
    is not known.
    """

    connection: str | None
    position: int
    message_id: str
    duplicate_of: int | None
    body: bytes
    start: int | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class ArchiveCounts:
    """How much there is. `last_pull_at`: when a pull was last answered with success.

    `newest_message` and `newest_delivery` are the highest ids, 0 if there is none.
    """

    messages: int
    pulls: int
    forwards: int
    last_pull_at: int | None
    newest_message: int
    newest_delivery: int


@dataclass(frozen=True, slots=True)
class ForwardTestRecord:
    """One test of a forward URL. `payload` is the body that was sent, `answer` what came back.

    `at` is in milliseconds since the epoch; `status` is None if no answer was understood.
    `facts` is JSON of whoever tested: everything else that there is to know.
    """

    id: int
    at: int
    url: str
    status: int | None
    payload: bytes
    answer: bytes
    facts: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far long work is: `done` of `total`, both 0 where that cannot be said."""

    stage: str
    done: int = 0
    total: int = 0


# Is told now and then how far the work is; whatever it raises ends the work.
ProgressCallback: TypeAlias = Callable[[Progress], None]


class DeliveryCondition(StrEnum):
    """What a delivery turned out to be when it was verified."""

    WHOLE = "whole"
    CUT = "cut"  # interrupted, cut or broken on its way; what arrived is kept
    UNDECODABLE = "undecodable"  # it has a body in which no message could be found
    UNDER_WAY = "under way"
    NOT_SENT = "not sent"  # a pull that never left: nothing was handed out
    WITHOUT_BODY = "without body"  # imported from an export that had none
    DAMAGED = "damaged"  # not as it was received


@dataclass(frozen=True, slots=True)
class Damage:
    """Something that is not as it was stored. Ids are None where none is concerned."""

    sentence: str
    delivery: int | None = None
    message: int | None = None


@dataclass(frozen=True, slots=True)
class Verification:
    """What going through the whole archive has found.

    `deliveries` says how many there are of each standing, `remarkable` which of them are cut
    or undecodable, and `damages` what is damaged: the first 1,000 of each; `damaged` counts
    all damages.
    """

    deliveries: Mapping[DeliveryCondition, int]
    messages: int
    remarkable: Mapping[DeliveryCondition, tuple[int, ...]]
    damages: tuple[Damage, ...]
    damaged: int


@dataclass(frozen=True, slots=True)
class RedecodingResult:
    """What reading some deliveries again has brought; `last` is the id to go on behind.

    `fewer` names those in which less was found than is stored: all of it was left alone.
    """

    last: int
    deliveries: int = 0
    changed: int = 0
    added: int = 0
    without_body: int = 0
    fewer: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportedMessage:
    """A message on its way in: its place in its delivery, and its JSON as it was received."""

    position: int
    element: bytes
    start: int | None = None
    size: int | None = None


@dataclass(frozen=True, slots=True)
class ImportedDelivery:
    """A delivery on its way in, with the messages of it that were exported.

    The fields are those of Delivery. With its `body`, and for a forward its `raw` request, it
    is decoded anew, and needs no messages.
    """

    origin: str
    via: str
    began_at: int
    messages: tuple[ImportedMessage, ...] = ()
    connection: str | None = None
    base_url: str = ""
    ended_at: int | None = None
    limit_asked: int | None = None
    method: str = ""
    target: str = ""
    peer: str = ""
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    sha256: str = ""
    complete: bool = True
    interrupted: bool = False
    salvaged: bool = False
    problem: str = ""
    announced: int | None = None
    pending: int | None = None
    body: bytes | None = None
    raw: bytes | None = None


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import brought: new deliveries and messages, and messages that were there."""

    deliveries: int = 0
    messages: int = 0
    known: int = 0


@dataclass(frozen=True, slots=True)
class RetentionPolicy:
    """How much is to be kept; None sets no bound, and everything is kept if all are None.

    `size` is in bytes. What is beyond one bound goes, even if it is within the others.
    """

    days: int | None = None
    count: int | None = None
    size: int | None = None

    @property
    def everything(self) -> bool:
        """Whether nothing is ever to go."""
        return self.days is self.count is self.size is None


@dataclass(frozen=True, slots=True)
class RetentionPreview:
    """What would go: all deliveries whose ids are `below`, how much that is, and from when."""

    below: int
    deliveries: int
    messages: int
    size: int
    oldest: int | None
    newest: int | None


@dataclass(frozen=True, slots=True)
class Slice:
    """Some of the bytes of a delivery: those from `start` on, of `total`."""

    data: bytes
    start: int
    total: int
