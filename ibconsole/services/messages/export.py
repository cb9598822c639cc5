"""Export of stored messages: the platform's JSON, with the console's own facts added.

Four formats, each written as a stream: JSON Lines, which can be imported again, CSV and Excel for
spreadsheets, and raw bodies in a tar, which contain everything that was ever received.
"""

import codecs
import io
import tarfile
from collections.abc import Callable, Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING, BinaryIO

import msgspec
from msgspec.structs import asdict

from ibconsole.archive import (
    Delivery,
    DeliveryState,
    Filter,
    MessageValues,
    Progress,
    ProgressCallback,
    Via,
)
from ibconsole.errors import UserError
from ibconsole.model import encode
from ibconsole.plural import counted
from ibconsole.services.connections import JsonColumn
from ibconsole.services.messages.json_lines import (
    ExportedSource,
    message_line,
)
from ibconsole.services.messages.raw_bodies import END
from ibconsole.services.messages.spreadsheet import encode_row, protect_text
from ibconsole.services.messages.spreadsheet_rows import COLUMNS, SpreadsheetRows
from ibconsole.services.messages.workbook import Workbook
from ibconsole.services.protection import PolicyInForce, find_policy

if TYPE_CHECKING:
    from ibconsole.services.messages.message_reader import FullReader

_STAGE = "Exporting"


class ExportFailed(UserError):
    """An export cannot be written."""


class Format(StrEnum):
    """The formats of an export."""

    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"
    RAW = "raw"


class ExportOptions(msgspec.Struct, frozen=True):
    """The format and the messages of an export. `reveal_codes` leaves codes unmasked.

    `columns` follow those of every message, in the formats that have columns.
    """

    format: Format = Format.JSONL
    criteria: Filter = msgspec.field(default_factory=Filter)
    reveal_codes: bool = False
    columns: tuple[JsonColumn, ...] = ()

    @property
    def headers(self) -> tuple[str, ...]:
        """The names of the columns of a spreadsheet."""
        return (*COLUMNS, *(column.name for column in self.columns))


# The flag of the policy, and the beginning of the sentence about it.
RAW_EXPORT = ("forbid_raw_exports", "The export of raw bodies")


HAVE_COLUMNS = frozenset({Format.CSV, Format.XLSX})


class ExportSummary(msgspec.Struct, frozen=True):
    """The extent of an export; `remarks` are sentences on what it leaves out or changes."""

    messages: int
    deliveries: int
    remarks: tuple[str, ...] = ()


