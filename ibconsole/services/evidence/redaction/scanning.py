"""The final scan: does any known secret occur in what is to be exported, in any spelling?

Every byte is looked at as it is, and as what it may encode: see `decoders` for the spellings and
`containers` for compressed data. Encodings are undone up to three within one another, compression
up to four more. What cannot be looked into counts as a leak, because nothing is known about it.
"""

import re
from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum
from functools import partial
from typing import Protocol

import msgspec

from ibconsole.services.evidence.redaction.containers import Containers, InflationBudget
from ibconsole.services.evidence.redaction.decoders import (
    BASE64,
    ESCAPES,
    HEXADECIMAL,
    QUOTED_PRINTABLE,
    DigitsDecoder,
    EscapeDecoder,
    Sink,
    WideDecoder,
)
from ibconsole.services.evidence.redaction.known_secrets import (
    LONGEST_NEEDLE,
    KnownSecrets,
    Needle,
    needles,
)

_BLOCK = 128 << 10  # bytes that are read at a time
_ESCAPED = 12  # bytes at most that one encoding makes of one byte
# A short compressed text in base64 has at least this many digits, however long the secret is.
_LONGEST_RUN = 24
_HEAD = re.compile(rb"(?:[A-Z]{1,20} [^\r\n]{1,9000} )?HTTP/[0-9.]{1,3}[ \r\n]")
_CODING = re.compile(rb"\n(?:content-encoding|transfer-encoding):[ \t]*([^\r\n]+)", re.IGNORECASE)
_READ_CODINGS = frozenset({"", "identity", "chunked", "gzip", "x-gzip", "deflate"})


class LeakKind(StrEnum):
    """The reason why something must not be exported."""

    SECRET = "secret"  # noqa: S105 a name
    UNREADABLE = "unreadable"


class Leak(msgspec.Struct, frozen=True, kw_only=True):
    """A place of what is to be exported that prevents the export.

    `name` is that of the item. `secret` is the label of the secret that was found, empty for
    what could not be looked into. `trail` are the encodings around it, the outermost first, and
    `near` is the number of bytes of the item in front of the block that has it, or the exact offset
    of a secret that is not encoded.
    """

    name: str
    kind: LeakKind
    secret: str = ""
    trail: tuple[str, ...] = ()
    near: int = 0
    reason: str = ""

    @property
    def sentence(self) -> str:
        """A sentence for users, which does not show the secret."""
        if self.kind is LeakKind.UNREADABLE:
            return f"{self.name} cannot be searched for secrets: {self.reason}."
        spelled = f", written in {' in '.join(reversed(self.trail))}" if self.trail else ""
        return f"{self.name} contains the {self.secret}{spelled}, near byte {self.near:,}."


class ScanLimits(msgspec.Struct, frozen=True, kw_only=True):
    """Bounds of a scan: encodings and compressions in one another, and bytes that come out.

    `inflated` are the bytes that compressed data of one item may grow to; more is a leak.
    """

    encodings: int = 3
    compressions: int = 4
    inflated: int = 64 << 20


class ReadableStream(Protocol):
    """A source of bytes; `read` returns none at its end."""

    def read(self, size: int, /) -> bytes: ...


def scan(
    items: Iterable[tuple[str, ReadableStream]],
    secrets: KnownSecrets,
    limits: ScanLimits = ScanLimits(),  # noqa: B008 it is frozen
) -> Sequence[Leak]:
    """Look for every secret in the items, names included; return all leaks, each kind once an item.

    Nothing found means that no secret of at least 6 characters is in them. Time is linear in the
    bytes. Errors of the streams are passed on: the export must not go on then.
    """
    scanner = Scanner(needles(secrets), limits)
    return [leak for name, stream in items for leak in scanner.scan(name, stream)]


