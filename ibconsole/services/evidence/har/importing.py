"""Messages from an archive: forwards that another tool recorded, and answers to pulls.

They are imported as exports are, with their bodies as they were recorded. Their origin begins with
`har`, which says where they come from, and names their bytes and their time, so that nothing is
imported twice. What this program wrote keeps its origin.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import msgspec

from ibconsole.archive import ImportedDelivery, ImportResult, Progress, ProgressCallback, Via
from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.model import Undecodable, content_type_of, read_batch, unwrap
from ibconsole.plural import counted
from ibconsole.services.evidence.har.reading import HarDocument, ReadExchange, read_har
from ibconsole.services.intake import open_archive
from ibconsole.services.messages import run_in_worker

_STAGE = "Importing"
_BATCH = 200  # deliveries of one transaction
_BATCH_SIZE = 16 << 20  # bytes of their bodies
_LISTED = 20
_PULL_PATH = "/push/1/inbox/reports"
_LARGEST_BODY = 64 << 20
PROVENANCE = "har"


class DeliveryStore(Protocol):
    """The archive that deliveries are imported into."""

    def import_deliveries(self, deliveries: Sequence[ImportedDelivery], /) -> ImportResult: ...


class NoSuchEntry(UserError):
    """An archive has no entry of this number with a body that could be sent."""


class HarImport(msgspec.Struct, frozen=True):
    """The extent of an import of an archive.

    `others` counts the entries that are no pull and no forward, `masked` those whose codes or
    secrets were masked when they were written, `skipped` those that cannot be read, whose first 20
    numbers are listed.
    """

    imported: ImportResult = ImportResult()
    others: int = 0
    masked: int = 0
    skipped: int = 0
    skipped_numbers: tuple[int, ...] = ()

    @property
    def sentence(self) -> str:
        """Sentences about what was imported, and what was not."""
        imported = self.imported
        sentences = [
            f"{counted(imported.messages, 'message')} imported, of"
            f" {counted(imported.deliveries, 'new pull or forward', 'new pulls or forwards')};"
            f" {imported.existing:,} were there already."
        ]
        if self.others:
            verb = "is" if self.others == 1 else "are"
            entries = counted(self.others, "other entry", "other entries")
            sentences.append(f"{entries} {verb} no pull and no forward of messages.")
        if self.masked:
            entries = counted(self.masked, "entry", "entries")
            sentences.append(
                f"{entries} skipped, because their bodies are masked: export them again with codes"
                " revealed."
            )
        if self.skipped:
            listed = ", ".join(map(str, self.skipped_numbers))
            more = "" if self.skipped <= len(self.skipped_numbers) else " and more"
            entries = counted(self.skipped, "entry", "entries")
            sentences.append(
                f"{entries} skipped, because they cannot be read: number {listed}{more}."
            )
        return " ".join(sentences)


def import_har(
    document: HarDocument, archive: DeliveryStore, on_progress: ProgressCallback
) -> HarImport:
    """Import every forward and every answer to a pull that has messages.

    `on_progress` is called often; an exception that it raises ends the import, and what was
    imported before stays. Raises ArchiveError.
    """
    importer = _Importer(archive)
    for number, exchange in document.exchanges():
        on_progress(Progress(_STAGE, number - 1, len(document)))
        importer.add(number, exchange)
    return importer.finish()


def import_har_file(source: Path, archive_file: Path, on_progress: ProgressCallback) -> HarImport:
    """Import a file into the archive of this disk; see `import_har`. Raises HarUnreadable too."""
    on_progress(Progress(_STAGE))
    document = read_har(source)
    with open_archive(archive_file) as archive:
        return import_har(document, archive, on_progress)


class HarTransfer:
    """Imports of files into the archive of this disk, in a worker thread; belongs to one loop."""

    def __init__(self, archive: Path) -> None:
        self._archive = archive

    async def import_har(self, source: Path, on_progress: ProgressCallback) -> HarImport:
        """Import a file; see `import_har_file`. What was imported before cancelling stays."""
        return await run_in_worker(
            lambda report: import_har_file(source, self._archive, report), on_progress
        )


def payload_of(document: HarDocument, number: int | None = None) -> bytes:
    """Return the body of a request, to be sent as a forward test: the first POST by default.

    Raises NoSuchEntry.
    """
    for found, exchange in document.exchanges():
        if exchange is None or (number is not None and found != number):
            continue
        if exchange.body and (number is not None or exchange.method.upper() == "POST"):
            return exchange.body
    which = "a POST" if number is None else f"an entry {number}"
    raise NoSuchEntry(
        f"The file has no readable body of {which}. Nothing was sent; `ibconsole har list` shows"
        " its entries."
    )


class _Importer:
    def __init__(self, archive: DeliveryStore) -> None:
        self._archive = archive
        self._batch: list[ImportedDelivery] = []
        self._size = 0
        self._imported = ImportResult()
        self._others = self._masked = self._skipped = 0
        self._numbers: list[int] = []

    def add(self, number: int, exchange: ReadExchange | None) -> None:
        if exchange is None:
            self._skipped += 1
            self._numbers += [number] if len(self._numbers) < _LISTED else []
        elif (delivery := delivery_of(exchange)) is None:
            self._others += 1
        elif is_masked(exchange, delivery.via):
            self._masked += 1
        else:
            self._batch.append(delivery)
            self._size += len(delivery.body or b"")
            if len(self._batch) >= _BATCH or self._size >= _BATCH_SIZE:
                self._store()

    def finish(self) -> HarImport:
        self._store()
        numbers = tuple(self._numbers)
        return HarImport(self._imported, self._others, self._masked, self._skipped, numbers)

    def _store(self) -> None:
        batch, self._batch, self._size = self._batch, [], 0
        if not batch:
            return
        result = self._archive.import_deliveries(batch)
        self._imported = ImportResult(
            self._imported.deliveries + result.deliveries,
            self._imported.messages + result.messages,
            self._imported.existing + result.existing,
        )


def delivery_of(exchange: ReadExchange) -> ImportedDelivery | None:
    """Return the delivery that an entry is; None if it brings no message.

    A forward that its endpoint refused is a forward all the same: the status that the archive has
    of one is that of a listener, and the answer is said in words.
    """
    path, base_url, target = _split(exchange.url)
    began_at = now_ms() if exchange.began_at is None else exchange.began_at
    ended_at = began_at + round(exchange.took)
    if exchange.method.upper() == "POST" and has_messages(exchange.headers, exchange.body):
        return ImportedDelivery(
            _origin_of(exchange, exchange.body),
            Via.FORWARD,
            began_at,
            ended_at=ended_at,
            method=exchange.method,
            target=target,
            status=200,
            headers=exchange.headers,
            complete=not exchange.is_cut,
            problem=_about(exchange),
            body=exchange.body,
        )
    if path.rstrip("/") == _PULL_PATH and has_messages(
        exchange.answer_headers, exchange.answer_body
    ):
        return ImportedDelivery(
            _origin_of(exchange, exchange.answer_body),
            Via.PULL,
            began_at,
            base_url=base_url,
            ended_at=ended_at,
            status=exchange.status,
            headers=exchange.answer_headers,
            complete=not exchange.is_cut,
            problem="Imported from an HTTP archive (HAR).",
            body=exchange.answer_body,
        )
    return None


def is_masked(exchange: ReadExchange, via: Via) -> bool:
    """Return whether the body with the messages was masked when it was written."""
    return ("request body" if via is Via.FORWARD else "answer body") in exchange.masked


def has_messages(headers: Iterable[tuple[str, str]], body: bytes) -> bool:
    """Return whether a body is an envelope with messages of the platform, also a wrapped one."""
    if not body or len(body) > _LARGEST_BODY:
        return False
    if _known_messages(body):
        return True
    unwrapped = unwrap(body, content_type_of(tuple(headers)))
    return unwrapped is not None and any(map(_known_messages, unwrapped.envelopes))


def _known_messages(body: bytes) -> bool:
    try:
        return any(one.known and one.message_id for one in read_batch(body).messages)
    except Undecodable:
        return False


def _about(exchange: ReadExchange) -> str:
    answered = "" if exchange.status is None else f"; its endpoint answered {exchange.status}"
    return f"Imported from an HTTP archive (HAR){answered}."


def _origin_of(exchange: ReadExchange, body: bytes) -> str:
    archive, _, delivery = exchange.origin.rpartition(":")
    if len(archive) == 32 and archive.isascii() and archive.isalnum() and delivery.isdecimal():
        return exchange.origin
    identity = sha256(
        b"\0".join(
            (
                str(exchange.began_at).encode(),
                exchange.method.encode("utf-8", "replace"),
                exchange.url.encode("utf-8", "replace"),
                body,
            )
        )
    ).hexdigest()
    return f"{PROVENANCE}{identity[: 32 - len(PROVENANCE)]}:1"


def _split(url: str) -> tuple[str, str, str]:
    """Return the path, the base URL, and the target of a request, with its query."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return "", "", url
    host = parts.netloc.rpartition("@")[2]
    base = f"{parts.scheme}://{host}" if host else ""
    target = parts.path or "/"
    return parts.path, base, f"{target}?{parts.query}" if parts.query else target
