"""Verifying a custody record: every hash is recomputed, and every link is named.

Needs no archive. A link that is broken says what is wrong with it, and leaves the others as they
are. A link that a record has not enough data for is unproven, not broken. An author who rewrites a
record can also recompute all of its hashes, which nothing in the file shows: the seal is to be
compared with the one that the exporter has given in another way.
"""

from collections.abc import Iterator, Sequence
from enum import StrEnum
from hashlib import sha256
from typing import TypeVar

import msgspec

from ibconsole.archive import audit_row_hash, undo_content_encoding
from ibconsole.archive.ledger import (
    Anchor,
    AnswerNote,
    Attempt,
    DecisionNote,
    EntryKind,
    ItemState,
    LedgerEntry,
    Outcome,
    RedeliveryForm,
    chain_problem,
)
from ibconsole.model import Undecodable, parse, read_message
from ibconsole.plural import counted
from ibconsole.services.custody.record import CustodyItem, CustodyRecord, decode_record
from ibconsole.services.forward_test import envelope_of

_Content = TypeVar("_Content", bound=msgspec.Struct)


class CustodyLink(StrEnum):
    """The links of the chain from the pull to the acknowledgement."""

    FILE = "file"
    PULL = "audit row of the pull"
    BODY = "body of the delivery"
    MESSAGE = "message"
    PLACE = "message in the body"
    ENTRIES = "entries of the ledger"
    ORIGIN = "origin in the ledger"
    REQUEST = "request that was sent"


class LinkState(StrEnum):
    """The result of checking a link."""

    HOLDS = "holds"
    BROKEN = "broken"
    UNPROVEN = "unproven"


class CheckedLink(msgspec.Struct, frozen=True):
    """A link with its result and a sentence; `item` is that of the ledger, None for no one item."""

    link: CustodyLink
    state: LinkState
    sentence: str
    item: int | None = None


class CustodyClaim(msgspec.Struct, frozen=True):
    """The end of one delivery to a URL, as the ledger has it; `at` is in ms since the epoch.

    `acknowledged` counts the answers that acknowledged it. `proven` is false if a link that leads
    to it is broken. `decided` is true if a user has decided it, and no answer.
    """

    item: int
    job: int
    url: str
    state: str
    at: int | None
    status: int | None
    attempts: int
    acknowledged: int
    proven: bool
    decided: bool = False


class CustodyVerification(msgspec.Struct, frozen=True):
    """The result of verifying a record."""

    links: tuple[CheckedLink, ...]
    claims: tuple[CustodyClaim, ...]
    seal: str = ""

    @property
    def broken(self) -> tuple[CheckedLink, ...]:
        """The links that do not hold."""
        return tuple(one for one in self.links if one.state is LinkState.BROKEN)

    @property
    def holding(self) -> tuple[CheckedLink, ...]:
        """The links that hold."""
        return tuple(one for one in self.links if one.state is LinkState.HOLDS)


def verify_file(data: bytes) -> tuple[CustodyRecord, CustodyVerification]:
    """Verify the bytes of a file. Raises InvalidRecord if they are no record at all."""
    record, problem = decode_record(data)
    state = LinkState.BROKEN if problem else LinkState.HOLDS
    file = CheckedLink(CustodyLink.FILE, state, problem or "The file is as it was sealed.")
    return record, verify_record(record, (file,))


def verify_record(record: CustodyRecord, known: Sequence[CheckedLink] = ()) -> CustodyVerification:
    """Recompute every hash of a record; `known` are links that were checked before."""
    own = (_check_pull(record), _check_body(record), _check_message(record), _check_place(record))
    items = [link for item in record.items for link in _check_item(record, item)]
    links = (*known, *own, *items)
    broken = {one.item for one in links if one.state is LinkState.BROKEN}
    claims = tuple(_claim(item, proven=not broken & {None, item.id}) for item in record.items)
    return CustodyVerification(links, claims, record.seal)


def _link(link: CustodyLink, problem: str, sentence: str, item: int | None = None) -> CheckedLink:
    """Return a link that holds with this sentence, unless there is a problem."""
    state = LinkState.BROKEN if problem else LinkState.HOLDS
    return CheckedLink(link, state, problem or sentence, item)


def _unproven(link: CustodyLink, sentence: str, item: int | None = None) -> CheckedLink:
    return CheckedLink(link, LinkState.UNPROVEN, sentence, item)


class _PulledRow(msgspec.Struct, frozen=True):
    """The members of a row of the audit that are checked; the others may say anything."""

    kind: str = ""
    credential: str = ""


