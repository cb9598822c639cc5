"""The listener's paths: unguessable, permanent, one for each connection.

Forwards are not authenticated (platform.md §5): the path alone keeps unknown senders out and
identifies the connection. One more path belongs to no connection. It is the only path of older
versions of ibconsole, and stays valid when connections are removed. Each borrowed route has a path
of its own, which is answered until a time after its end.
"""

import json
import logging
import secrets
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import TypeGuard

import msgspec
from msgspec.structs import replace

from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.files import atomic_write, file_lock, move_aside, read_up_to
from ibconsole.listener import Owner, PathTable

log = logging.getLogger(__name__)

_LARGEST = 4 << 20  # bytes
_UNOWNED = "path"
_CONNECTIONS = "connections"
_LEASES = "leases"

_Stamp = tuple[int, int, int] | None


class ForwardPathsError(UserError):
    """The file of the listener's paths cannot be read or written."""


class _LeasedPath(msgspec.Struct, frozen=True):
    """The path of a borrowed route of a connection.

    It is answered `until` a time in milliseconds since the epoch; None while the route may exist.
    """

    connection: str
    until: int | None = None

    def is_answered(self, now: int) -> bool:
        return self.until is None or self.until > now


class _Contents(msgspec.Struct, frozen=True):
    """The contents of the file at `stamp`; `rest` holds the fields of newer programs.

    `complete` is false if part of the file could not be understood.
    """

    stamp: _Stamp = None
    paths: Mapping[str | None, str] = msgspec.field(default_factory=lambda: MappingProxyType({}))
    leases: Mapping[str, _LeasedPath] = msgspec.field(default_factory=lambda: MappingProxyType({}))
    rest: Mapping[str, object] = msgspec.field(default_factory=lambda: MappingProxyType({}))
    complete: bool = True

    @property
    def owners(self) -> PathTable[Owner]:
        return PathTable({path: Owner(connection) for connection, path in self.paths.items()})

    @property
    def leased(self) -> PathTable[_LeasedPath]:
        return PathTable(self.leases)


