"""Stored messages on their way out: as the platform wrote them, with ours beside.

Three formats, each as a stream of bytes: JSON Lines, which can be imported again, CSV for
spreadsheets, and raw bodies in a tar, which hold everything that was ever received.
"""

import csv
import io
import tarfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

from ibconsole.archive import (
    Delivery,
    DeliveryState,
    Filter,
    Flags,
    Progress,
    ProgressCallback,
    Reader,
    StoredMessage,
    Via,
    translated,
)
from ibconsole.errors import UserError
from ibconsole.files import draft_file, publish_draft, require_absent
from ibconsole.model import encode, parse
from ibconsole.text import mask_code

_TAIL = b',"_ibconsole":'
_STAGE = "Exporting"
_PART = 1 << 20
END = "end"  # the last member of a tar
COLUMNS = (
    "id",
    "arrivedAt",
    "receivedAt",
    "via",
    "connection",
    "delivery",
    "position",
    "messageId",
    "applicationCode",
    "from",
    "keyword",
    "text",
    "flags",
    "duplicateOf",
    "json",
)
# What a spreadsheet takes for the beginning of a formula, behind spaces and quotes as well; the
# wide forms of Japanese keyboards included.
_FORMULA = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20"
_IGNORED = " '\"\u00a0\u3000\ufeff"
# Of a delivery, what goes along with each message. Not the path of a forward, which keeps
# strangers out, nor the headers and the raw bytes.
_SOURCE = {
    "via": "via",
    "connection": "connection",
    "base_url": "baseUrl",
    "began_at": "beganAt",
    "ended_at": "endedAt",
    "limit_asked": "limit",
    "method": "method",
    "status": "status",
    "sha256": "sha256",
    "announced": "announced",
    "pending": "pending",
    "complete": "complete",
    "interrupted": "interrupted",
    "salvaged": "salvaged",
    "problem": "problem",
}


class ExportFailed(UserError):
    """An export could not be written."""


class Format(StrEnum):
    """How messages are written."""

    JSONL = "jsonl"
    CSV = "csv"
    RAW = "raw"


@dataclass(frozen=True, slots=True)
class ExportOptions:
    """What is to be exported, and how. `revealed`: application codes stay readable."""

    format: Format = Format.JSONL
    wanted: Filter = field(default_factory=Filter)
    revealed: bool = False


@dataclass(frozen=True, slots=True)
class ExportSummary:
    """What an export holds, and in `remarks` what it does not, or has changed: sentences."""

    messages: int
    deliveries: int
    remarks: tuple[str, ...] = ()


def message_object(message: StoredMessage) -> dict[str, Any]:
    """The platform's fields at top level, unknown ones too; ours under `_ibconsole`.

    Times are ISO 8601 in UTC. What was no object at all is `_ibconsole.value`.
    """
    raw = parse(message.body)
    if not isinstance(raw, dict):
        return {"_ibconsole": {**_ours(message), "value": raw}}
    return {**raw, "_ibconsole": _ours(message)}


def iso_time(moment: int) -> str:
    """Milliseconds since the epoch as ISO 8601 in UTC."""
    return datetime.fromtimestamp(moment / 1000, UTC).isoformat(timespec="milliseconds")


def origin_of(delivery: Delivery, archive: str) -> str:
    """What a delivery is called wherever it is imported: "archive:delivery" of its first home."""
    return delivery.origin or f"{archive}:{delivery.id}"


