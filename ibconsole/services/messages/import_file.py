"""Taking in what this program exported: JSON Lines, or raw bodies in a tar.

Nothing comes in twice, so an import can be repeated, and done again where it was stopped. What
cannot be understood is passed over, counted and named by its line; all else comes in.
"""

import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Annotated, Any, BinaryIO, Protocol

import msgspec

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
from ibconsole.services.messages.export import END, element_of

_STAGE = "Importing"
_NAMED = 20
_TOGETHER = 2_000  # messages of one transaction
_LARGEST = 1 << 53
_LONGEST = 256 << 20  # bytes of a line, and of a body
_FACTS = frozenset(field.name for field in fields(ImportedDelivery)) - {"messages", "body", "raw"}


_Whole = Annotated[int, msgspec.Meta(ge=-_LARGEST, le=_LARGEST)]


class ImportFailed(UserError):
    """What is to be imported is no export, or cannot be read."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What an import brought, and what was passed over: how much, and where the first of it is."""

    taken: ImportResult
    passed_over: int = 0
    masked: int = 0
    places: tuple[str, ...] = ()


class Taker(Protocol):
    """The archive, as far as importing goes."""

    def import_deliveries(self, some: "list[ImportedDelivery]") -> ImportResult: ...


class _Source(msgspec.Struct, rename="camel"):
    """A delivery in a line of an export."""

    via: Via
    began_at: _Whole
    connection: str | None = None
    base_url: str = ""
    ended_at: _Whole | None = None
    limit: _Whole | None = None
    method: str = ""
    status: _Whole | None = None
    sha256: str = ""
    announced: _Whole | None = None
    pending: _Whole | None = None
    complete: bool = True
    interrupted: bool = False
    salvaged: bool = False
    problem: str = ""


class _Ours(msgspec.Struct):
    """What this program wrote into a line of an export."""

    origin: str
    position: _Whole
    source: _Source
    start: _Whole | None = None
    size: _Whole | None = None
    masked: bool = False


class _Line(msgspec.Struct):
    ours: _Ours = msgspec.field(name="_ibconsole")
    whole: Any = None


class Import:
    """One import from a file."""

    def __init__(self, path: Path, taker: Taker) -> None:
        self._path = path
        self._taker = taker
        self._taken = ImportResult()
        self._passed_over = self._masked = 0
        self._places: list[str] = []
        self._waiting: dict[str, tuple[ImportedDelivery, list[ImportedMessage]]] = {}
        self._count = 0

    def run(self, watch: ProgressCallback) -> Outcome:
        """Take everything in; `watch` is called often, and stops it by raising.

        What was taken in until then stays. Raises ImportFailed, ArchiveError.
        """
        try:
            with self._path.open("rb") as file:
                size = self._path.stat().st_size
                watch(Progress(_STAGE, 0, size))
                work = self._tar if tarfile.is_tarfile(self._path) else self._lines
                work(file, lambda done: watch(Progress(_STAGE, min(done, size), size)))
        except OSError as error:
            raise ImportFailed(
                f"{self._path} cannot be read: {error.strerror or error}. What was read before is"
                " in the archive."
            ) from error
        self._take()
        if self._taken == ImportResult() and not self._masked and self._passed_over:
            raise ImportFailed(
                f"{self._path} is no export of this program. Nothing was imported; give it a file"
                " of JSON lines or of raw bodies that it has exported."
            )
        return Outcome(self._taken, self._passed_over, self._masked, tuple(self._places))

    def _lines(self, file: BinaryIO, told: Callable[[int], None]) -> None:
        done = 0
        for number, line in enumerate(_lines_of(file), start=1):
            done += len(line)
            if line.strip():
                self._line(line, number)
            if number % 100 == 0:
                told(done)

    def _line(self, line: bytes, number: int) -> None:
        ours = _ours_of(line)
        if ours is None:
            self._pass_over(f"line {number}")
        elif ours.masked:
            self._masked += 1
        else:
            self._add(ours, line, number)

    def _add(self, ours: _Ours, line: bytes, number: int) -> None:
        value = msgspec.json.decode(line, type=dict[str, msgspec.Raw])["_ibconsole"]
        element = element_of(line.rstrip(), msgspec.json.decode(value))
        try:
            parse(element)
        except Undecodable:
            self._pass_over(f"line {number}")
            return
        message = ImportedMessage(ours.position, element, ours.start, ours.size)
        _, messages = self._waiting.setdefault(ours.origin, (_delivery_of(ours), []))
        messages.append(message)
        self._count += 1
        if self._count >= _TOGETHER:
            self._take()

    def _tar(self, file: BinaryIO, told: Callable[[int], None]) -> None:
        """Of each delivery its facts, the raw request if there is one, and its body at last."""
        facts: dict[str, Any] | None = None
        ended = False
        with suppress(tarfile.TarError, EOFError, zlib.error):
            for name, data, offset in _members(file):
                told(offset)
                ended = name == END
                if not ended:
                    facts = self._part(facts, name, data)
        if facts is not None or not ended:
            self._pass_over("the end, where the file is cut or damaged")

    def _part(
        self, facts: dict[str, Any] | None, name: str, data: bytes | None
    ) -> dict[str, Any] | None:
        """Add a part to what is known of its delivery; None once that is whole, or of no use."""
        kind = name.rpartition(".")[2]
        if kind == "json":
            facts = _facts_of(data)
        elif facts is not None and data is not None and kind in {"body", "raw"}:
            facts[kind] = data
        if facts is None:
            self._pass_over(name)
        elif "body" in facts:
            self._add_whole(ImportedDelivery(**facts))
            return None
        return facts

    def _add_whole(self, one: ImportedDelivery) -> None:
        self._waiting[one.origin] = (one, [])
        self._count += 1 + len(one.body or b"") // 1_000
        if self._count >= _TOGETHER:
            self._take()

    def _take(self) -> None:
        some = [replace(one, messages=tuple(each)) for one, each in self._waiting.values()]
        self._waiting, self._count = {}, 0
        if not some:
            return
        taken = self._taker.import_deliveries(some)
        self._taken = ImportResult(
            self._taken.deliveries + taken.deliveries,
            self._taken.messages + taken.messages,
            self._taken.existing + taken.existing,
        )

    def _pass_over(self, place: str) -> None:
        self._passed_over += 1
        if len(self._places) < _NAMED:
            self._places.append(place)


