"""The log of the requests since the program was started: bounded, in memory only.

It is written on the engine's thread and read by the window, which polls `version`, so that a
burst of requests causes a single update.
"""

import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import takewhile

import msgspec
from msgspec.structs import replace

from ibconsole.api import KEPT_BODY, Exchange, current_purpose
from ibconsole.services.request_log.redaction import (
    Headers,
    find_codes,
    mask_codes,
    redact_body,
    redact_headers,
    redact_url,
)
from ibconsole.text import mask_code

MAX_ENTRIES = 2000
MAX_BYTES = 32 * 1024 * 1024

_PULL = "/push/1/inbox/reports"
_SCHEME = re.compile(r"\w+://")
_PATH = re.compile(r"[/?]")


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt of a request. It contains no credential, but application codes.

    `started_at` is in milliseconds since the epoch, `duration` in seconds; `status` is None
    if no status line arrived, `problem` a sentence, empty if the request succeeded. `attempt`
    counts from 1. At most 64 KiB of a body are kept; the sizes are those of the whole body.
    """

    id: int = 0
    started_at: int
    connection: str = ""
    method: str
    url: str
    status: int | None = None
    duration: float = 0.0
    attempt: int = 1
    problem: str = ""
    purpose: str = ""
    request_headers: Headers = ()
    request_body: bytes = b""
    request_size: int = 0
    answer_headers: Headers = ()
    answer_body: bytes = b""
    answer_size: int = 0

    @property
    def failed(self) -> bool:
        """True if there was no answer, an error status, or a problem with the answer."""
        return bool(self.problem) or self.status is None or not 200 <= self.status < 400

    @property
    def is_pull(self) -> bool:
        """True if sending it again would take messages from the platform."""
        return self.path.partition("?")[0].rstrip("/").lower().endswith(_PULL)

    @property
    def path(self) -> str:
        """The path with its query; it may contain an application code."""
        return _parts(self.url)[1]

    @property
    def host(self) -> str:
        """The host, and the port if the URL has one."""
        return _parts(self.url)[0]


class Activity(msgspec.Struct, frozen=True):
    """The new entries of the log, oldest first.

    `oldest` is the lowest id in the log, `dropped` the number of entries dropped so that the
    log does not exceed its limits.
    """

    version: int
    entries: tuple[Entry, ...]
    oldest: int
    dropped: int


class ActivityLog:
    """The last requests, within two limits; the oldest are dropped. Any thread may use it.

    While codes are to be `masked`, none is handed out.
    """

    def __init__(
        self,
        *,
        max_entries: int = MAX_ENTRIES,
        max_bytes: int = MAX_BYTES,
        masked: Callable[[], bool] = lambda: False,
    ) -> None:
        self._masked = masked
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque()
        self._next = 1
        self._bytes = 0
        self._dropped = 0
        self._version = 0

    @property
    def version(self) -> int:
        """A number that grows with every change."""
        return self._version

    def observe(self, connection: str) -> Callable[[Exchange], None]:
        """Return an observer for an API client; `connection` is the name of its connection."""

        def add_exchange(exchange: Exchange) -> None:
            self.add(_entry_of(exchange, connection))

        return add_exchange

    def add(self, entry: Entry) -> Entry:
        """Add a request; return the entry with its id, secrets masked and bodies cut to 64 KiB."""
        redacted = _redacted(entry)
        with self._lock:
            added = replace(redacted, id=self._next)
            self._next += 1
            self._entries.append(added)
            self._bytes += _weight(added)
            while len(self._entries) > self._max_entries or self._bytes > self._max_bytes:
                self._bytes -= _weight(self._entries.popleft())
                self._dropped += 1
            self._version += 1
        return added

    def since(self, newest: int) -> Activity:
        """Return the entries newer than an id; all of them for 0."""
        show = without_codes if self._masked() else _as_it_is
        with self._lock:
            newer = tuple(takewhile(lambda entry: entry.id > newest, reversed(self._entries)))
            return Activity(
                version=self._version,
                entries=tuple(map(show, newer[::-1])),
                oldest=self._entries[0].id if self._entries else self._next,
                dropped=self._dropped,
            )

    def clear(self) -> None:
        """Remove all entries; ids continue to count."""
        with self._lock:
            self._entries.clear()
            self._bytes = self._dropped = 0
            self._version += 1


def without_codes(entry: Entry) -> Entry:
    """Return the same request with all application codes masked."""
    bodies = (entry.request_body, entry.answer_body)
    codes = find_codes(entry.url, *(body.decode(errors="replace") for body in bodies))

    def mask(text: str) -> str:
        return mask_codes(text, codes, mask_code)

    def mask_body(body: bytes) -> bytes:
        return mask(body.decode(errors="replace")).encode() if codes else body

    def mask_values(headers: Headers) -> Headers:
        return tuple((name, mask(value)) for name, value in headers)

    return replace(
        entry,
        url=mask(entry.url),
        problem=mask(entry.problem),
        request_headers=mask_values(entry.request_headers),
        request_body=mask_body(entry.request_body),
        answer_headers=mask_values(entry.answer_headers),
        answer_body=mask_body(entry.answer_body),
    )


@contextmanager
def request_purpose(purpose: str) -> Iterator[None]:
    """Log all requests of the block with this purpose, in words for the user.

    In nested blocks the outermost purpose applies, such as the command line for its pulls.
    """
    token = current_purpose.set(current_purpose.get() or purpose)
    try:
        yield
    finally:
        current_purpose.reset(token)


@contextmanager
def purpose_part(part: str) -> Iterator[None]:
    """Log all requests of the block as this part of the purpose that applies."""
    token = current_purpose.set(": ".join(filter(None, (current_purpose.get(), part))))
    try:
        yield
    finally:
        current_purpose.reset(token)


_SHARED_FIELDS = set(Exchange.__struct_fields__).intersection(Entry.__struct_fields__)


def _entry_of(exchange: Exchange, connection: str) -> Entry:
    shared = {name: getattr(exchange, name) for name in _SHARED_FIELDS}
    return Entry(
        started_at=exchange.started_at_ms,
        connection=connection,
        url=f"{exchange.base_url}{exchange.path}",
        **shared,
    )


def _as_it_is(entry: Entry) -> Entry:
    return entry


def _parts(url: str) -> tuple[str, str]:
    """Return host and path. `urlsplit` would raise an error for an invalid URL."""
    scheme = _SCHEME.match(url)
    rest = url[scheme.end() if scheme else 0 :].partition("#")[0]
    host = _PATH.split(rest, maxsplit=1)[0] if scheme else ""
    return host.rpartition("@")[2], rest[len(host) :] or "/"


def _redacted(entry: Entry) -> Entry:
    return replace(
        entry,
        url=redact_url(entry.url),
        request_headers=redact_headers(entry.request_headers),
        request_body=redact_body(entry.request_body, entry.request_headers)[:KEPT_BODY],
        request_size=max(entry.request_size, len(entry.request_body)),
        answer_headers=redact_headers(entry.answer_headers),
        answer_body=redact_body(entry.answer_body, entry.answer_headers)[:KEPT_BODY],
        answer_size=max(entry.answer_size, len(entry.answer_body)),
    )


def _weight(entry: Entry) -> int:
    headers = (*entry.request_headers, *entry.answer_headers)
    header_size = sum(len(name) + len(value) for name, value in headers)
    return len(entry.request_body) + len(entry.answer_body) + header_size + len(entry.url)
