"""Export of stored messages: the platform's JSON, with the console's own facts added.

Three formats, each written as a stream: JSON Lines, which can be imported again, CSV for
spreadsheets, and raw bodies in a tar, which contain everything that was ever received.
"""

import io
import tarfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO

import msgspec
from msgspec.structs import asdict

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
from ibconsole.files import draft_file, publish_draft, replaceable, require_absent
from ibconsole.model import encode, parse
from ibconsole.plural import counted
from ibconsole.services.messages.spreadsheet import (
    encode_row,
    protect_id,
    protect_json,
    protect_text,
)
from ibconsole.text import mask_code

_TAIL = b',"_ibconsole":'
_STAGE = "Exporting"
_CHUNK = 1 << 20
END = "end"  # the name of the last member of a tar
COLUMNS = (
    "id", "arrivedAt", "receivedAt", "via", "connection", "delivery", "position", "messageId",
    "applicationCode", "from", "keyword", "text", "flags", "duplicateOf", "json",
)  # fmt: skip
# The facts of a delivery that are exported with each of its messages. Not among them: the path
# of a forward, which protects the listener from others, the headers and the raw bytes.
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
    """An export cannot be written."""


class Format(StrEnum):
    """The formats of an export."""

    JSONL = "jsonl"
    CSV = "csv"
    RAW = "raw"


class ExportOptions(msgspec.Struct, frozen=True):
    """The format and the messages of an export. `reveal_codes` leaves codes unmasked."""

    format: Format = Format.JSONL
    criteria: Filter = msgspec.field(default_factory=Filter)
    reveal_codes: bool = False


class ExportSummary(msgspec.Struct, frozen=True):
    """The extent of an export; `remarks` are sentences on what it leaves out or changes."""

    messages: int
    deliveries: int
    remarks: tuple[str, ...] = ()


