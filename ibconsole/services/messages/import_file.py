"""Import of what this program exported: JSON Lines, or raw bodies in a tar.

Nothing is imported twice, so an import can be repeated, and continued where it was stopped.
Entries that cannot be read are skipped, counted and listed; all others are imported.
"""

import tarfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import msgspec
from msgspec.structs import replace

from ibconsole.archive import (
    ImportedDelivery,
    ImportedMessage,
    ImportResult,
    Progress,
    ProgressCallback,
    Via,
)
from ibconsole.errors import UserError
from ibconsole.model import Undecodable, parse
from ibconsole.plural import counted
from ibconsole.services.messages.export import END
from ibconsole.services.messages.json_lines import (
    LARGEST_NUMBER,
    ExportedSource,
    WholeNumber,
    received_element,
)

_STAGE = "Importing"
_LISTED = 20  # skipped entries; the others are counted
_BATCH = 2_000  # messages of one transaction
LONGEST = 256 << 20  # bytes of a line, and of a member of a tar
_FACTS = frozenset(ImportedDelivery.__struct_fields__) - {"messages", "body", "raw"}


class ImportFailed(UserError):
    """The file is not an export, or cannot be read."""


class ImportSummary(msgspec.Struct, frozen=True):
    """The extent of an import.

    `masked` counts the messages skipped because their codes are masked, `skipped` the entries
    that could not be read; `skipped_places` are the first 20 of these.
    """

    imported: ImportResult
    skipped: int = 0
    masked: int = 0
    skipped_places: tuple[str, ...] = ()


class DeliveryImporter(Protocol):
    """The archive that deliveries are imported into."""

    def import_deliveries(self, deliveries: Sequence[ImportedDelivery], /) -> ImportResult: ...


class _ExportedFields(msgspec.Struct):
    """The fields that the export added to a message."""

    origin: str
    position: WholeNumber
    source: ExportedSource
    start: WholeNumber | None = None
    size: WholeNumber | None = None
    masked: bool = False
    flags: object = None

    @property
    def odd(self) -> bool:
        """True if the message was flagged as odd."""
        return isinstance(self.flags, list) and "odd" in self.flags


class _ExportedLine(msgspec.Struct):
    added: _ExportedFields = msgspec.field(name="_ibconsole")


_decode_line = msgspec.json.Decoder(_ExportedLine).decode


class FileImport:
    """The import of one file. Lines and members of more than `longest` bytes are skipped."""

    def __init__(self, path: Path, archive: DeliveryImporter, *, longest: int = LONGEST) -> None:
        self._path = path
        self._archive = archive
        self._longest = longest
        self._imported = ImportResult()
        self._skipped = self._masked = 0
        self._skipped_places: list[str] = []
        self._batch: dict[str, tuple[ImportedDelivery, list[ImportedMessage]]] = {}
        self._batch_size = 0

    def run(self, on_progress: ProgressCallback) -> ImportSummary:
        """Import the whole file.

        `on_progress` is called often; an exception that it raises ends the import. The messages
        imported before that stay. Raises ImportFailed, ArchiveError.
        """
        try:
            with self._path.open("rb") as file:
                size = self._path.stat().st_size
                on_progress(Progress(_STAGE, 0, size))
                read = self._read_tar if tarfile.is_tarfile(self._path) else self._read_lines
                read(file, lambda done: on_progress(Progress(_STAGE, min(done, size), size)))
        except OSError as error:
            raise ImportFailed(
                f"{self._path} cannot be read: {error.strerror or error}. What was read before is"
                " in the archive."
            ) from error
        self._store_batch()
        if self._imported == ImportResult() and not self._masked and self._skipped:
            raise ImportFailed(
                f"{self._path} is not an export of this program, and nothing was imported. Choose"
                " a file of JSON lines or of raw bodies that it has exported."
            )
        return ImportSummary(
            self._imported, self._skipped, self._masked, tuple(self._skipped_places)
        )

    def _read_lines(self, file: BinaryIO, report: Callable[[int], None]) -> None:
        done = 0
        for number, line in enumerate(_lines_of(file, self._longest), start=1):
            done += len(line)
            if line.strip():
                self._read_line(line, number)
            if number % 100 == 0:
                report(done)

    def _read_line(self, line: bytes, number: int) -> None:
        added = _added_fields(line)
        if added is None:
            self._skip(f"line {number}")
        elif added.masked:
            self._masked += 1
        else:
            self._add_message(added, line, number)

    def _add_message(self, added: _ExportedFields, line: bytes, number: int) -> None:
        try:
            element = received_element(line, parse(line)["_ibconsole"])
        except Undecodable:
            self._skip(f"line {number}")
            return
        message = ImportedMessage(added.position, element, added.start, added.size, odd=added.odd)
        _, messages = self._batch.setdefault(added.origin, (_delivery_of(added), []))
        messages.append(message)
        self._batch_size += 1
        if self._batch_size >= _BATCH:
            self._store_batch()

    def _read_tar(self, file: BinaryIO, report: Callable[[int], None]) -> None:
        """Read of each delivery its facts, its raw request if there is one, then its body."""
        facts: dict[str, Any] | None = None
        ended = False
        with suppress(tarfile.TarError, EOFError, zlib.error):
            for name, data, offset in _members(file, self._longest):
                report(offset)
                ended = name == END
                if not ended:
                    facts = self._read_member(facts, name, data)
        if facts is not None or not ended:
            self._skip("the end, where the file is cut or damaged")

    def _read_member(
        self, facts: dict[str, Any] | None, name: str, data: bytes | None
    ) -> dict[str, Any] | None:
        """Add a member to its delivery's facts; return None if that is complete or invalid."""
        kind = name.rpartition(".")[2]
        if kind == "json":
            facts = _facts_of(data)
        elif facts is not None and data is not None and kind in {"body", "raw"}:
            facts[kind] = data
        if facts is None:
            self._skip(name)
        elif "body" in facts:
            self._add_delivery(ImportedDelivery(**facts))
            return None
        return facts

    def _add_delivery(self, delivery: ImportedDelivery) -> None:
        self._batch[delivery.origin] = (delivery, [])
        self._batch_size += 1 + len(delivery.body or b"") // 1_000
        if self._batch_size >= _BATCH:
            self._store_batch()

    def _store_batch(self) -> None:
        deliveries = [
            replace(delivery, messages=tuple(messages))
            for delivery, messages in self._batch.values()
        ]
        self._batch, self._batch_size = {}, 0
        if not deliveries:
            return
        batch = self._archive.import_deliveries(deliveries)
        self._imported = ImportResult(
            self._imported.deliveries + batch.deliveries,
            self._imported.messages + batch.messages,
            self._imported.existing + batch.existing,
        )

    def _skip(self, place: str) -> None:
        self._skipped += 1
        if len(self._skipped_places) < _LISTED:
            self._skipped_places.append(place)


