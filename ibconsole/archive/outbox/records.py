"""The rows that an archive ships to a team: their kinds, and copies of them.

Times are milliseconds since the epoch, UTC. Texts are as stored; a target that cannot store a
character of them replaces it.
"""

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


class Backlog(msgspec.Struct, frozen=True):
    """The waiting rows: the number of rows, of them deliveries, and the oldest time."""

    rows: int = 0
    deliveries: int = 0
    oldest_at: int | None = None


class DeliveryCopy(NamedTuple):
    """A whole delivery, without its messages. `origin` is "archive:delivery".

    `body` is None where it is the end of `raw`, from byte `body_start` on. `answer` is the answer
    of a rule as JSON. `epoch` is that of the team's pull lock in which it was pulled.
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
