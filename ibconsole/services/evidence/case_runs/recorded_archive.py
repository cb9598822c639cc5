"""The archive of a case that runs: what was received is stored as it came."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from pathlib import Path

import msgspec
from msgspec.structs import replace

from ibconsole.archive import (
    Archive,
    ForwardTestRecord,
    ImportedDelivery,
    ImportedMessage,
    Via,
)
from ibconsole.files import make_private_directory
from ibconsole.model import (
    AnswerEnd,
    AnswerOutcome,
    GivenAnswer,
    PlannedAnswer,
    SentAnswer,
    encode,
)
from ibconsole.services.evidence.cases import (
    Blob,
    Case,
    CaseDamaged,
    CaseItem,
    ForwardContent,
    ForwardTestContent,
    MessageContent,
    PullContent,
)
from ibconsole.services.forward_test import ForwardTest, from_record
from ibconsole.services.messages import iso_time

ReadBlob = Callable[[Blob], bytes | None]


class StoredCase(msgspec.Struct, frozen=True):
    """The forward tests that were stored of a case, and the JSON of its pulled messages.

    Both are in the order of their times. `problems` are sentences about what was not stored.
    """

    tests: tuple[ForwardTest, ...]
    pulled: tuple[bytes, ...]
    problems: tuple[str, ...]


def store_case(
    path: Path, case: Case, read_blob: ReadBlob, connections: Mapping[str, str]
) -> StoredCase:
    """Store the messages, deliveries and forward tests of a case in an archive.

    Each message arrives at its time and by its way again; one whose JSON is not in the case has
    what the case says of it. `read_blob` returns None for bytes that were left out. `connections`
    has the UUIDs in this archive by those in the case, first that of the tests. Raises
    ArchiveError, and CaseError for a file that cannot be read and for times that are none.
    """
    make_private_directory(path.parent)
    tests, problems = [], []
    for item, content in sorted(_tests(case), key=lambda one: one[1].at):
        record = _record(content, read_blob)
        if test := _test(record):
            tests.append((record, test))
        else:
            problems.append(f"“{item.title}” has no report that can be read, and is not listed.")
    deliveries = [
        replace(one, connection=connections.get(one.connection or "", one.connection))
        for one in sorted(_deliveries(case, read_blob), key=_arrival)
    ]
    archive = Archive(path)
    try:
        # The bodies of one call are read after it has stored messages: one kind at a time keeps
        # their order, which decides what is a duplicate.
        for _, batch in groupby(deliveries, key=lambda one: one.body is None):
            archive.import_deliveries(tuple(batch))
        for record, _ in tests:
            archive.add_forward_test(record, next(iter(connections.values()), ""))
    except OverflowError:
        raise CaseDamaged(
            f"A number in the case “{case.title}” is too large to be one of an archive. The case"
            " was not opened."
        ) from None
    finally:
        archive.close()
    pulled = [one for one in _messages(case) if one.via == Via.PULL]
    return StoredCase(
        tuple(test for _, test in tests),
        tuple(_json_of(one, read_blob) for one in sorted(pulled, key=lambda one: one.arrived_at)),
        tuple(problems),
    )


def _record(content: ForwardTestContent, read_blob: ReadBlob) -> ForwardTestRecord:
    return ForwardTestRecord(
        id=0,
        at=content.at,
        url=content.url,
        status=content.status,
        payload=read_blob(content.payload) or b"",
        answer=(read_blob(content.answer) or b"") if content.answer else b"",
        facts=msgspec.json.encode(content.report).decode(),
    )


def _test(record: ForwardTestRecord) -> ForwardTest | None:
    """Return the test of a record, None if its report is not one of this program."""
    try:
        return from_record(record)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def _messages(case: Case) -> Iterator[MessageContent]:
    for item in case.items:
        if isinstance(item.content, MessageContent):
            yield item.content


def _tests(case: Case) -> Iterator[tuple[CaseItem, ForwardTestContent]]:
    for item in case.items:
        if isinstance(item.content, ForwardTestContent):
            yield item, item.content


def _deliveries(case: Case, read_blob: ReadBlob) -> Iterator[ImportedDelivery]:
    """Yield what brought messages; of several items about one delivery the first counts."""
    grouped: dict[str, list[CaseItem]] = {}
    for item in case.items:
        if isinstance(item.content, MessageContent | ForwardContent | PullContent):
            grouped.setdefault(_origin(case, item), []).append(item)
    for origin, items in grouped.items():
        messages = [one.content for one in items if isinstance(one.content, MessageContent)]
        exchanges = [_exchange_of(one) for one in items]
        exchange = next((one for one in exchanges if one), None)
        if isinstance(exchange, ForwardContent) and exchange.via != Via.FORWARD:
            continue  # a request of the program itself, which no archive has
        if isinstance(exchange, ForwardContent):
            yield _forward(origin, exchange, messages, read_blob)
        else:
            yield _pull(origin, exchange, messages, read_blob)


def _exchange_of(item: CaseItem) -> ForwardContent | PullContent | None:
    content = item.content
    if isinstance(content, MessageContent):
        return content.exchange
    return content if isinstance(content, ForwardContent | PullContent) else None


def _origin(case: Case, item: CaseItem) -> str:
    exchange = _exchange_of(item)
    return (exchange.origin if exchange else "") or f"{case.id}:{item.id}"


def _forward(
    origin: str,
    exchange: ForwardContent,
    messages: Sequence[MessageContent],
    read_blob: ReadBlob,
) -> ImportedDelivery:
    body = read_blob(exchange.request) if exchange.request else None
    return ImportedDelivery(
        origin=origin,
        via=Via.FORWARD,
        began_at=exchange.began_at,
        # A body has all messages of the request: they are read from it.
        messages=() if body is not None else _numbered(messages, read_blob),
        connection=exchange.connection or None,
        ended_at=exchange.ended_at,
        method=exchange.method,
        target=exchange.target,
        peer=exchange.peer,
        status=exchange.status,
        headers=tuple(exchange.request_headers),
        complete=exchange.complete,
        problem=exchange.problem,
        body=body,
        answer=_given(exchange, read_blob),
    )


def _given(exchange: ForwardContent, read_blob: ReadBlob) -> GivenAnswer | None:
    """Return the answer of a rule, None if the listener answered as usual."""
    if not exchange.answered_by:
        return None
    body = (read_blob(exchange.answer) or b"") if exchange.answer else b""
    try:
        planned = PlannedAnswer(
            scenario="",
            rule=exchange.answered_by,
            status=exchange.status,
            headers=tuple(exchange.answer_headers),
            body=body,
            size=len(body),
            delay=exchange.answer_delay,
            end=AnswerEnd(exchange.answer_end or AnswerEnd.NORMAL),
            seconds=exchange.answer_hold,
        )
        if not exchange.answer_outcome:
            return GivenAnswer(planned)
        outcome = AnswerOutcome(exchange.answer_outcome)
    except ValueError:  # a word of a newer version
        return None
    ended_at = exchange.ended_at or exchange.began_at
    sent = SentAnswer(outcome, exchange.answer_sent, exchange.answer_seconds, ended_at)
    return GivenAnswer(planned, sent)


def _pull(
    origin: str,
    exchange: PullContent | None,
    messages: Sequence[MessageContent],
    read_blob: ReadBlob,
) -> ImportedDelivery:
    """Return a pull; the case has its messages alone, not its body."""
    if exchange is None:
        first = messages[0]
        return ImportedDelivery(
            origin=origin,
            via=Via.FORWARD if first.via == Via.FORWARD else Via.PULL,
            began_at=first.arrived_at,
            messages=_numbered(messages, read_blob),
            connection=first.connection or None,
        )
    return ImportedDelivery(
        origin=origin,
        via=Via.PULL,
        began_at=exchange.began_at,
        messages=_numbered(messages, read_blob),
        connection=exchange.connection or None,
        base_url=exchange.base_url,
        ended_at=exchange.ended_at,
        limit_asked=exchange.limit_asked,
        status=exchange.status,
        headers=tuple(exchange.answer_headers),
        complete=exchange.complete,
        problem=exchange.problem,
        announced=exchange.announced,
        pending=exchange.pending,
    )


def _arrival(delivery: ImportedDelivery) -> int:
    return delivery.began_at if delivery.ended_at is None else delivery.ended_at


def _numbered(
    messages: Sequence[MessageContent], read_blob: ReadBlob
) -> tuple[ImportedMessage, ...]:
    # One message may be pinned twice; those that were left out have no hash to tell.
    unique = {one.body.sha256 or one.message_id: one for one in messages}
    return tuple(
        ImportedMessage(position, _json_of(one, read_blob))
        for position, one in enumerate(unique.values())
    )


def _json_of(message: MessageContent, read_blob: ReadBlob) -> bytes:
    """Return the JSON of a message, or what is known of it if that was left out."""
    body = read_blob(message.body)
    if body is not None:
        return body
    fields = {
        "messageId": message.message_id,
        "from": message.sender,
        "to": message.application_code,
        "applicationCode": message.application_code,
        "keyword": message.keyword,
        "text": message.text,
    }
    known = {name: value for name, value in fields.items() if value}
    if message.received_at is not None:
        with suppress(ValueError):  # before the year 1, as no platform has it
            known["receivedAt"] = iso_time(message.received_at)
    return encode(known)
