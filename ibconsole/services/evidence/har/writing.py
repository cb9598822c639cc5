"""Writing of an archive, entry by entry, so that its size needs no memory."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from ibconsole import __version__
from ibconsole.archive import Filter, Progress, ProgressCallback, Reader, Via
from ibconsole.model import encode
from ibconsole.plural import counted
from ibconsole.services.evidence.har.redaction import ExchangeRedaction, LogRedaction
from ibconsole.services.evidence.har.sources import (
    StoredExchange,
    delivery_entry,
    forward_test_entry,
    request_entry,
)
from ibconsole.services.evidence.har.values import HarEntry
from ibconsole.services.forward_test import ForwardTest, from_record
from ibconsole.services.messages import new_file, origin_of
from ibconsole.services.protection import PolicyInForce, ShownCodes, find_policy
from ibconsole.services.request_log import Entry

if TYPE_CHECKING:
    from ibconsole.services.messages import FullReader

_STAGE = "Exporting"
_MOST_TESTS = 100_000
_ABOUT = (
    "Written by ibconsole. Credentials and cookies are masked. A comment says where a body is not"
    " whole; what was masked, and what is not known to HAR, is in `_ibconsole`."
)
_CODES = "An archive with readable application codes"
_MASKED = (
    "Application codes are masked, so its messages cannot be imported again; credentials are masked"
    " in any case."
)


class HarSummary(msgspec.Struct, frozen=True):
    """The extent of an archive: its entries, and how many bodies in them are not whole."""

    entries: int
    cut: int = 0
    masked: bool = True

    @property
    def remarks(self) -> tuple[str, ...]:
        """Sentences on what it leaves out or changes."""
        found = []
        if self.cut:
            verb = "has a body" if self.cut == 1 else "have a body"
            found.append(f"{counted(self.cut, 'entry', 'entries')} {verb} that is not whole.")
        if self.masked:
            found.append(_MASKED)
        return tuple(found)


class HarOptions(msgspec.Struct, frozen=True):
    """The deliveries of an archive: those with messages that match, all without a filter."""

    criteria: Filter = msgspec.field(default_factory=Filter)
    reveal_codes: bool = False


class HarWriter:
    """Writes one archive. `redaction` masks every part of what it is given.

    `codes` says whether application codes may be readable on this computer at all.
    """

    def __init__(
        self,
        redaction: ExchangeRedaction,
        codes: ShownCodes = ShownCodes(),  # noqa: B008 a frozen value
        *,
        masked: bool = True,
    ) -> None:
        self.redaction = redaction
        self._codes = codes
        self._masked = masked
        self._entries = self._cut = 0

    @property
    def summary(self) -> HarSummary:
        """The extent of what was written."""
        return HarSummary(self._entries, self._cut, self._masked)

    def write(self, file: BinaryIO, entries: Iterable[HarEntry]) -> None:
        """Write a whole document; `entries` are taken one by one."""
        head = {"version": "1.2", "creator": {"name": "ibconsole", "version": __version__}}
        file.write(b'{"log":' + encode(head)[:-1] + b',"entries":[')
        for entry in entries:
            # As builtins: what no JSON can hold in it is replaced.
            line = self._codes.body(encode(msgspec.to_builtins(entry)))
            file.write((b",\n" if self._entries else b"\n") + line)
            self._entries += 1
            self._cut += "cut" in entry.facts
        file.write(b'\n],"comment":' + encode(_ABOUT) + b"}}\n")

    def write_deliveries(
        self,
        file: BinaryIO,
        reader: "FullReader",
        criteria: Filter,
        on_progress: ProgressCallback,
    ) -> None:
        """Write the pulls and forwards whose messages match, with their answers, oldest first."""

        def entries() -> Iterator[HarEntry]:
            found, archive = _matching(reader, criteria), reader.identity()
            for done, number in enumerate(found):
                on_progress(Progress(_STAGE, done, len(found)))
                if (delivery := reader.delivery(number)) is None:
                    continue  # deleted meanwhile
                yield delivery_entry(
                    StoredExchange(
                        delivery,
                        reader.delivery_body(number),
                        reader.delivery_raw(number) if delivery.via is Via.FORWARD else b"",
                        origin_of(delivery, archive),
                    ),
                    self.redaction,
                )

        self.write(file, entries())

    def write_tests(self, file: BinaryIO, reader: Reader) -> None:
        """Write the forward tests of this disk's archive, oldest first."""
        records = reversed(reader.forward_tests(_MOST_TESTS))
        self.write(file, (forward_test_entry(from_record(one), self.redaction) for one in records))

    def write_requests(self, file: BinaryIO, requests: Iterable[Entry]) -> None:
        """Write requests of the program's log in their order."""
        self.write(file, (request_entry(one, self.redaction) for one in requests))


def har_writer(
    *, reveal_codes: bool = False, policy: Callable[[], PolicyInForce] = find_policy
) -> HarWriter:
    """Return a writer with the redaction of the request log.

    Raises NotPermitted for readable codes that the administrator's policy keeps on this computer.
    """
    codes = policy().codes
    if reveal_codes:
        codes.require(_CODES)
    return HarWriter(LogRedaction(mask=not reveal_codes), codes, masked=not reveal_codes)


def export_deliveries(
    opener: "Callable[[], FullReader]",
    target: Path,
    options: HarOptions,
    on_progress: ProgressCallback,
    *,
    replace: bool = False,
) -> HarSummary:
    """Write an archive to a file, 0600, that appears only when it is complete.

    Raises ExportFailed, ArchiveError, NotPermitted.
    """
    writer = har_writer(reveal_codes=options.reveal_codes)
    with closing(opener()) as reader, new_file(target, replace=replace) as file:
        writer.write_deliveries(file, reader, options.criteria, on_progress)
    return writer.summary


def save_requests(requests: Iterable[Entry], target: Path) -> HarSummary:
    """Write requests of the program's log, with masked codes, to a file, 0600.

    Replaces an existing file, which the user has confirmed. Blocks: call it on a thread. Raises
    ExportFailed.
    """
    writer = har_writer()
    with new_file(target, replace=True) as file:
        writer.write_requests(file, requests)
    return writer.summary


def save_test(test: ForwardTest, target: Path) -> HarSummary:
    """Write a forward test to a file, 0600, with masked codes; see `save_requests`."""
    writer = har_writer()
    with new_file(target, replace=True) as file:
        writer.write(file, (forward_test_entry(test, writer.redaction),))
    return writer.summary


def export_tests(
    archive: Path, target: Path, *, reveal_codes: bool = False, replace: bool = False
) -> HarSummary:
    """Write the recorded forward tests to a file, 0600.

    Raises ExportFailed, ArchiveError, NotPermitted.
    """
    writer = har_writer(reveal_codes=reveal_codes)
    with Reader(archive) as reader, new_file(target, replace=replace) as file:
        writer.write_tests(file, reader)
    return writer.summary


def _matching(reader: "FullReader", criteria: Filter) -> list[int]:
    if criteria == Filter():
        return sorted(one for via in Via for one in reader.find_deliveries(via))
    return reader.deliveries_matching(criteria)
