"""Values of redeliveries and their ledger, as they are stored.

Times are in milliseconds since the epoch, unless a name says seconds.
"""

from enum import StrEnum

import msgspec


class RedeliveryKind(StrEnum):
    """The purpose of a job: messages sent again, or given back to their owner's own URL."""

    RESEND = "resend"
    GIVE_BACK = "give back"


class RedeliveryState(StrEnum):
    """The state of a job.

    `PREPARING`: its items are being stored. `PAUSED`: by the user, by a failure, or because
    something does not permit more. `INTERRUPTED` is never stored: a job that is running, or was
    being prepared, in a process that has ended. `FINISHED`: no item waits any more; unknown ones
    may still need a decision.
    """

    PREPARING = "preparing"
    READY = "ready"
    RUNNING = "running"
    PAUSED = "paused"
    INTERRUPTED = "interrupted"
    FINISHED = "finished"
    CANCELLED = "cancelled"


class ItemState(StrEnum):
    """The state of one message of a job.

    `WAITING` for its first attempt or, after a failure, for the next. `ACKNOWLEDGED`: answered by
    200. `UNDELIVERED`: refused or not sent for certain, and no attempt is left. `UNKNOWN`: sent,
    and no whole answer came; never sent again without a decision. `SKIPPED`: not to be sent.
    """

    WAITING = "waiting"
    SENDING = "sending"
    ACKNOWLEDGED = "acknowledged"
    UNDELIVERED = "undelivered"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"


class EntryKind(StrEnum):
    """The kind of an entry of the ledger: the type of its content."""

    ANCHOR = "anchor"
    ATTEMPT = "attempt"
    ANSWER = "answer"
    DECISION = "decision"


class RedeliveryForm(StrEnum):
    """The form in which messages are sent.

    `AS_RECEIVED`: the bytes of the forward; of a pull, the platform's envelope around the message's
    own bytes. `AS_PLATFORM`: as the platform would send the message now. `EDITED`: bytes of a user.
    """

    AS_RECEIVED = "as received"
    AS_PLATFORM = "as the platform"
    EDITED = "edited"


class Decision(StrEnum):
    """A decision about an item.

    `RESEND`: send it (again). `ACCEPT`: count an unknown one as delivered, although no answer
    proves it. `SKIP`: do not send it.
    """

    RESEND = "resend"
    ACCEPT = "accept"
    SKIP = "skip"


class Outcome(StrEnum):
    """The outcome of one attempt.

    `NOT_SENT`: for certain, not all of the request left. `REFUSED`: another status than 200.
    `UNKNOWN`: sent, and no whole answer, or one that may not be the endpoint's.
    """

    ACKNOWLEDGED = "acknowledged"
    REFUSED = "refused"
    NOT_SENT = "not sent"
    UNKNOWN = "unknown"


class TeamUse(StrEnum):
    """The part that a team has in a job; the values are stored.

    `CLAIMED`: its messages were claimed in the team's archive. `WITHOUT`: made without asking the
    team, on the word of a user.
    """

    NONE = ""
    CLAIMED = "claimed"
    WITHOUT = "without"


class RedeliveryOptions(msgspec.Struct, frozen=True, kw_only=True):
    """The options of a job, stored as JSON.

    `sender` and `law` are JSON of the services: whose request it looks like, and when a failed
    attempt is repeated; empty for the defaults. At most `batch_size` messages are in one request,
    `rate` limits requests a second (0 for no limit), `parallelism` the requests under way.
    `timeout` is that of one request in seconds. Of `team`, `left_out` messages were not taken into
    the job because of what the team knew when it was made.
    """

    sender: str = ""
    law: str = ""
    batch_size: int = 1
    rate: float = 0.0
    parallelism: int = 1
    stop_on_failure: bool = False
    timeout: float = 20.0
    team: TeamUse = TeamUse.NONE
    left_out: int = 0


