"""The rows that an archive ships to a team: their kinds, and copies of them.

Times are milliseconds since the epoch, UTC. Texts are as stored; a target that cannot store a
character of them replaces it.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import msgspec


class ShippedKind(StrEnum):
    """The kinds of rows in the outbox; the values are stored, by triggers as well."""

    DELIVERY = "delivery"
    ANSWER = "answer"  # what was sent of the answer of a rule, known after its delivery
    AUDIT = "audit"
    SETUP_POINT = "setup point"
    SETUP_LIST = "setup list"
    FORWARD_TEST = "forward test"
    LEDGER_ITEM = "ledger item"  # with all of its entries


class OutboxRow(NamedTuple):
    """A row that is to be shipped: `key` is its id in the table of its kind.

    `id` grows with every change of the row, so that a change during the shipping is shipped again.
    """

    id: int
    connection: str
    kind: str
    key: int
    at: int


class SetAsideRow(NamedTuple):
    """A row that the team's archive refused, with the reason, since `set_aside_at`."""

    connection: str
    kind: str
    key: int
    at: int
    reason: str
    set_aside_at: int


class Backlog(msgspec.Struct, frozen=True):
    """The waiting rows: the number of rows, of them deliveries, and the oldest time.

    `set_aside` rows do not wait. `is_counting` while what was stored before is still being noted.
    """

    rows: int = 0
    deliveries: int = 0
    oldest_at: int | None = None
    set_aside: int = 0
    is_counting: bool = False


class DeliveryCopy(NamedTuple):
    """A whole delivery, without its messages. `origin` is "archive:delivery".

    `body` is None where it is the end of `raw`, from byte `body_start` on. `answer` is the answer
    of a rule as JSON. `epoch` is that of the team's pull lock in which it was pulled. `revision` is
    the number of changes since it was decoded first, of itself and its messages.
    """

    key: int
    origin: str
    via: str
    state: str
    base_url: str
    began_at: int
    ended_at: int | None
    limit_asked: int | None
    method: str
    target: str
    peer: str
    status: int | None
    headers: str
    sha256: str
    complete: bool
    problem: str
    interrupted: bool
    message_count: int
    announced: int | None
    pending: int | None
    salvaged: bool
    decoding_problem: str
    body_size: int
    body_start: int | None
    raw: bytes | None
    body: bytes | None
    answer: str | None
    epoch: int | None = None
    revision: int = 0

    @property
    def arrived_at(self) -> int:
        """The time of arrival, which all its messages share."""
        return self.began_at if self.ended_at is None else self.ended_at


class MessageCopy(NamedTuple):
    """A message of a delivery; `body` is its JSON if it is not at its span of the body."""

    delivery: int
    position: int
    message_id: str
    application_code: str
    sender: str
    keyword: str
    text: str
    received_at: int | None
    flags: int
    start: int | None
    size: int | None
    body: bytes | None


class AnswerCopy(NamedTuple):
    """The answer of a rule as JSON, to the delivery with this origin."""

    key: int
    origin: str
    arrived_at: int
    answer: str


class AuditCopy(NamedTuple):
    """A row of the audit."""

    key: int
    intent: int | None
    at: int
    application: str
    content: str
    hash: str


class PointCopy(NamedTuple):
    """A state of a part of a setup; `hash` and `content` are None if the part did not exist."""

    key: int
    application: str
    part: str
    seen_from: int
    seen_until: int | None
    checked_at: int
    hash: bytes | None
    content: bytes | None


class ListCopy(NamedTuple):
    """The time at which the list of a connection's applications was read last."""

    key: int
    read_at: int


class ForwardTestCopy(NamedTuple):
    """The record of a forward test."""

    key: int
    at: int
    url: str
    status: int | None
    payload: bytes
    answer: bytes
    facts: str


class LedgerEntryCopy(NamedTuple):
    """An entry of the ledger about an item."""

    item: int
    number: int
    at: int
    kind: str
    content: str
    hash: str


class LedgerItemCopy(NamedTuple):
    """A message that was sent again or given back: its job, its state, all of its entries."""

    key: int
    job: int
    kind: str
    url: str
    message_id: str
    application_code: str
    state: str
    attempts: int
    changed_at: int
    status: int | None
    hash: str
    entries: Sequence[LedgerEntryCopy]


class Shipment(msgspec.Struct, frozen=True):
    """The next rows of an outbox, read in one snapshot, with copies of what they name.

    A row without a copy names something that was deleted since. `messages` are those of the
    deliveries, in their order.
    """

    rows: Sequence[OutboxRow] = ()
    deliveries: Sequence[DeliveryCopy] = ()
    messages: Sequence[MessageCopy] = ()
    answers: Sequence[AnswerCopy] = ()
    audit: Sequence[AuditCopy] = ()
    points: Sequence[PointCopy] = ()
    lists: Sequence[ListCopy] = ()
    tests: Sequence[ForwardTestCopy] = ()
    items: Sequence[LedgerItemCopy] = ()