def _check_pull(record: CustodyRecord) -> CheckedLink:
    link, pull, delivery = CustodyLink.PULL, record.pull, record.delivery
    if pull is None:
        if delivery.via == "forward":
            return _unproven(link, "The message came by a forward, which the audit does not list.")
        return _unproven(
            link,
            "The record has no row of the audit about this pull: it was never written, or it was"
            " removed from it.",
        )
    computed = audit_row_hash(
        pull.before, (pull.row, None, pull.at), (pull.connection, pull.application, pull.content)
    )
    problem = ""
    said = _read(pull.content, _PulledRow) or _PulledRow()
    if computed != pull.hash:
        problem = f"Row {pull.row} of the audit was changed: its hash is another one."
    elif said.kind != "pull" or delivery.via != "pull":
        problem = f"Row {pull.row} of the audit is not about a pull of this message."
    elif (said.credential, pull.connection) != (pull.key, delivery.connection):
        problem = f"Row {pull.row} of the audit names another key or another connection."
    elif delivery.ended_at is not None and pull.at > delivery.ended_at:
        problem = f"Row {pull.row} of the audit is younger than the pull."
    return _link(link, problem, f"Row {pull.row} of the audit is as it was written: {pull.key}.")


def _check_body(record: CustodyRecord) -> CheckedLink:
    body = record.delivery.body
    if body is None:
        return _unproven(CustodyLink.BODY, "The record is without the body; its hash is noted.")
    problem = ""
    if sha256(body).hexdigest() != record.delivery.sha256:
        problem = f"The body of delivery {record.delivery.id} is not the one that was received."
    size = counted(len(body), "byte")
    return _link(CustodyLink.BODY, problem, f"The body, {size}, has the hash that was noted.")


def _check_message(record: CustodyRecord) -> CheckedLink:
    message = record.message
    if message.body is None:
        return _unproven(
            CustodyLink.MESSAGE, "The record is without the message, but for its hash."
        )
    problem = ""
    if sha256(message.body).hexdigest() != message.sha256:
        problem = "The message is not the one that was received: its SHA-256 differs."
    elif wrong := _other_fields(record, message.body):
        problem = f"The record says another {' and '.join(wrong)} than the message."
    return _link(CustodyLink.MESSAGE, problem, "The message has the hash that was noted.")


def _other_fields(record: CustodyRecord, body: bytes) -> list[str]:
    """Return the names of the fields that are not those of the message's own JSON."""
    try:
        read = read_message(parse(body))
    except Undecodable:
        return []
    message = record.message
    pairs = (
        ("messageId", message.message_id, read.message_id),
        ("applicationCode", message.application_code, read.application_code),
    )
    return [name for name, said, found in pairs if said != found]


def _check_place(record: CustodyRecord) -> CheckedLink:
    link, message, delivery = CustodyLink.PLACE, record.message, record.delivery
    if delivery.body is None:
        return _unproven(link, "Without the body, the message's place in it is not proven.")
    headers = (("content-encoding", delivery.encoding),) if delivery.encoding else ()
    plain, _ = undo_content_encoding(delivery.body, headers)
    if message.start is None or message.size is None:
        if message.body is not None and message.body in plain:
            return _link(link, "", "The message is in the body.")
        return _unproven(link, "The message's place in the body was not noted.")
    found = plain[message.start : message.start + message.size]
    same = sha256(found).hexdigest() == message.sha256 or _is_same(found, message.body)
    problem = "" if same else "The message is not at the place in the body that was noted."
    span = f"bytes {message.start:,} to {message.start + message.size:,}"
    return _link(link, problem, f"The message is in the body, {span}.")


def _is_same(found: bytes, message: bytes | None) -> bool:
    """Return whether both are the same JSON: archives of version 0.1.0 have it encoded anew."""
    try:
        return message is not None and parse(found) == parse(message)
    except Undecodable:
        return False


def _check_item(record: CustodyRecord, item: CustodyItem) -> Iterator[CheckedLink]:
    entries = _entries(item)
    problem = chain_problem(entries, (item.last, item.hash))
    good = _good_entries(entries)
    if problem:
        problem = f"{problem} {_still_good(good)}"
    elif not entries:
        yield _unproven(CustodyLink.ENTRIES, "The ledger has no entry: nothing was sent.", item.id)
        return
    yield _link(
        CustodyLink.ENTRIES,
        problem,
        f"All {counted(len(entries), 'entry', 'entries')} are as they were written.",
        item.id,
    )
    yield _check_origin(record, item)
    yield from _check_requests(record, item)


def _entries(item: CustodyItem) -> list[LedgerEntry]:
    kinds = set(EntryKind)
    return [
        LedgerEntry(
            item.id,
            entry.number,
            entry.at,
            # Another kind is hashed as it is, and found by its hash.
            EntryKind(entry.kind) if entry.kind in kinds else entry.kind,  # type: ignore[arg-type]
            entry.content,
            entry.hash,
        )
        for entry in item.entries
    ]