def describe_import(outcome: Outcome) -> str:
    """What an import brought, in sentences."""
    taken = outcome.taken
    sentences = [
        f"{_counted(taken.messages, 'message')} imported, of"
        f" {_counted(taken.deliveries, 'new pull or forward', 'new pulls or forwards')};"
        f" {taken.existing:,} were there already."
    ]
    if outcome.masked:
        sentences.append(
            f"{_counted(outcome.masked, 'message')} passed over, because the application codes in"
            " them are masked: export them again with codes revealed."
        )
    if outcome.passed_over:
        where = ", ".join(outcome.places)
        more = "" if outcome.passed_over <= len(outcome.places) else " and more"
        sentences.append(
            f"{_counted(outcome.passed_over, 'entry', 'entries')} could not be understood and"
            f" passed over: {where}{more}."
        )
    return " ".join(sentences)


def _lines_of(file: BinaryIO) -> Iterator[bytes]:
    """Lines; of one that is too long, its beginning, which is then no JSON."""
    while line := file.readline(_LONGEST):
        yield line
        while not line.endswith(b"\n") and (line := file.readline(_LONGEST)):
            pass


def _ours_of(line: bytes) -> _Ours | None:
    try:
        found = msgspec.json.decode(line, type=_Line).ours
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    sound = found.position >= 0
    return found if sound and _is_origin(found.origin) else None


def _delivery_of(ours: _Ours) -> ImportedDelivery:
    facts = msgspec.structs.asdict(ours.source)
    return ImportedDelivery(origin=ours.origin, limit_asked=facts.pop("limit"), **facts)


def _facts_of(data: bytes | None) -> dict[str, Any] | None:
    """What a tar says of a delivery; None if that is nothing that can be imported."""
    try:
        facts = msgspec.json.decode(data or b"", type=dict[str, Any])
        kept = {name: value for name, value in facts.items() if name in _FACTS}
        msgspec.convert({**kept, "messages": ()}, ImportedDelivery)
    except (msgspec.ValidationError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    kept["headers"] = tuple((name, value) for name, value in kept.get("headers", ()))
    kept["via"] = Via(kept["via"])
    sound = _is_origin(kept["origin"])
    numbers = (value for value in kept.values() if isinstance(value, int))
    return kept if sound and all(abs(number) <= _LARGEST for number in numbers) else None


def _members(file: BinaryIO) -> Iterator[tuple[str, bytes | None, int]]:
    """Name, content and place of each; None for what is no file, or too large."""
    with tarfile.open(fileobj=file, mode="r|*") as tar:
        for member in tar:
            yield member.name, _member(tar, member), member.offset


def _member(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes | None:
    if not member.isreg() or member.size > _LONGEST:
        return None
    opened = tar.extractfile(member)
    return opened.read() if opened else None


def _is_origin(text: str) -> bool:
    archive, _, delivery = text.rpartition(":")
    return archive.isalnum() and archive.isascii() and len(archive) == 32 and delivery.isdecimal()


def _counted(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"
