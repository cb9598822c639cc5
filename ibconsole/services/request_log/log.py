"""Every request that the program made since it was started: bounded, and in memory alone.

Written on the engine's thread, read by the window, which looks whether `version` grew: a
burst of requests costs no more than one.
"""

import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import takewhile

from ibconsole.api import KEPT_BODY, Exchange, asked_by
from ibconsole.services.request_log.redaction import Headers, safe_body, safe_headers, safe_url

MOST_ENTRIES = 2000
MOST_BYTES = 32 * 1024 * 1024

_PULL = "/push/1/inbox/reports"
_SCHEME = re.compile(r"\w+://")
_PATH = re.compile(r"[/?]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One attempt of a request. No credential is in it, but application codes are.

    `started_at` is in milliseconds since the epoch, `duration` in seconds; `status` is None
    if no status line arrived, `problem` a sentence, empty if all went well. Of a body no
    more than 64 KiB are kept; the sizes are those of the whole. The first `attempt` is 1.
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
    asked_by: str = ""
    request_headers: Headers = ()
    request_body: bytes = b""
    request_size: int = 0
    answer_headers: Headers = ()
    answer_body: bytes = b""
    answer_size: int = 0

    @property
    def failed(self) -> bool:
        """Whether the answer was none, an error, or not what had been hoped for."""
        return bool(self.problem) or self.status is None or not 200 <= self.status < 400

    @property
    def is_pull(self) -> bool:
        """Whether sending it again would take messages, for everybody."""
        return self.path.partition("?")[0].rstrip("/").lower().endswith(_PULL)

    @property
    def path(self) -> str:
        """The path with its query; it may hold an application's code."""
        return _parts(self.url)[1]

    @property
    def host(self) -> str:
        """The host, and the port if the URL has one."""
        return _parts(self.url)[0]


@dataclass(frozen=True, slots=True)
class Activity:
    """What there was to see: new entries, oldest first.

    `oldest` is the lowest id that is still kept, `gone` how many went to make room.
    """

    version: int
    entries: tuple[Entry, ...]
    oldest: int
    gone: int


class ActivityLog:
    """Keeps the last requests; the oldest go first. Any thread may use it."""

    def __init__(self, *, most: int = MOST_ENTRIES, most_bytes: int = MOST_BYTES) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._lock = threading.Lock()
        self._entries: deque[Entry] = deque()
        self._next = 1
        self._bytes = 0
        self._gone = 0
        self._version = 0

    @property
    def version(self) -> int:
        """Grows with every change."""
        return self._version

    def observe(self, connection: str) -> Callable[[Exchange], None]:
        """What a transport is to tell its exchanges to; `connection` is the name to show."""

        def note(exchange: Exchange) -> None:
            self.add(
                Entry(
                    started_at=exchange.started_at_ms,
                    connection=connection,
                    method=exchange.method,
                    url=f"{exchange.base_url}{exchange.path}",
                    status=exchange.status,
                    duration=exchange.duration,
                    attempt=exchange.attempt,
                    problem=exchange.problem,
                    asked_by=exchange.asked_by,
                    request_headers=exchange.request_headers,
                    request_body=exchange.request_body,
                    answer_headers=exchange.answer_headers,
                    answer_body=exchange.answer_body,
                    answer_size=exchange.answer_size,
                )
            )

        return note

    def add(self, entry: Entry) -> Entry:
        """Keep a request; what is kept has an id, no secrets, and no more than 64 KiB a body."""
        redacted = _redacted(entry)
        with self._lock:
            kept = replace(redacted, id=self._next)
            self._next += 1
            self._entries.append(kept)
            self._bytes += _weight(kept)
            while len(self._entries) > self._most or self._bytes > self._most_bytes:
                self._bytes -= _weight(self._entries.popleft())
                self._gone += 1
            self._version += 1
        return kept

    def since(self, newest: int) -> Activity:
        """What is newer than an id; 0 for everything that is kept."""
        with self._lock:
            newer = takewhile(lambda entry: entry.id > newest, reversed(self._entries))
            return Activity(
                version=self._version,
                entries=tuple(newer)[::-1],
                oldest=self._entries[0].id if self._entries else self._next,
                gone=self._gone,
            )

    def clear(self) -> None:
        """Forget what is kept; ids go on from where they are."""
        with self._lock:
            self._entries.clear()
            self._bytes = self._gone = 0
            self._version += 1


@contextmanager
def requested_by(who: str) -> Iterator[None]:
    """Say for whom, or what, everything is requested that the block requests.

    Whoever said so first is believed: a pull from the command line is the command line's.
    """
    token = asked_by.set(asked_by.get() or who)
    try:
        yield
    finally:
        asked_by.reset(token)


def _parts(url: str) -> tuple[str, str]:
    """Host and path. Not `urlsplit`, which raises for a URL that nobody could send to."""
    scheme = _SCHEME.match(url)
    rest = url[scheme.end() if scheme else 0 :].partition("#")[0]
    host = _PATH.split(rest, maxsplit=1)[0] if scheme else ""
    return host.rpartition("@")[2], rest[len(host) :] or "/"


def _redacted(entry: Entry) -> Entry:
    return replace(
        entry,
        url=safe_url(entry.url),
        request_headers=safe_headers(entry.request_headers),
        request_body=safe_body(entry.request_body, entry.request_headers)[:KEPT_BODY],
        request_size=max(entry.request_size, len(entry.request_body)),
        answer_headers=safe_headers(entry.answer_headers),
        answer_body=safe_body(entry.answer_body, entry.answer_headers)[:KEPT_BODY],
        answer_size=max(entry.answer_size, len(entry.answer_body)),
    )


def _weight(entry: Entry) -> int:
    headers = (*entry.request_headers, *entry.answer_headers)
    named = sum(len(name) + len(value) for name, value in headers)
    return len(entry.request_body) + len(entry.answer_body) + named + len(entry.url)
