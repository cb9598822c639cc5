"""Values of redeliveries: what a user asks for, what it would do, and how far it got."""

from collections.abc import Sequence

import msgspec

from ibconsole.archive import Filter
from ibconsole.archive.ledger import (
    ItemCounts,
    Redelivery,
    RedeliveryForm,
    RedeliveryKind,
    RedeliveryOptions,
)
from ibconsole.errors import UserError
from ibconsole.http1 import parse_target
from ibconsole.services.forward_test import PLATFORM, TIMEOUT, Sender
from ibconsole.services.retry_law import NO_RETRIES, RetryLaw, law_json, law_of

LARGEST_BATCH = 1_000
MOST_PARALLEL = 100
FASTEST = 1_000.0  # requests a second
_DEFAULT_PORTS = {"http": 80, "https": 443}


class BadRedelivery(UserError):
    """The redelivery cannot be made as it is asked for; nothing was stored or sent."""


class RedeliveryRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A redelivery that a user asks for.

    With `messages` these are sent, by their ids, otherwise those that match the `selection`.
    `edited` are the bytes to send in place of one message. `connection` is the UUID of the
    connection for which it is made, empty for none. The other fields are those of
    `RedeliveryOptions`.
    """

    url: str
    kind: RedeliveryKind = RedeliveryKind.RESEND
    selection: Filter = Filter()
    messages: Sequence[int] | None = None
    form: RedeliveryForm = RedeliveryForm.AS_RECEIVED
    sender: Sender = PLATFORM
    law: RetryLaw = NO_RETRIES
    batch_size: int = 1
    rate: float = 0.0
    parallelism: int = 1
    stop_on_failure: bool = False
    timeout: float = TIMEOUT
    edited: bytes | None = None
    connection: str = ""

    @property
    def target_url(self) -> str:
        """The URL in one spelling: the ledger says by it what an endpoint has.

        Host and scheme in lower case, no default port, no fragment. One that cannot be sent to is
        returned as it is.
        """
        try:
            target = parse_target(self.url.strip())
        except ValueError:
            return self.url.strip()
        authority = target.authority
        if target.port == _DEFAULT_PORTS[target.scheme]:
            authority = authority.removesuffix(f":{target.port}")
        return f"{target.scheme}://{authority}{target.path}"

    @property
    def options(self) -> RedeliveryOptions:
        """The options as they are stored with a job."""
        return RedeliveryOptions(
            sender=msgspec.json.encode(self.sender).decode(),
            law=law_json(self.law),
            batch_size=self.batch_size,
            rate=self.rate,
            parallelism=self.parallelism,
            stop_on_failure=self.stop_on_failure,
            timeout=self.timeout,
        )


class RedeliveryPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The effect that a redelivery would have.

    `requests` is the number of requests and `size` that of the bytes of their messages; `first`
    and `last` are the times of arrival, None without messages. `divided` counts messages of
    forwards of which not all are sent, so that they are sent by themselves; `duplicates` those
    that are the same as an earlier one here. `acknowledged` and `unknown` count those that were
    sent to this URL before, with that result. `others` are URLs that the platform forwarded the
    applications' messages to, as far as the history of the setup knows: they may have the
    messages already. `connections` are the UUIDs of those on which messages came.
    """

    messages: int = 0
    requests: int = 0
    size: int = 0
    first: int | None = None
    last: int | None = None
    divided: int = 0
    duplicates: int = 0
    acknowledged: int = 0
    unknown: int = 0
    others: tuple[str, ...] = ()
    connections: tuple[str, ...] = ()


class RedeliveryProgress(msgspec.Struct, frozen=True, kw_only=True):
    """The progress of a job that runs in this process.

    `under_way` is the number of requests without an answer yet, `per_second` that of items that
    came to an end, lately. `next_due` is the time of the next attempt if nothing else is to do.
    """

    job: Redelivery
    counts: ItemCounts
    under_way: int = 0
    per_second: float = 0.0
    next_due: int | None = None


def sender_of(options: RedeliveryOptions) -> Sender:
    """Return the sender of a stored job; the platform as it is assumed to be if it names none."""
    return msgspec.json.decode(options.sender, type=Sender) if options.sender else PLATFORM


def retry_law_of(options: RedeliveryOptions) -> RetryLaw:
    """Return the retry law of a stored job; no retries if it names none."""
    return law_of(options.law) if options.law else NO_RETRIES