class Export:
    """One export of the messages that a reader finds.

    Holds at most a page of messages in memory. Raises ExportFailed, ArchiveError, and NotPermitted
    for raw bodies or readable codes that the administrator's policy keeps on this computer.
    """

    def __init__(
        self,
        reader: "FullReader",
        options: ExportOptions,
        policy: Callable[[], PolicyInForce] = find_policy,
    ) -> None:
        found = policy()
        if options.format is Format.RAW:
            found.require(*RAW_EXPORT)
        if options.reveal_codes or options.format is Format.RAW:
            found.codes.require("An export with readable application codes")
        self._codes = found.codes
        self._reader = reader
        self._options = options
        self._archive = reader.identity()
        self._last_delivery = 0
        self._deliveries = 0
        self._messages = 0
        if options.columns and options.format not in HAVE_COLUMNS:
            raise ExportFailed(
                f"An export as {options.format} has no columns: it has the whole JSON of each"
                " message. Nothing was written; choose csv or xlsx for columns."
            )
        self._rows = SpreadsheetRows(reveal_codes=options.reveal_codes, columns=options.columns)
        self._workbook: Workbook | None = None
        self._last = 0
        self._newest = reader.last_id()

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
        if self._options.format is Format.XLSX:
            self._write_workbook(file, on_progress)
            return
        if self._options.format is Format.CSV:
            # Spreadsheets recognize UTF-8 by the byte order mark only.
            file.write(
                codecs.BOM_UTF8 + encode_row([protect_text(one) for one in self._options.headers])
            )
        encode_page = self._csv_page if self._options.format is Format.CSV else self._json_page
        for page in self._pages():
            on_progress(self._progress(self._last))
            file.write(self._codes.body(encode_page(page)))
        on_progress(self._progress(self._newest or 0))

    def _progress(self, last: int) -> Progress:
        if self._newest is None:
            return Progress(_STAGE)
        return Progress(_STAGE, min(last, self._newest), self._newest)

    def _pages(self) -> Iterator[Sequence[MessageValues]]:
        """Find the messages that exist now; those that arrive meanwhile are left out."""
        for page in filter(None, self._reader.pages(self._options.criteria)):
            self._last = page[-1].id
            newest = self._last if self._newest is None else self._newest
            is_last = self._last > newest
            found = [one for one in page if one.id <= newest] if is_last else page
            self._messages += len(found)
            yield found
            if is_last:
                return

    def _json_page(self, page: Sequence[MessageValues]) -> bytes:
        sources = self._sources(page)
        masked = not self._options.reveal_codes
        lines = []
        for message in page:
            if not (source := sources.get(message.delivery)):
                self._messages -= 1  # deleted meanwhile
                continue
            origin, facts = source
            start, size = message.start, message.size
            added = (
                f'{origin},"start":{"null" if start is None else start},'
                f'"size":{"null" if size is None else size}{facts}'
            )
            lines.append(message_line(message, added, masked=masked))
        return b"".join(lines)

    def _sources(self, page: Sequence[MessageValues]) -> dict[int, tuple[str, str]]:
        """Return the facts of the deliveries of a page, as members of `_ibconsole`."""
        wanted = list(dict.fromkeys(message.delivery for message in page))
        sources = {}
        for facts in self._reader.facts(wanted):
            origin = encode(facts.origin or f"{self._archive}:{facts.id}").decode()
            answer = facts.answer or msgspec.UNSET  # left out of most lines
            source = encode(ExportedSource(*facts[2:-1], answer)).decode()
            sources[facts.id] = (f',"origin":{origin}', f',"source":{source}')
        self._count_deliveries(wanted)
        return sources

    def _count_deliveries(self, found: Sequence[int]) -> None:
        """Count the deliveries of a page, whose first may be the last of the page before."""
        if found:
            self._deliveries += len(found) - (found[0] == self._last_delivery)
            self._last_delivery = found[-1]

    def _csv_page(self, page: Sequence[MessageValues]) -> bytes:
        self._count_deliveries(list(dict.fromkeys(message.delivery for message in page)))
        return b"".join(map(self._rows.csv_row, page))

    def _write_workbook(self, file: BinaryIO, on_progress: ProgressCallback) -> None:
        with Workbook(file, self._options.headers) as workbook:
            self._workbook = workbook
            for page in self._pages():
                on_progress(self._progress(self._last))
                self._count_deliveries(list(dict.fromkeys(one.delivery for one in page)))
                for message in page:
                    cells = self._rows.texts(message)
                    masked = self._codes.masked
                    workbook.add([self._codes.text(one) for one in cells] if masked else cells)
        on_progress(self._progress(self._newest or 0))

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
        if self._rows.protected:
            cells = counted(self._rows.protected, "cell")
            yield (
                f"{cells} got an apostrophe, so that spreadsheets show formulas, long numbers and"
                " dates as they are."
            )
        if self._workbook:
            yield from self._workbook.remarks
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


def origin_of(delivery: Delivery, archive: str) -> str:
    """Return the name that identifies a delivery in every archive.

    It is "archive:delivery" of the archive that received it; `archive` is the identity of
    this one.
    """
    return delivery.origin or f"{archive}:{delivery.id}"


def _add_member(tar: tarfile.TarFile, name: str, data: bytes, modified_at: int) -> None:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = len(data), 0o600, modified_at
    tar.addfile(info, io.BytesIO(data))
