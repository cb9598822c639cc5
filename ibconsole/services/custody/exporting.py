"""Making the custody record of a message from the archive."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from pathlib import Path

import msgspec
from msgspec.structs import replace

from ibconsole import __version__
from ibconsole.archive import (
    Delivery,
    Reader,
    StoredMessage,
    Via,
    read_delivery_applications,
    read_stored_row,
)
from ibconsole.archive.ledger import (
    Anchor,
    EntryKind,
    LedgerEntry,
    LedgerItem,
    LedgerReader,
    pull_row,
)
from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.services.custody.record import (
    CustodyDelivery,
    CustodyEntry,
    CustodyItem,
    CustodyMessage,
    CustodyPull,
    CustodyRecord,
)

_Chain = tuple[LedgerItem, Sequence[LedgerEntry]]


class NoCustody(UserError):
    """The archive has neither the message nor an entry of the ledger about it."""


class CustodyContent(msgspec.Struct, frozen=True):
    """The bytes that a record is to have: the message, and the whole body of its delivery.

    A `whole_body` of None has it if all of its messages are of one application.
    """

    message: bool = True
    whole_body: bool | None = None


class MadeRecord(msgspec.Struct, frozen=True):
    """A record, and sentences about what is not in it."""

    record: CustodyRecord
    remarks: tuple[str, ...] = ()


def find_message(archive: Path, name: str) -> int:
    """Return the id of the message with this id in the archive, or with this messageId.

    Raises NoCustody, also if messages of several applications have this messageId.
    """
    with Reader(archive) as reader, LedgerReader(archive) as ledger:
        if name.isascii() and name.isdecimal() and len(name) < 16:
            number = int(name)
            if reader.message(number) or ledger.items_of(number, size=1):
                return number
        codes = reader.application_codes()
        found = [one for code in codes if (one := reader.find_message(name, code)) is not None]
    if len(found) == 1:
        return found[0]
    if found:
        listed = ", ".join(map(str, found[:10]))
        raise NoCustody(
            f"Messages of several applications have the messageId {name}. Name one by its ID in"
            f" the archive: {listed}."
        )
    raise NoCustody(
        f"There is no message {name} in this archive, and no file of this name."
        " `ibconsole messages list` shows the IDs."
    )


def make_record(
    archive: Path,
    message: int,
    content: CustodyContent | None = None,
    clock: Callable[[], int] = now_ms,
) -> MadeRecord:
    """Return the record of a message by its id in the archive. Raises NoCustody, ArchiveError.

    A message that was deleted since is described by the first entry of the ledger.
    """
    with LedgerReader(archive) as ledger:
        items = ledger.items_of(message, size=1_000)[::-1]
        chains = [chain for item in items if (chain := ledger.chain(item.id))]
    with Reader(archive) as reader:
        stored = reader.message(message)
        delivery = reader.delivery(stored.delivery) if stored else None
        if not stored or not delivery:
            sections = _from_anchor(reader, message, chains)
        else:
            sections = _from_archive(reader, stored, delivery)
        record = CustodyRecord(
            format="ibconsole custody record",
            version=1,
            program=f"ibconsole {__version__}",
            made_at=clock(),
            archive=reader.identity(),
            delivery=sections[0],
            message=sections[1],
            pull=sections[2],
            items=tuple(_item(*chain) for chain in chains),
        )
        return _with_content(reader, record, content or CustodyContent())


_Sections = tuple[CustodyDelivery, CustodyMessage, CustodyPull | None]


def _from_archive(reader: Reader, stored: StoredMessage, delivery: Delivery) -> _Sections:
    encoding = ", ".join(
        value for name, value in delivery.headers if name.lower() == "content-encoding"
    )
    row, _, key = reader.ask(pull_row, delivery)
    return (
        CustodyDelivery(
            id=delivery.id,
            via=delivery.via.value,
            connection=delivery.connection or "",
            began_at=delivery.began_at,
            ended_at=delivery.ended_at,
            origin=delivery.origin,
            encoding=encoding,
            sha256=delivery.sha256,
        ),
        CustodyMessage(
            id=stored.id,
            message_id=stored.message_id,
            application_code=stored.application_code,
            arrived_at=stored.arrived_at,
            received_at=stored.received_at,
            position=stored.position,
            start=stored.start,
            size=stored.size,
            sha256=sha256(stored.body).hexdigest(),
            body=stored.body,
        ),
        _pull(reader, row, key),
    )


def _from_anchor(reader: Reader, message: int, chains: Sequence[_Chain]) -> _Sections:
    for _, entries in reversed(chains):
        if entries and entries[0].kind is EntryKind.ANCHOR:
            anchor = msgspec.json.decode(entries[0].content, type=Anchor)
            break
    else:
        raise NoCustody(
            f"There is no message {message} in this archive, and the ledger does not say where it"
            " came from. Nothing was written."
        )
    return (
        CustodyDelivery(
            id=anchor.delivery,
            via="pull" if anchor.via == Via.PULL else "forward",
            connection=anchor.connection,
            began_at=anchor.began_at,
            ended_at=anchor.ended_at,
            origin=anchor.origin,
            encoding="",
            sha256=anchor.body_sha256,
        ),
        CustodyMessage(
            id=anchor.message,
            message_id=anchor.message_id,
            application_code=anchor.application_code,
            arrived_at=anchor.arrived_at,
            received_at=anchor.received_at,
            position=anchor.position,
            start=anchor.start,
            size=anchor.size,
            sha256=anchor.message_sha256,
        ),
        _pull(reader, anchor.audit_row, anchor.key),
    )


def _pull(reader: Reader, row: int | None, key: str) -> CustodyPull | None:
    stored = reader.ask(read_stored_row, row) if row is not None else None
    if not stored:
        return None
    return CustodyPull(
        key=key,
        row=stored.number,
        before=stored.before,
        at=stored.at,
        connection=stored.connection,
        application=stored.application,
        content=stored.content,
        hash=stored.hash,
    )


def _item(item: LedgerItem, entries: Sequence[LedgerEntry]) -> CustodyItem:
    return CustodyItem(
        id=item.id,
        job=item.job,
        last=item.entries,
        hash=item.hash,
        entries=tuple(
            CustodyEntry(one.number, one.at, one.kind.value, one.content, one.hash)
            for one in entries
        ),
    )


def _with_content(reader: Reader, record: CustodyRecord, content: CustodyContent) -> MadeRecord:
    """Add the delivery's body, and leave out the message, as is wanted."""
    delivery, remarks = record.delivery, []
    applications = reader.ask(read_delivery_applications, delivery.id)
    whole = content.whole_body
    if whole is None:
        whole = len(applications) == 1
        if len(applications) > 1:
            remarks.append(
                f"The body of delivery {delivery.id} also has messages of other applications, so"
                " the record has this message alone: --whole-body adds the body."
            )
    if not applications:
        remarks.append("The message was deleted from the archive: the record has its hashes only.")
    elif whole and (body := reader.delivery_body(delivery.id)):
        delivery = replace(delivery, body=body)
    message = record.message if content.message else replace(record.message, body=None)
    return MadeRecord(replace(record, delivery=delivery, message=message), tuple(remarks))
