"""The values that go into the archive and come out of it. Times: milliseconds, epoch, UTC."""

from dataclasses import dataclass
from enum import IntFlag


class Flags(IntFlag):
    """What is remarkable about a stored message."""

    DUPLICATE = 1  # its messageId was seen before in its application
    SALVAGED = 2  # taken from a broken body
    ODD = 4  # a field was not as the platform documents it
    NOT_A_MESSAGE = 8  # no object, or one without any field that makes a message


@dataclass(frozen=True, slots=True)
class Arrival:
    """A forwarded request. `status` is the answer that it will be given.

    `problem` says why it was no clean request and is empty if it was one. `raw` is head and
    body as received, `body` the part to decode. Of a `stranger`, who knew no path of the
    listener's, nothing is decoded, and only the latest are kept.
    """

    connection: str | None
    arrived_at: int
    method: str
    target: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    raw: bytes
    peer: str
    status: int
    problem: str
    stranger: bool = False


@dataclass(frozen=True, slots=True)
class Decoded:
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
    `pending` what the platform said. `size` is that of the body, in bytes.
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


@dataclass(frozen=True, slots=True)
class Recovery:
    """What a crash had left: pulls that it interrupted, and messages that were decoded now."""

    interrupted: tuple[Delivery, ...]
    messages: int


@dataclass(frozen=True, slots=True)
class Filter:
    """Which messages to find; everything empty means all.

    `text` may stand in text, sender, keyword or message id, in either case. `flags`: those
    that carry at least one of these. `connection` None: of every connection and of none.
    """

    text: str = ""
    application: str = ""
    via: str = ""
    flags: int = 0
    connection: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
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
class StoredMessage(Row):
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
class Counts:
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
