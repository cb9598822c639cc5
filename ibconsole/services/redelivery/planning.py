"""Planning and making redeliveries: which messages, in how many requests, and who may have them.

Reads page by page, so that memory stays flat however many messages are chosen.
"""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from urllib.parse import urlsplit

from ibconsole.archive import (
    Filter,
    MessageValues,
    Progress,
    ProgressCallback,
    Reader,
    Via,
)
from ibconsole.archive.ledger import (
    ItemState,
    JobWriter,
    LedgerReader,
    NewItem,
    NewRedelivery,
    RedeliveryForm,
)
from ibconsole.services.forward_test import BadTest, require_sendable
from ibconsole.services.redelivery.values import (
    FASTEST,
    LARGEST_BATCH,
    MOST_PARALLEL,
    BadRedelivery,
    RedeliveryPlan,
    RedeliveryRequest,
)
from ibconsole.services.setup.history import forward_urls

_COUNTING = "Counting messages"
_IDS = 5_000  # in one filter
_MOST_APPLICATIONS = 50  # of which the history is read
_LONGEST = 3_600.0  # seconds for one request


def plan_redelivery(
    archive: Path, request: RedeliveryRequest, on_progress: ProgressCallback = lambda _: None
) -> RedeliveryPlan:
    """Return what a redelivery would do; nothing is stored or sent.

    `on_progress` is called between pages; what it raises ends the plan. Raises BadRedelivery and
    ArchiveError.
    """
    require_possible(request)
    with Reader(archive) as reader, LedgerReader(archive) as ledger:
        draft = _Draft(request, reader, ledger)
        for page in _pages(reader, request):
            draft.add(page)
            on_progress(Progress(_COUNTING, draft.messages, 0))
        require_messages(request, draft.messages)
        return draft.plan(archive)


def create_redelivery(archive: Path, request: RedeliveryRequest) -> int:
    """Store a job that is ready to run, and return its id; nothing is sent.

    Raises BadRedelivery and ArchiveError.
    """
    require_possible(request)
    new = NewRedelivery(
        kind=request.kind,
        connection=request.connection,
        url=request.target_url,
        form=request.form,
        options=request.options,
    )
    with Reader(archive) as reader, JobWriter(archive) as jobs:
        items = _items(reader, request)
        first = next(items, None)
        require_messages(request, int(first is not None))
        assert first is not None, "required above"  # noqa: S101
        return jobs.create(new, chain([first], items))


def require_possible(request: RedeliveryRequest) -> None:
    """Raise BadRedelivery for a request that cannot be carried out."""
    try:
        require_sendable(request.url.strip(), request.edited or b"")
    except BadTest as error:
        raise BadRedelivery(str(error)) from None
    if "@" in urlsplit(request.url.strip()).netloc:
        raise BadRedelivery(
            "The URL has a user name or a password, which would be stored and not be sent. Nothing"
            " was sent; leave them out."
        )
    limits = (
        ("messages in a request", request.batch_size, 1, LARGEST_BATCH),
        ("requests at once", request.parallelism, 1, MOST_PARALLEL),
        ("requests a second", request.rate, 0, FASTEST),
        ("seconds for a request", request.timeout, 0.1, _LONGEST),
    )
    for name, value, least, most in limits:
        if not least <= value <= most:
            raise BadRedelivery(
                f"The number of {name} has to be from {least:g} to {most:,g}. Nothing was sent."
            )
    if (request.edited is None) is (request.form is RedeliveryForm.EDITED):
        raise BadRedelivery("Edited bytes go with the form `edited` only. Nothing was sent.")


def require_messages(request: RedeliveryRequest, count: int) -> None:
    """Raise BadRedelivery if there is nothing to send, or more than what was edited."""
    if not count:
        raise BadRedelivery("No stored message matches, so there is nothing to send.")
    if request.edited is not None and count > 1:
        raise BadRedelivery("Only one message can be edited at a time. Nothing was sent.")


