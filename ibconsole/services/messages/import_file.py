"""Import of what this program exported: JSON Lines, or raw bodies in a tar.

Nothing is imported twice, so an import can be repeated, and continued where it was stopped.
Entries that cannot be read are skipped, counted and listed; all others are imported.
"""

import tempfile
from collections.abc import Callable, Sequence
from functools import partial
from hashlib import sha256
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
from ibconsole.clock import now_ms
from ibconsole.model import Undecodable, parse, read_batch
from ibconsole.plural import counted
from ibconsole.services.messages.import_source import PlainSource, open_sources
from ibconsole.services.messages.json_lines import (
    LARGEST_NUMBER,
    ExportedSource,
    WholeNumber,
    received_element,
)
from ibconsole.services.messages.json_objects import FileWindow, ObjectFinder
from ibconsole.services.messages.packed_files import ImportFailed
from ibconsole.services.messages.raw_bodies import TarIndex, read_index

_STAGE = "Importing"
_CUT_END = "the end, where the file is cut or damaged"
_LISTED = 20  # skipped entries; the others are counted
_BATCH = 2_000  # messages of one transaction
LONGEST = 256 << 20  # bytes of a line, and of a member of a tar
_LONGEST_ANSWER = 64 << 20  # bytes of a file that is no export
_LARGEST_EMPTY = 1 << 16  # bytes
_MARKER = b'"_ibconsole"'
_FACTS = frozenset(ImportedDelivery.__struct_fields__) - {"messages", "body", "raw"}


class ImportSummary(msgspec.Struct, frozen=True):
    """The extent of an import.

    `masked` counts the messages skipped because their codes are masked, `skipped` the entries
    that could not be read; `skipped_places` are the first 20 of these. `is_answer` is true for an
    answer of the platform, which is no export.
    """

    imported: ImportResult
    skipped: int = 0
    masked: int = 0
    skipped_places: tuple[str, ...] = ()
    is_answer: bool = False


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

    def __init__(
        self,
        source: Path | BinaryIO,
        archive: DeliveryImporter,
        *,
        folder: Path | None = None,
        longest: int = LONGEST,
    ) -> None:
        self._source = source
        self._name = str(source) if isinstance(source, Path) else "The input"
        self._archive = archive
        self._folder = folder or Path(tempfile.gettempdir())
        self._longest = longest
        self._imported = ImportResult()
        self._skipped = self._masked = 0
        self._is_answer = False
        self._skipped_places: list[str] = []
        self._part = ""  # the file in an archive, before the places in it
        self._batch: dict[str, tuple[ImportedDelivery, list[ImportedMessage]]] = {}
        self._batch_size = 0

    def run(self, on_progress: ProgressCallback) -> ImportSummary:
        """Import the whole file.

        `on_progress` is called often; an exception that it raises ends the import. The messages
        imported before that stay. Raises ImportFailed, ArchiveError.
        """
        on_progress(Progress(_STAGE))
        check = partial(on_progress, Progress("Reading"))
        try:
            with open_sources(self._source, self._folder, check) as sources:
                for plain in sources:
                    self._part = f"{plain.name}: " if plain.name else ""
                    self._read(plain, on_progress)
        except OSError as error:
            raise ImportFailed(
                f"{self._name} cannot be read: {error.strerror or error}. What was read before is"
                " in the archive."
            ) from error
        self._store_batch()
        if self._imported == ImportResult() and not self._masked and self._skipped:
            raise ImportFailed(
                f"{self._name} is not an export of this program, and nothing was imported. Choose"
                " a file of JSON lines or of raw bodies that it has exported."
            )
        return ImportSummary(
            self._imported,
            self._skipped,
            self._masked,
            tuple(self._skipped_places),
            is_answer=self._is_answer,
        )

    def _read(self, plain: PlainSource, on_progress: ProgressCallback) -> None:
        file, size = plain.file, plain.size

        def report(done: int) -> None:
            on_progress(Progress(_STAGE, min(done, size), size))

        report(0)
        if tar_index := read_index(file, size, self._longest, report):
            self._read_tar(tar_index, report, cut=plain.cut)
            return
        before = self._skipped, len(self._skipped_places)
        found = self._read_objects(FileWindow(file, size, report))
        if plain.cut:
            self._skip(_CUT_END)
        elif found:
            return
        elif self._skipped > before[0]:
            self._read_answer(file, size, before)
        elif not _is_empty(file, size):
            self._skip("line 1")

    def _read_answer(self, file: BinaryIO, size: int, before: tuple[int, int]) -> None:
        """Read a file that is an answer of the platform, as another program saved it, as a pull.

        Its hash is its identity, so that it is imported once. `before` are the numbers of skipped
        entries and of listed places before this file.
        """
        file.seek(0)
        body = file.read(size) if size <= _LONGEST_ANSWER else b""
        if not _is_answer(body) or _MARKER in body:
            return
        self._skipped, self._is_answer = before[0], True
        del self._skipped_places[before[1] :]
        origin = f"{sha256(body).hexdigest()[:32]}:1"
        self._add_delivery(ImportedDelivery(origin, Via.PULL, now_ms(), body=body))

    def _read_objects(self, window: FileWindow) -> int:
        """Import the exported messages of a text; return how many were found."""
        finder = ObjectFinder(
            window, marker="_ibconsole", read=_added_fields, longest=self._longest
        )
        exported = 0
        for found in finder.find():
            exported += found.value is not None
            if found.value is None:
                self._skip(found.place)
            elif found.value.masked:
                self._masked += 1
            else:
                self._add_message(found.value, found.data, found.place)
        return exported

    def _add_message(self, added: _ExportedFields, line: bytes, place: str) -> None:
        try:
            element = received_element(line, parse(line)["_ibconsole"])
        except Undecodable:
            self._skip(place)
            return
        message = ImportedMessage(added.position, element, added.start, added.size, odd=added.odd)
        _, messages = self._batch.setdefault(added.origin, (_delivery_of(added), []))
        messages.append(message)
        self._batch_size += 1
        if self._batch_size >= _BATCH:
            self._store_batch()

    def _read_tar(self, index: TarIndex, report: Callable[[int], None], *, cut: bool) -> None:
        """Read of each delivery its facts, its body, and its raw request if there is one."""
        for place in index.unknown:
            self._skip(place)
        is_whole = index.ended and not cut
        for name, parts in index.deliveries.items():
            facts = _facts_of(index.read(parts["json"])) if "json" in parts else None
            if facts is not None and "body" in parts:
                facts |= {kind: index.read(part) for kind, part in parts.items() if kind != "json"}
                self._add_delivery(ImportedDelivery(**facts))
            elif is_whole or name != index.last:  # of a cut tar the last one is its end
                self._skip(name)
            report(index.offset_of(name))
        if not is_whole:
            self._skip(_CUT_END)

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
            self._skipped_places.append(f"{self._part}{place}")