def _good_entries(entries: Sequence[LedgerEntry]) -> int:
    """Return the number of entries before the first one that is not as it was written."""
    low, high = 0, len(entries)
    while low < high:  # what holds, holds from the first entry on: halved, as a file may have many
        middle = (low + high + 1) // 2
        if chain_problem(entries[:middle], (middle, entries[middle - 1].hash)):
            high = middle - 1
        else:
            low = middle
    return low


def _still_good(good: int) -> str:
    return f"Entries 1 to {good} still hold." if good else "No entry holds."


def _check_origin(record: CustodyRecord, item: CustodyItem) -> CheckedLink:
    link = CustodyLink.ORIGIN
    anchor = _contents(item, EntryKind.ANCHOR, Anchor)[:1]
    if not anchor or item.entries[0].kind != EntryKind.ANCHOR:
        return _link(link, "The ledger does not begin with the origin of the message.", "", item.id)
    wrong = [name for name, said, found in _origins(record, item, anchor[0]) if said != found]
    problem = f"The ledger says otherwise about: {', '.join(wrong)}." if wrong else ""
    sentence = "The ledger names this archive, delivery and message with the same hashes."
    return _link(link, problem, sentence, item.id)


def _origins(
    record: CustodyRecord, item: CustodyItem, anchor: Anchor
) -> Iterator[tuple[str, object, object]]:
    delivery, message, pull = record.delivery, record.message, record.pull
    yield "archive", record.archive, anchor.archive
    yield "job", item.job, anchor.job
    for name in ("via", "connection", "began_at", "ended_at", "origin"):
        yield f"delivery's {name}", getattr(delivery, name), getattr(anchor, name)
    yield "delivery's id", delivery.id, anchor.delivery
    yield "delivery's sha256", delivery.sha256, anchor.body_sha256
    for name in ("message_id", "application_code", "arrived_at", "received_at", "position"):
        yield f"message's {name}", getattr(message, name), getattr(anchor, name)
    yield "message's id", message.id, anchor.message
    yield "message's start", message.start, anchor.start
    yield "message's size", message.size, anchor.size
    yield "message's sha256", message.sha256, anchor.message_sha256
    if pull:  # else it may have been removed from the audit since, as is recorded there
        yield "key of the pull", pull.key, anchor.key
        yield "row of the audit", pull.row, anchor.audit_row
        yield "hash of the audit", pull.hash, anchor.audit_hash


def _check_requests(record: CustodyRecord, item: CustodyItem) -> Iterator[CheckedLink]:
    link, attempts = CustodyLink.REQUEST, _contents(item, EntryKind.ATTEMPT, Attempt)
    expected = {record.delivery.sha256}
    if record.message.body is not None:
        expected.add(sha256(envelope_of(record.message.body)).hexdigest())
    for attempt in attempts:
        name = f"Request {attempt.attempt}"
        if attempt.form == RedeliveryForm.EDITED:
            yield _unproven(link, f"{name} sent an edited copy of the message.", item.id)
        elif attempt.body_sha256 in expected:
            yield _link(link, "", f"{name} sent the message as it was received.", item.id)
        elif attempt.messages > 1:
            others = counted(attempt.messages - 1, "other message")
            yield _unproven(link, f"{name} sent the message along with {others}.", item.id)
        else:  # a body that the sender has framed in chunks, for example
            yield _unproven(link, f"What {name.lower()} sent is noted by its hash only.", item.id)


def _claim(item: CustodyItem, *, proven: bool) -> CustodyClaim:
    anchors = _contents(item, EntryKind.ANCHOR, Anchor)
    answers = _contents(item, EntryKind.ANSWER, AnswerNote)
    decisions = _contents(item, EntryKind.DECISION, DecisionNote)
    last = item.entries[-1] if item.entries else None
    decided = last is not None and last.kind == EntryKind.DECISION and bool(decisions)
    end = decisions[-1] if decided else answers[-1] if answers else None
    # Without an answer: it is under way, or the process ended before it came.
    under_way = ItemState.UNKNOWN if last and last.kind == EntryKind.ATTEMPT else ItemState.WAITING
    return CustodyClaim(
        item=item.id,
        job=item.job,
        url=anchors[0].url if anchors else "",
        state=str(end.state if end and last and last.kind != EntryKind.ATTEMPT else under_way),
        at=last.at if last else None,
        status=answers[-1].status if answers else None,
        attempts=len(_contents(item, EntryKind.ATTEMPT, Attempt)),
        acknowledged=sum(one.outcome is Outcome.ACKNOWLEDGED for one in answers),
        proven=proven,
        decided=decided,
    )


def _contents(item: CustodyItem, kind: EntryKind, form: type[_Content]) -> list[_Content]:
    """Return the contents of the entries of a kind that can be read."""
    contents = (_read(one.content, form) for one in item.entries if one.kind == kind)
    return [one for one in contents if one is not None]


def _read(content: str, form: type[_Content]) -> _Content | None:
    try:
        return msgspec.json.decode(content, type=form)
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError):
        return None