class Export:
    """One export of what this reader finds; what it was is in `exported` when it is through.

    Holds a page of messages in memory at most. Raises ExportFailed, ArchiveError.
    """

    def __init__(self, reader: Reader, wish: ExportOptions) -> None:
        self._reader = reader
        self._wish = wish
        self._archive = reader.identity()
        self._source: Delivery | None = None
        self._origins = 0
        self._messages = 0
        self._neutralized = 0
        self._last = 0
        self._newest = reader.counts().newest_message

    @property
    def exported(self) -> ExportSummary:
        """How much was written."""
        return ExportSummary(self._messages, self._origins, tuple(filter(None, self._remarks())))

    def to(self, file: BinaryIO, watch: ProgressCallback) -> None:
        """Write it; `watch` is called often, and stops it by raising."""
        if self._wish.format is Format.RAW:
            self._write_raw(file, watch)
            return
        lines = self._csv() if self._wish.format is Format.CSV else self._json_lines()
        for number, line in enumerate(lines):
            file.write(line)
            if number % 100 == 0:
                watch(Progress(_STAGE, min(self._last, self._newest), self._newest))

    def _found(self) -> Iterator[tuple[StoredMessage, Delivery]]:
        """What is there now; what arrives meanwhile is left for the next export."""
        for message in self._reader.messages(self._wish.wanted):
            if message.id > self._newest:
                return
            if self._source is None or self._source.id != message.delivery:
                self._source = self._reader.delivery(message.delivery)
                self._origins += 1
            if self._source is None:
                continue  # deleted meanwhile
            self._last = message.id
            self._messages += 1
            yield message, self._source

    def _json_lines(self) -> Iterator[bytes]:
        for message, source in self._found():
            yield self._json_line(message, source)

    def _json_line(self, message: StoredMessage, source: Delivery) -> bytes:
        facts = asdict(source)
        ours = {
            **_ours(message),
            "origin": origin_of(source, self._archive),
            "start": message.start,
            "size": message.size,
            "source": {name: facts[field] for field, name in _SOURCE.items()},
        }
        code = message.application_code
        if code and not self._wish.revealed:
            ours["masked"] = True
            raw = parse(message.body)
            whole = {**raw, "_ibconsole": ours} if isinstance(raw, dict) else None
            line = encode(whole or {"_ibconsole": {**ours, "value": raw}})
            return line.replace(_inside(code), _inside(mask_code(code))) + b"\n"
        return _spliced(message.body, ours) + b"\n"

    def _csv(self) -> Iterator[bytes]:
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        # With a byte order mark: without it, spreadsheets take UTF-8 for something else.
        yield b"\xef\xbb\xbf" + text.getvalue().encode()
        for message, _ in self._found():
            text.seek(0)
            text.truncate()
            writer.writerow(map(self._cell, self._cells(message)))
            yield text.getvalue().encode(errors="replace")

    def _cells(self, message: StoredMessage) -> tuple[str, ...]:
        code, body = message.application_code, message.body.decode(errors="replace")
        if code and not self._wish.revealed:
            body = body.replace(code, mask_code(code))
            code = mask_code(code)
        return (
            str(message.id),
            iso_time(message.arrived_at),
            "" if message.received_at is None else iso_time(message.received_at),
            message.via,
            message.connection or "",
            str(message.delivery),
            str(message.position),
            message.message_id,
            code,
            message.sender,
            message.keyword,
            message.text,
            " ".join(_flags(message)),
            "" if message.duplicate_of is None else str(message.duplicate_of),
            body,
        )

    def _cell(self, text: str) -> str:
        if not text.lstrip(_IGNORED).startswith(tuple(_FORMULA)):
            return text
        self._neutralized += 1
        return f"'{text}"

    def _write_raw(self, file: BinaryIO, watch: ProgressCallback) -> None:
        if not self._wish.revealed:
            raise ExportFailed(
                "Raw bodies are as they were received: application codes, which double as the"
                " mobile SDK's credential, and the listener's path are readable in them. Nothing"
                " was written; say that they may be revealed."
            )
        deliveries = self._wanted_deliveries()
        with tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            for done, one in enumerate(deliveries):
                watch(Progress(_STAGE, done, len(deliveries)))
                delivery = self._reader.delivery(one)
                if delivery and delivery.state in {DeliveryState.DECODED, DeliveryState.RECEIVED}:
                    self._add(tar, delivery)
            # A tar that is cut between two members looks like a whole one.
            _put(tar, END, encode({"deliveries": self._origins}), 0)

    def _wanted_deliveries(self) -> list[int]:
        """Those of the messages that fit; all, also those without messages, if all fit."""
        if self._wish.wanted == Filter():
            found = [
                *self._reader.find_deliveries(Via.PULL),
                *self._reader.find_deliveries(Via.FORWARD),
            ]
            return sorted(found)
        return self._reader.deliveries_matching(self._wish.wanted)

    def _add(self, tar: tarfile.TarFile, delivery: Delivery) -> None:
        facts = {**asdict(delivery), "origin": origin_of(delivery, self._archive)}
        name = f"deliveries/{delivery.id:010}"
        body = self._reader.delivery_body(delivery.id)
        raw = self._reader.delivery_raw(delivery.id)
        # The body comes last: what has it is whole, wherever the file may be cut.
        parts = [(f"{name}.json", encode(facts)), (f"{name}.body", body)]
        if raw:
            parts.insert(1, (f"{name}.raw", raw))
        if not body and delivery.origin and delivery.message_count:
            return  # it was imported without its body: there is nothing raw of it
        for part, data in parts:
            _put(tar, part, data, delivery.began_at // 1000)
        self._origins += 1
        self._messages += delivery.message_count

    def _remarks(self) -> Iterator[str]:
        if self._neutralized:
            cells = (
                "1 cell begins" if self._neutralized == 1 else f"{self._neutralized:,} cells begin"
            )
            yield f"{cells} like a formula, and got an apostrophe in front."
        if self._wish.format is Format.RAW or self._wish.wanted != Filter():
            return
        counts = self._reader.counts()
        if more := counts.pulls + counts.forwards - self._origins:
            are = "1 pull or forward is" if more == 1 else f"{more:,} pulls or forwards are"
            yield f"{are} not in it, for no message was in them; an export of raw bodies has them."
        if self._wish.format is Format.JSONL and not self._wish.revealed:
            yield "Application codes are masked, so it cannot be imported again."


def write(
    archive: Path,
    target: Path,
    wish: ExportOptions,
    watch: ProgressCallback,
    *,
    instead: bool = False,
) -> ExportSummary:
    """Export to a file, 0600, which is there whole or not at all.

    Takes another file's place only if `instead`. Raises ExportFailed, ArchiveError.
    """
    with Reader(archive) as reader, _new_file(target, replace=instead) as file:
        export = Export(reader, wish)
        export.to(file, watch)
        return export.exported


def save_body(
    archive: Path, delivery: int, target: Path, watch: ProgressCallback, *, raw: bool
) -> int:
    """Write a delivery's body, or its raw request, to a file as it was received; its size.

    Takes another file's place, which its user has agreed to. Raises ExportFailed, ArchiveError.
    """
    done = 0
    with Reader(archive) as reader, _new_file(target, replace=True) as file:
        while (part := reader.slice(delivery, done, _PART, raw=raw)).data:
            file.write(part.data)
            done += len(part.data)
            watch(Progress("Saving", done, part.total))
    return done


@contextmanager
def _new_file(target: Path, *, replace: bool) -> Iterator[BinaryIO]:
    """Write a file that appears under its name whole or not at all."""
    with ExitStack() as stack:
        with translated(target):
            if not replace:
                require_absent(target)
            draft = stack.enter_context(draft_file(target))
        try:
            with draft.open("wb") as file:
                yield file
        except OSError as error:
            raise ExportFailed(
                f"{target} could not be written whole: {error.strerror or error}."
                " It is removed; the archive is unharmed."
            ) from error
        with translated(target):
            publish_draft(draft, target, replace=replace)


def element_of(line: bytes, ours: object) -> bytes:
    """The message's JSON in a line of an export, as it was received; `ours` is from that line."""
    if isinstance(ours, dict) and "value" in ours:
        return encode(ours["value"])
    head, tail, _ = line.rpartition(_TAIL)
    return head + b"}" if tail else b"{}"


def _put(tar: tarfile.TarFile, name: str, data: bytes, instant: int) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = len(data), 0o600, instant
    tar.addfile(info, io.BytesIO(data))


def _spliced(body: bytes, ours: dict[str, Any]) -> bytes:
    """Ours at the end of the object as it was received: parsing it could alter its numbers."""
    raw = parse(body)
    if not isinstance(raw, dict):
        return encode({"_ibconsole": {**ours, "value": raw}})
    try:
        body.decode()
        # Between tokens a line break is a space; within strings JSON has none.
        element = body.strip().replace(b"\r", b" ").replace(b"\n", b" ")
    except UnicodeDecodeError:
        element = encode(raw)
    if not raw:
        return b'{"_ibconsole":' + encode(ours) + b"}"
    return element[:-1].rstrip() + _TAIL + encode(ours) + b"}"


def _ours(message: StoredMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "delivery": message.delivery,
        "position": message.position,
        "via": message.via,
        "connection": message.connection,
        "arrivedAt": iso_time(message.arrived_at),
        "flags": _flags(message),
        "duplicateOf": message.duplicate_of,
    }


def _flags(message: StoredMessage) -> list[str]:
    return [flag.name.lower() for flag in Flags if message.flags & flag and flag.name]


def _inside(text: str) -> bytes:
    return encode(text)[1:-1]