def describe_import(summary: ImportSummary) -> str:
    """Describe what was imported and what was skipped, in sentences."""
    imported = summary.imported
    sentences = [
        f"{counted(imported.messages, 'message')} imported, of"
        f" {counted(imported.deliveries, 'new pull or forward', 'new pulls or forwards')};"
        f" {imported.existing:,} were there already."
    ]
    if summary.is_answer:
        sentences.append(
            "The file is an answer of the platform that another program saved: the time of the pull"
            " is not known, and that of the import is shown."
        )
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


def _is_empty(file: BinaryIO, size: int) -> bool:
    """Return whether a file is an export of no message: blank, or an empty array."""
    file.seek(0)
    return size <= _LARGEST_EMPTY and b"".join(file.read().split()) in {b"", b"[]"}


def _is_answer(body: bytes) -> bool:
    """Return whether these bytes hold messages of the platform, and nothing else."""
    try:
        messages = read_batch(body).messages
    except Undecodable:
        return False
    return bool(messages) and all(each.message_id and each.known for each in messages)


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
    facts["answer"] = facts["answer"] or None
    return ImportedDelivery(origin=added.origin, limit_asked=facts.pop("limit"), **facts)


def _facts_of(data: bytes | None) -> dict[str, Any] | None:
    """Read a delivery's facts in a tar; return None if they cannot be imported."""
    try:
        facts = msgspec.json.decode(data or b"", type=dict[str, Any])
        known = {name: value for name, value in facts.items() if name in _FACTS}
        converted = msgspec.convert({**known, "messages": ()}, ImportedDelivery)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    known["headers"] = tuple((name, value) for name, value in known.get("headers", ()))
    known["via"] = Via(known["via"])
    known["answer"] = converted.answer
    numbers = (value for value in known.values() if isinstance(value, int))
    valid = all(abs(number) <= LARGEST_NUMBER for number in numbers)
    return known if valid and _is_origin(known["origin"]) else None


def _is_origin(text: str) -> bool:
    archive, _, delivery = text.rpartition(":")
    return archive.isalnum() and archive.isascii() and len(archive) == 32 and delivery.isdecimal()