def describe_import(summary: ImportSummary) -> str:
    """Describe what was imported and what was skipped, in sentences."""
    imported = summary.imported
    sentences = [
        f"{counted(imported.messages, 'message')} imported, of"
        f" {counted(imported.deliveries, 'new pull or forward', 'new pulls or forwards')};"
        f" {imported.existing:,} were there already."
    ]
    if summary.masked:
        sentences.append(
            f"{counted(summary.masked, 'message')} skipped, because their application codes are"
            " masked: export them again with codes revealed."
        )
    if summary.skipped:
        listed = ", ".join(summary.skipped_places)
        more = "" if summary.skipped <= len(summary.skipped_places) else " and more"
        sentences.append(
            f"{counted(summary.skipped, 'entry', 'entries')} skipped, because they cannot be"
            f" read: {listed}{more}."
        )
    return " ".join(sentences)


def _lines_of(file: BinaryIO, longest: int) -> Iterator[bytes]:
    """Yield the lines; of a longer one only the beginning, which is then not valid JSON."""
    while line := file.readline(longest):
        yield line
        while not line.endswith(b"\n") and (line := file.readline(longest)):
            pass


def _added_fields(line: bytes) -> _ExportedFields | None:
    try:
        added = _decode_line(line).added
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # An earlier version exported lines that strict readers refuse.
        try:
            added = msgspec.convert(parse(line), _ExportedLine).added
        except (Undecodable, msgspec.ValidationError):
            return None
    return added if added.position >= 0 and _is_origin(added.origin) else None


def _delivery_of(added: _ExportedFields) -> ImportedDelivery:
    facts = msgspec.structs.asdict(added.source)
    return ImportedDelivery(origin=added.origin, limit_asked=facts.pop("limit"), **facts)


def _facts_of(data: bytes | None) -> dict[str, Any] | None:
    """Read a delivery's facts in a tar; return None if they cannot be imported."""
    try:
        facts = msgspec.json.decode(data or b"", type=dict[str, Any])
        known = {name: value for name, value in facts.items() if name in _FACTS}
        msgspec.convert({**known, "messages": ()}, ImportedDelivery)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    known["headers"] = tuple((name, value) for name, value in known.get("headers", ()))
    known["via"] = Via(known["via"])
    numbers = (value for value in known.values() if isinstance(value, int))
    valid = all(abs(number) <= LARGEST_NUMBER for number in numbers)
    return known if valid and _is_origin(known["origin"]) else None


def _members(file: BinaryIO, longest: int) -> Iterator[tuple[str, bytes | None, int]]:
    """Yield name, content and offset of each member; no content if not a file or too large."""
    with tarfile.open(fileobj=file, mode="r|*") as tar:
        for member in tar:
            yield member.name, _content(tar, member, longest), member.offset


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo, longest: int) -> bytes | None:
    if not member.isreg() or member.size > longest:
        return None
    opened = tar.extractfile(member)
    return opened.read() if opened else None


def _is_origin(text: str) -> bool:
    archive, _, delivery = text.rpartition(":")
    return archive.isalnum() and archive.isascii() and len(archive) == 32 and delivery.isdecimal()