class _Draft:
    """Counts what a redelivery would do."""

    def __init__(self, request: RedeliveryRequest, reader: Reader, ledger: LedgerReader) -> None:
        self._request = request
        self._reader = reader
        self._ledger = ledger
        self._identities: set[int] = set()
        self._applications: dict[tuple[str, str], None] = {}
        self._connections: dict[str, None] = {}
        self._open_forward: tuple[int, int] = (0, 0)  # the delivery of the last message, its count
        self._whole_forwards = self._whole_messages = 0
        self.messages = self.size = self.divided = self.duplicates = 0
        self.acknowledged = self.unknown = 0
        self.first: int | None = None
        self.last: int | None = None

    def add(self, page: list[MessageValues]) -> None:
        """Count the next messages, which follow those before in the order of their ids."""
        url = self._request.target_url
        sent = self._ledger.sent_before(url, [one.id for one in page])
        states = list(sent.values())
        self.acknowledged += states.count(ItemState.ACKNOWLEDGED)
        self.unknown += len(states) - states.count(ItemState.ACKNOWLEDGED)
        for one in page:
            self._add(one)

    def plan(self, archive: Path) -> RedeliveryPlan:
        """Return what was counted."""
        self._close_forward()
        batch = self._request.batch_size
        single = self.messages - self._whole_messages
        return RedeliveryPlan(
            messages=self.messages,
            requests=self._whole_forwards + -(-single // batch),
            size=self.size,
            first=self.first,
            last=self.last,
            divided=self.divided,
            duplicates=self.duplicates,
            acknowledged=self.acknowledged,
            unknown=self.unknown,
            others=self._others(archive),
            connections=tuple(self._connections),
        )

    def _add(self, one: MessageValues) -> None:
        self.messages += 1
        edited = self._request.edited
        self.size += len(one.body if edited is None else edited)
        arrived = one.arrived_at
        self.first = arrived if self.first is None else min(self.first, arrived)
        self.last = arrived if self.last is None else max(self.last, arrived)
        # The hash alone: a million of them take 50 MB, and a chance hit changes a count by one.
        identity = hash((one.message_id or one.id, one.application_code))
        self.duplicates += identity in self._identities
        self._identities.add(identity)
        if one.connection:
            self._connections[one.connection] = None
        if len(self._applications) < _MOST_APPLICATIONS:
            connection = one.connection or self._request.connection
            self._applications[connection, one.application_code] = None
        if one.via == Via.FORWARD and self._request.form is RedeliveryForm.AS_RECEIVED:
            if one.delivery != self._open_forward[0]:
                self._close_forward()
            self._open_forward = (one.delivery, self._open_forward[1] + 1)

    def _close_forward(self) -> None:
        """Count the messages of one forward as a whole request if all of them are chosen."""
        delivery, count = self._open_forward
        self._open_forward = (0, 0)
        if not count:
            return
        found = self._reader.delivery(delivery)
        if found and found.message_count == count:
            self._whole_forwards += 1
            self._whole_messages += count
        else:
            self.divided += count

    def _others(self, archive: Path) -> tuple[str, ...]:
        found: set[str] = set()
        for connection, code in self._applications:
            if connection and code:
                found |= forward_urls(archive, connection, code, self.first or 0)
        return tuple(sorted(found - {self._request.target_url}))


def _pages(reader: Reader, request: RedeliveryRequest) -> Iterator[list[MessageValues]]:
    if request.messages is None:
        yield from reader.pages(request.selection)
        return
    ids = sorted(set(request.messages))
    for start in range(0, len(ids), _IDS):
        yield from reader.pages(Filter(ids=tuple(ids[start : start + _IDS])))


def _items(reader: Reader, request: RedeliveryRequest) -> Iterator[NewItem]:
    """Yield the items of a job; raise BadRedelivery for a second one of edited bytes."""
    count = 0
    for page in _pages(reader, request):
        for one in page:
            count += 1
            require_messages(request, count)
            yield NewItem(
                one.id, one.delivery, one.message_id, one.application_code, request.edited
            )