class Export:
    """One export of the messages that a reader finds.

    Holds at most a page of messages in memory. Raises ExportFailed, ArchiveError.
    """

    def __init__(self, reader: Reader, options: ExportOptions) -> None:
        self._reader = reader
        self._options = options
        self._archive = reader.identity()
        self._source: Delivery | None = None
        self._deliveries = 0
        self._messages = 0
        self._protected_cells = 0
        self._last = 0
        self._newest = reader.counts().newest_message

    @property
    def summary(self) -> ExportSummary:
        """The extent of the export, after `write` has returned."""
        return ExportSummary(self._messages, self._deliveries, tuple(self._remarks()))

    def write(self, file: BinaryIO, on_progress: ProgressCallback) -> None:
        """Write the export.

        `on_progress` is called often; an exception that it raises ends the export.
        """
        if self._options.format is Format.RAW:
            self._write_raw(file, on_progress)
            return
        lines = self._csv() if self._options.format is Format.CSV else self._json_lines()
        for index, line in enumerate(lines):
            file.write(line)
            if index % 100 == 0:
                on_progress(Progress(_STAGE, min(self._last, self._newest), self._newest))

    def _find(self) -> Iterator[tuple[StoredMessage, Delivery]]:
        """Find the messages that exist now; those that arrive meanwhile are left out."""
        for message in self._reader.messages(self._options.criteria):
            if message.id > self._newest:
                return
            if self._source is None or self._source.id != message.delivery:
                self._source = self._reader.delivery(message.delivery)
                self._deliveries += 1
            if self._source is None:
                continue  # deleted meanwhile
            self._last = message.id
            self._messages += 1
            yield message, self._source

    def _json_lines(self) -> Iterator[bytes]:
        for message, source in self._find():
            yield self._json_line(message, source)

    def _json_line(self, message: StoredMessage, source: Delivery) -> bytes:
        facts = asdict(source)
        added = {
            **_own_fields(message),
            "origin": origin_of(source, self._archive),
            "start": message.start,
            "size": message.size,
            "source": {name: facts[field] for field, name in _SOURCE.items()},
        }
        code = message.application_code
        if code and not self._options.reveal_codes:
            added["masked"] = True
            raw = parse(message.body)
            whole = {**raw, "_ibconsole": added} if isinstance(raw, dict) else None
            line = encode(whole or {"_ibconsole": {**added, "value": raw}})
            return line.replace(_json_text(code), _json_text(mask_code(code))) + b"\n"
        return _spliced(message.body, added) + b"\n"

    def _csv(self) -> Iterator[bytes]:
        # Spreadsheets recognize UTF-8 by the byte order mark only.
        yield b"\xef\xbb\xbf" + encode_row(COLUMNS)
        for message, _ in self._find():
            yield encode_row(self._cells(message))

    def _cells(self, message: StoredMessage) -> tuple[str, ...]:
        code, body = message.application_code, message.body.decode(errors="replace")
        if code and not self._options.reveal_codes:
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
            self._protected(protect_id, message.message_id),
            self._protected(protect_id, code),
            self._protected(protect_id, message.sender),
            self._protected(protect_text, message.keyword),
            self._protected(protect_text, message.text),
            " ".join(_flag_names(message)),
            "" if message.duplicate_of is None else str(message.duplicate_of),
            protect_json(body),
        )

    def _protected(self, protect: Callable[[str], str], text: str) -> str:
        protected = protect(text)
        self._protected_cells += protected != text
        return protected

    def _write_raw(self, file: BinaryIO, on_progress: ProgressCallback) -> None:
        if not self._options.reveal_codes:
            raise ExportFailed(
                "Raw bodies contain application codes, which are also the mobile SDK's"
                " credential, and the listener's path. Nothing was written; say that they may be"
                " revealed."
            )
        deliveries = self._matching_deliveries()
        with tarfile.open(fileobj=file, mode="w|", format=tarfile.PAX_FORMAT) as tar:
            for done, one in enumerate(deliveries):
                on_progress(Progress(_STAGE, done, len(deliveries)))
                delivery = self._reader.delivery(one)
                if delivery and delivery.state in {DeliveryState.DECODED, DeliveryState.RECEIVED}:
                    self._add(tar, delivery)
            # A tar that was cut between two members is valid; the last member shows it is whole.
            _add_member(tar, END, encode({"deliveries": self._deliveries}), 0)

    def _matching_deliveries(self) -> list[int]:
        """Return those with matching messages; without a filter also those without messages."""
        if self._options.criteria == Filter():
            return sorted(one for via in Via for one in self._reader.find_deliveries(via))
        return self._reader.deliveries_matching(self._options.criteria)

    def _add(self, tar: tarfile.TarFile, delivery: Delivery) -> None:
        facts = {**asdict(delivery), "origin": origin_of(delivery, self._archive)}
        name = f"deliveries/{delivery.id:010}"
        body = self._reader.delivery_body(delivery.id)
        raw = self._reader.delivery_raw(delivery.id)
        # The body comes last: wherever the file may be cut, a delivery with a body is whole.
        members = [(f"{name}.json", encode(facts)), (f"{name}.body", body)]
        if raw:
            members.insert(1, (f"{name}.raw", raw))
        if not body and delivery.origin and delivery.message_count:
            return  # imported without its body
        for member, data in members:
            _add_member(tar, member, data, delivery.began_at // 1000)
        self._deliveries += 1
        self._messages += delivery.message_count

    def _remarks(self) -> Iterator[str]:
        if self._protected_cells:
            cells = counted(self._protected_cells, "cell")
            yield (
                f"{cells} got an apostrophe, so that spreadsheets show formulas, long numbers and"
                " dates as they are."
            )
        if self._options.format is Format.RAW or self._options.criteria != Filter():
            return
        counts = self._reader.counts()
        if more := counts.pulls + counts.forwards - self._deliveries:
            verb = "is" if more == 1 else "are"
            yield (
                f"{counted(more, 'pull or forward', 'pulls or forwards')} without messages {verb}"
                " not included; an export of raw bodies contains them."
            )
        if self._options.format is Format.JSONL and not self._options.reveal_codes:
            yield "Application codes are masked, so it cannot be imported again."


def export_file(
    archive: Path,
    target: Path,
    options: ExportOptions,
    on_progress: ProgressCallback,
    *,
    replace: bool = False,
) -> ExportSummary:
    """Export to a file, 0600, that appears only when it is complete.

    Replaces an existing file only with `replace`, and only a regular one. Raises ExportFailed,
    ArchiveError.
    """
    with Reader(archive) as reader, _new_file(target, replace=replace) as file:
        export = Export(reader, options)
        export.write(file, on_progress)
        return export.summary


def save_body(
    archive: Path, delivery: int, target: Path, on_progress: ProgressCallback, *, raw: bool
) -> int:
    """Write a delivery's body, or its raw request, to a file; return its size in bytes.

    Replaces an existing file, which the user has confirmed. Raises ExportFailed, ArchiveError.
    """
    done = 0
    with Reader(archive) as reader, _new_file(target, replace=True) as file:
        while (chunk := reader.slice(delivery, done, _CHUNK, raw=raw)).data:
            file.write(chunk.data)
            done += len(chunk.data)
            on_progress(Progress("Saving", done, chunk.total))
    return done


def message_object(message: StoredMessage) -> dict[str, Any]:
    """Return the platform's fields, unknown ones too, and the console's under `_ibconsole`.

    Times are ISO 8601 in UTC. A message that is not an object is `_ibconsole.value`.
    """
    raw = parse(message.body)
    if not isinstance(raw, dict):
        return {"_ibconsole": {**_own_fields(message), "value": raw}}
    return {**raw, "_ibconsole": _own_fields(message)}


def iso_time(instant: int) -> str:
    """Format milliseconds since the epoch as ISO 8601 in UTC."""
    return datetime.fromtimestamp(instant / 1000, UTC).isoformat(timespec="milliseconds")


def origin_of(delivery: Delivery, archive: str) -> str:
    """Return the name that identifies a delivery in every archive.

    It is "archive:delivery" of the archive that received it; `archive` is the identity of
    this one.
    """
    return delivery.origin or f"{archive}:{delivery.id}"


def received_element(line: bytes, added: object) -> bytes:
    """Return the message's JSON as received from a line of an export.

    `added` is the value of `_ibconsole` in that line.
    """
    if isinstance(added, dict) and "value" in added:
        return encode(added["value"])
    head, tail, _ = line.rpartition(_TAIL)
    return head + b"}" if tail else b"{}"


@contextmanager
def _new_file(target: Path, *, replace: bool) -> Iterator[BinaryIO]:
    """Open a file for writing that gets its name only when it is complete."""
    with ExitStack() as stack:
        with translated(target):
            if not replace:
                require_absent(target)
            final = replaceable(target)
            draft = stack.enter_context(draft_file(final))
        try:
            with draft.open("wb") as file:
                yield file
        except OSError as error:
            raise ExportFailed(
                f"{target} could not be written completely: {error.strerror or error}."
                " It was removed; the archive is unharmed."
            ) from error
        with translated(target):
            publish_draft(draft, final, replace=replace)


def _add_member(tar: tarfile.TarFile, name: str, data: bytes, modified_at: int) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = len(data), 0o600, modified_at
    tar.addfile(info, io.BytesIO(data))


def _spliced(body: bytes, added: dict[str, Any]) -> bytes:
    """Append `_ibconsole` to the object's bytes: encoding them again could alter numbers."""
    raw = parse(body)
    if not isinstance(raw, dict):
        return encode({"_ibconsole": {**added, "value": raw}})
    try:
        body.decode()
        # Between tokens a line break is a space; within strings JSON has none.
        element = body.strip().replace(b"\r", b" ").replace(b"\n", b" ")
    except UnicodeDecodeError:
        element = encode(raw)
    if not raw:
        return b'{"_ibconsole":' + encode(added) + b"}"
    return element[:-1].rstrip() + _TAIL + encode(added) + b"}"


def _own_fields(message: StoredMessage) -> dict[str, Any]:
    return {
        "id": message.id,
        "delivery": message.delivery,
        "position": message.position,
        "via": message.via,
        "connection": message.connection,
        "arrivedAt": iso_time(message.arrived_at),
        "flags": _flag_names(message),
        "duplicateOf": message.duplicate_of,
    }


def _flag_names(message: StoredMessage) -> list[str]:
    return [flag.name.lower() for flag in Flags if message.flags & flag and flag.name]


def _json_text(text: str) -> bytes:
    """Encode a text as it stands between the quotes of a JSON string."""
    return encode(text)[1:-1]