class Scanner:
    """Looks for the same secrets in one item after the other. Not thread-safe.

    Without needles nothing but what cannot be looked into is found.
    """

    def __init__(
        self,
        wanted: Sequence[Needle],
        limits: ScanLimits = ScanLimits(),  # noqa: B008 it is frozen
    ) -> None:
        self.exact = [needle for needle in wanted if not needle.folded]
        self.folded = [needle for needle in wanted if needle.folded]
        self.shortest = min((len(needle.data) for needle in wanted), default=LONGEST_NEEDLE)
        self.longest = max((len(needle.data) for needle in wanted), default=1)
        looks_escaped = any(ESCAPES.occur_in(needle.data) for needle in wanted)
        self.escapes = (ESCAPES, QUOTED_PRINTABLE, *(ESCAPES.apart if looks_escaped else ()))
        self.budget = InflationBudget(limits.inflated)
        self._name = ""
        self._near = 0
        self._leaks: dict[tuple[str, tuple[str, ...], str], Leak] = {}
        self._view = View(self, (), limits.encodings, limits.compressions)

    def scan(self, name: str, stream: ReadableStream) -> Sequence[Leak]:
        """Read one item to its end; return what was found. Errors of the stream are passed on."""
        self._begin(name)
        self._view.feed(name.encode("utf-8", "surrogatepass"))
        self._view.end()
        behind = 0
        while block := stream.read(_BLOCK):
            if not behind:
                self._begin_item(block)
            self._near, behind = behind, behind + len(block)
            self._view.feed(block)
        self._view.end()
        return list(self._leaks.values())

    def scan_bytes(self, data: bytes) -> Sequence[Leak]:
        """Look for the secrets in some bytes, at once."""
        self._begin("")
        if data:
            self._begin_item(data)
        self._view.feed(data)
        self._view.end()
        return list(self._leaks.values())

    def _begin(self, name: str) -> None:
        self._name, self._near = name, 0
        self._leaks.clear()
        self.budget.refill()

    def _begin_item(self, block: bytes) -> None:
        """Look at what has no signature: a coding that is declared, and raw deflate data."""
        self._read_head(block)
        self._view.begin_deflate(block)

    def look(self, data: bytes, trail: tuple[str, ...], before: int) -> None:
        """Look for the secrets themselves; `before` bytes of the data are of former blocks."""
        lowered = data.lower() if self.folded else b""
        for wanted, text in ((self.exact, data), (self.folded, lowered)):
            for needle in wanted:
                place = text.find(needle.data)
                if place >= 0:
                    start = self._near - before + place - needle.offset
                    near = self._near if trail else max(0, start)
                    self._add(LeakKind.SECRET, trail, near, secret=needle.label)

    def report(self, trail: tuple[str, ...], reason: str) -> None:
        """Report that something cannot be looked into."""
        self._add(LeakKind.UNREADABLE, trail, self._near, reason=reason)

    def _add(self, kind: LeakKind, trail: tuple[str, ...], near: int, **what: str) -> None:
        key = (what.get("secret", ""), trail, what.get("reason", ""))
        if key not in self._leaks:
            leak = Leak(name=self._name, kind=kind, trail=trail, near=near, **what)
            self._leaks[key] = leak

    def _read_head(self, block: bytes) -> None:
        """Look at the coding that an HTTP message declares: some codings have no signature."""
        if not _HEAD.match(block):
            return
        head, *body = re.split(rb"\r?\n\r?\n", block, maxsplit=1)
        if not any(body):  # as of an answer to HEAD
            return
        codings = {
            coding.strip().lower()
            for value in _CODING.findall(head)
            for coding in value.decode("latin-1").split(",")
        }
        if unknown := sorted(codings - _READ_CODINGS):
            self.report((), f"its body is in a coding that cannot be read here ({unknown[0][:20]})")


class View:
    """One reading of the data: searches it, and hands it to the decoders of all other readings."""

    def __init__(
        self, search: Scanner, trail: tuple[str, ...], encodings: int, compressions: int
    ) -> None:
        self._search = search
        self._trail = trail
        self._encodings = encodings
        self._compressions = compressions
        self._before = b""
        self._decoders = list(self._make_decoders()) if encodings else []
        self._containers = Containers(
            self._inflated, partial(search.report, trail), search.budget, compressions
        )

    def feed(self, data: bytes) -> None:
        """Search the next bytes of a connected part."""
        whole = self._before + data
        self._search.look(whole, self._trail, len(self._before))
        for decoder in self._decoders:
            decoder.feed(data)
        self._containers.feed(data)
        self._before = whole[-(self._search.longest - 1) :] if self._search.longest > 1 else b""

    def begin_deflate(self, data: bytes) -> None:
        """Inflate raw deflate data, which has no signature, if the stream begins with it."""
        self._containers.begin_deflate(data)

    def end(self) -> None:
        """End a connected part."""
        for decoder in self._decoders:
            decoder.end()
        self._containers.end()
        self._before = b""

    def _make_decoders(self) -> Iterable[Sink]:
        search = self._search
        size = search.longest
        run = min(search.shortest * 4 // 3, _LONGEST_RUN)
        yield DigitsDecoder(BASE64, run, self._decoded(BASE64.name))
        run = min(search.shortest * 2, _LONGEST_RUN)
        yield DigitsDecoder(HEXADECIMAL, run, self._decoded(HEXADECIMAL.name))
        yield WideDecoder(min(search.shortest, _LONGEST_RUN), 4 * size, self._decoded("UTF-16"))
        reach = size * (_ESCAPED if self._encodings > 1 else 1)
        for escapes in search.escapes:
            yield EscapeDecoder(escapes, reach, self._decoded(escapes.name))

    def _decoded(self, name: str) -> Callable[[], "View"]:
        def make() -> View:
            trail = (*self._trail, name)
            return View(self._search, trail, self._encodings - 1, self._compressions)

        return make

    def _inflated(self, name: str) -> "View":
        trail = (*self._trail, name)
        return View(self._search, trail, self._encodings, self._compressions - 1)