class ForwardPaths:
    """Creates, finds and removes paths, in a file that several processes share.

    `owner_of` may be called on an event loop: it takes microseconds unless the file has
    changed. Every other method blocks on the disk. `lock_timeout` is the number of seconds to
    wait for another process that is writing, `max_age` the number of seconds after which the
    file is checked for changes. `clock` returns milliseconds since the epoch.
    """

    def __init__(
        self,
        path: Path,
        *,
        lock_timeout: float = 5.0,
        max_age: float = 1.0,
        clock: Callable[[], int] = now_ms,
    ) -> None:
        self._clock = clock
        self._path = path
        self._lock_timeout = lock_timeout
        self._max_age = max_age
        self._contents = _Contents()
        self._owners: PathTable[Owner] = PathTable({})
        self._leased: PathTable[_LeasedPath] = PathTable({})
        self._checked_at = 0.0
        self._unreadable: _Stamp = None

    def path_of(self, connection: str | None) -> str:
        """Return the path of a connection, None for that of no connection; create it if missing.

        Raises ForwardPathsError if it cannot be saved, because the forward URL would not stay
        valid.
        """
        contents = self._read()
        if contents.complete and (path := contents.paths.get(connection)):
            return path

        def add(contents: _Contents) -> _Contents:
            new = f"/inbound/{secrets.token_urlsafe(12)}"
            return replace(contents, paths={connection: new, **contents.paths})

        return self._change(add).paths[connection]

    def all_paths(self) -> Collection[str]:
        """Return all paths, of borrowed routes that have ended as well. Raises ForwardPathsError.

        Each keeps unknown senders out, so that none may be shown to others.
        """
        contents = self._read()
        return {*contents.paths.values(), *contents.leases}

    def remove(self, connection: str) -> None:
        """Remove the path of a connection, if it has one. Raises ForwardPathsError."""

        def drop(contents: _Contents) -> _Contents:
            paths = {owner: path for owner, path in contents.paths.items() if owner != connection}
            return replace(contents, paths=paths)

        if connection in self._read().paths:
            self._change(drop)

    def lease_path(self, path: str, connection: str, until: int | None = None) -> None:
        """Answer the path of a borrowed route of a connection, in every process that listens.

        With `until`, in milliseconds since the epoch, only up to that time. Raises
        ForwardPathsError.
        """

        def add(contents: _Contents) -> _Contents:
            now, leases = self._clock(), contents.leases.items()
            kept = {one: leased for one, leased in leases if leased.is_answered(now)}
            return replace(contents, leases={**kept, path: _LeasedPath(connection, until)})

        self._change(add)

    def owner_of(self, path: str) -> Owner | None:
        """Return the owner of a path that any process created; None for an unknown path.

        Equivalent spellings of a path have its owner. A path that another process has removed
        stays valid for up to `max_age` seconds. While the file is missing or cannot be read, the
        paths that were read before stay valid.
        """
        owner = self._find(path)
        if owner and time.monotonic() - self._checked_at <= self._max_age:
            return owner
        self._checked_at = time.monotonic()
        self._refresh()
        return self._find(path)

    def _find(self, path: str) -> Owner | None:
        if owner := self._owners.find(path):
            return owner
        leased = self._leased.find(path)
        is_answered = leased and leased.is_answered(self._clock())
        return Owner(leased.connection) if leased and is_answered else None

    def _refresh(self) -> None:
        stamp = _stamp(self._path)
        if stamp not in {None, self._contents.stamp, self._unreadable}:
            try:
                self._read()
            except ForwardPathsError:
                self._unreadable = stamp
                log.exception("The listener's paths cannot be read; those known before stay valid.")

    def _change(self, change: Callable[[_Contents], _Contents]) -> _Contents:
        try:
            with file_lock(self._path, self._lock_timeout):
                contents = self._read()
                if not contents.complete:
                    self._move_aside()
                self._write(change(contents))
                return self._read()
        except TimeoutError:
            raise ForwardPathsError(
                f"Another ibconsole has been writing {self._path} for {self._lock_timeout:.0f} s;"
                " the listener's paths are as they were. Close it and try again."
            ) from None
        except OSError as error:
            raise ForwardPathsError(
                f"The listener's paths could not be written to {self._path} ({error.strerror});"
                " they are as they were. Check who may write there, and that the disk is not full."
            ) from error

    def _read(self) -> _Contents:
        stamp = _stamp(self._path)
        if stamp is None or stamp != self._contents.stamp:
            self._contents = _parse(self._read_bytes(), stamp)
            self._owners, self._leased = self._contents.owners, self._contents.leased
        return self._contents

    def _read_bytes(self) -> bytes | None:
        try:
            return read_up_to(self._path, _LARGEST)
        except OSError as error:
            raise ForwardPathsError(
                f"The listener's paths in {self._path} cannot be read ({error.strerror}). They were"
                " left as they are. Check who may read the file."
            ) from error

    def _write(self, contents: _Contents) -> None:
        paths = contents.paths
        document = {
            **contents.rest,
            _CONNECTIONS: {owner: path for owner, path in paths.items() if owner is not None},
        }
        if None in paths:
            document[_UNOWNED] = paths[None]
        if contents.leases:
            document[_LEASES] = msgspec.to_builtins(contents.leases)
        atomic_write(self._path, json.dumps(document, indent=2).encode())

    def _move_aside(self) -> None:
        """Keep a damaged file under another name: it holds the forward URLs in use."""
        aside = move_aside(self._path)
        log.warning(
            "Some of the listener's paths in %s could not be understood; forwards to those are"
            " answered 404 now. The damaged file was kept as %s.",
            self._path,
            aside.name,
        )


def _stamp(path: Path) -> _Stamp:
    """Return a value that changes whenever the file is replaced; None if there is no file."""
    try:
        stat = path.stat()
    except OSError:
        return None
    return stat.st_mtime_ns, stat.st_ino, stat.st_size


def _parse(data: bytes | None, stamp: _Stamp) -> _Contents:
    if data is None:
        return _Contents(stamp)
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        document = None
    if not isinstance(document, dict):
        return _Contents(stamp, complete=False)
    owned = document.get(_CONNECTIONS, {})
    entries: dict[str | None, object] = dict(owned) if isinstance(owned, dict) else {"": owned}
    if _UNOWNED in document:
        entries[None] = document[_UNOWNED]
    paths = {owner: path for owner, path in entries.items() if _is_path(path)}
    known = {_UNOWNED, _CONNECTIONS, _LEASES}
    rest = {name: value for name, value in document.items() if name not in known}
    stored = document.get(_LEASES, {})
    stored = stored if isinstance(stored, dict) else {"": stored}
    leases = {path: leased for path, one in stored.items() if (leased := _leased(path, one))}
    complete = len(paths) == len(entries) and len(leases) == len(stored)
    return _Contents(stamp, paths, leases, rest, complete=complete)


def _leased(path: str, stored: object) -> _LeasedPath | None:
    """Return the path of a borrowed route as it is stored; None if it cannot be understood."""
    try:
        return msgspec.convert(stored, _LeasedPath) if _is_path(path) else None
    except msgspec.ValidationError:
        return None


def _is_path(path: object) -> TypeGuard[str]:
    return (
        isinstance(path, str)
        and path.startswith("/")
        and path.isascii()
        and path.isprintable()
        and not any(letter in path for letter in " ?#")
    )