class ItemCounts(msgspec.Struct, frozen=True):
    """The number of items of a job by their state."""

    waiting: int = 0
    sending: int = 0
    acknowledged: int = 0
    undelivered: int = 0
    unknown: int = 0
    skipped: int = 0

    @property
    def total(self) -> int:
        """The number of all items."""
        return self.open + self.acknowledged + self.undelivered + self.unknown + self.skipped

    @property
    def open(self) -> int:
        """The number of items that wait or are being sent."""
        return self.waiting + self.sending


class Redelivery(msgspec.Struct, frozen=True, kw_only=True):
    """A job. `connection` is the UUID of its connection, empty for none.

    `problem` is a sentence that says why it is paused, empty if the user paused it. `items` is the
    number of its messages.
    """

    id: int
    kind: RedeliveryKind
    state: RedeliveryState
    connection: str
    url: str
    form: RedeliveryForm
    options: RedeliveryOptions
    made_at: int
    began_at: int | None = None
    ended_at: int | None = None
    problem: str = ""
    items: int = 0


class LedgerItem(msgspec.Struct, frozen=True, kw_only=True):
    """One message of a job.

    `message` and `delivery` are its ids in the archive, where it may have been deleted since.
    `status`, `answer` (the id of a RedeliveryAnswer) and `problem` are those of the last attempt,
    `due_at` is the earliest time of the next. `entries` is the number of its entries in the ledger
    and `hash` that of the last, empty without entries.
    """

    id: int
    job: int
    message: int
    delivery: int
    message_id: str
    application_code: str
    state: ItemState
    attempts: int = 0
    due_at: int = 0
    changed_at: int = 0
    status: int | None = None
    answer: int | None = None
    problem: str = ""
    decision: Decision | None = None
    entries: int = 0
    hash: str = ""


class LedgerEntry(msgspec.Struct, frozen=True):
    """An entry of the ledger: entry `number`, from 1, of an item; see `chain`.

    `content` is the JSON of the value that belongs to its kind.
    """

    item: int
    number: int
    at: int
    kind: EntryKind
    content: str
    hash: str


class RedeliveryAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The answer to one request, which may be that of several items.

    `body` is its beginning, `size` and `sha256` are those of all that was read of it. `complete`
    says that it was read to its end. `problem` is a sentence, empty for a whole answer.
    """

    id: int = 0
    job: int
    at: int
    status: int | None
    reason: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    size: int
    sha256: str
    complete: bool
    problem: str
    seconds: float


class Anchor(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The content of an item's first entry: where the message comes from.

    `body_sha256` is that of the body of its delivery as received, in which the message is at
    `start` with `size` bytes if that is known (after decompression); `message_sha256` is that of
    its own JSON. `key` is the label of the key that pulled it, `audit_row` and `audit_hash` name
    the row of the audit with the intent to do so.
    """

    archive: str
    job: int
    kind: str
    url: str
    message: int
    delivery: int
    message_id: str
    application_code: str
    via: str
    connection: str
    began_at: int
    arrived_at: int
    body_sha256: str
    position: int
    message_sha256: str
    ended_at: int | None = None
    received_at: int | None = None
    start: int | None = None
    size: int | None = None
    origin: str = ""
    key: str = ""
    audit_row: int | None = None
    audit_hash: str = ""


class Attempt(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The content of an entry that is stored before a request is sent.

    `request` identifies the request, which has `messages` messages; `sha256` and `size` are those
    of all of its bytes, `body_sha256` that of its body.
    """

    request: str
    attempt: int
    form: str
    sender: str
    messages: int
    sha256: str
    size: int
    body_sha256: str


class AnswerNote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The content of an entry about the end of an attempt.

    `state` is that of the item then, `due_at` the time of the next attempt if there is one.
    `answer` is the id of the recorded answer, `sha256` and `size` are those of its body.
    """

    request: str
    outcome: Outcome
    state: ItemState
    status: int | None = None
    problem: str = ""
    answer: int | None = None
    sha256: str = ""
    size: int = 0
    seconds: float = 0.0
    due_at: int | None = None


class DecisionNote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """The content of an entry about a decision; `by` is a user, or "ibconsole" for its rules."""

    decision: Decision
    state: ItemState
    by: str
    reason: str = ""
