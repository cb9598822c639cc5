"""The listener's paths: unguessable, one for each connection, the same from day to day.

No forward is authenticated (platform.md §5), so a path is all that keeps strangers out, and all
that says whose a forward is. Besides those of the connections there is one of no connection.
It is the path that an older ibconsole had as its only one: whatever forwards there goes on
arriving, whoever set it up, and whichever connection is removed.
"""

import json
import logging
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from ibconsole.errors import UserError
from ibconsole.files import atomic_write, file_lock
from ibconsole.listener import Owner

log = logging.getLogger(__name__)

_PATIENCE = 5.0  # seconds to wait for another process that is writing
_LOOK = 1.0  # seconds until it is seen that another process has forgotten a path
_LARGEST = 4 << 20
_NOBODYS = "path"
_CONNECTIONS = "connections"

_Stamp = tuple[int, int, int] | None


class ForwardPathsError(UserError):
    """The file of the listener's paths cannot be read or written."""


@dataclass(frozen=True, slots=True)
class _Known:
    """What stood in the file when it looked like `stamp`; `rest` is of a newer program."""

    stamp: _Stamp = None
    paths: Mapping[str | None, str] = field(default_factory=lambda: MappingProxyType({}))
    rest: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    whole: bool = True

    @property
    def owners(self) -> dict[str, Owner]:
        return {path: Owner(connection) for connection, path in self.paths.items()}


class ForwardPaths:
    """Makes, finds and forgets paths. Several processes may do so at once.

    `owner_of` is for a loop: it takes microseconds unless the file has changed. All else
    blocks for as long as the disk takes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._known = _Known()
        self._owners: Mapping[str, Owner] = {}
        self._looked = 0.0
        self._unreadable: _Stamp = None

    def path_of(self, connection: str | None) -> str:
        """The path of a connection, None for that of none; made if there is none yet.

        Raises ForwardPathsError if it cannot be kept: a forward URL would not stay valid.
        """
        known = self._read()
        if known.whole and (path := known.paths.get(connection)):
            return path

        def add(paths: dict[str | None, str]) -> None:
            paths.setdefault(connection, f"/inbound/{secrets.token_urlsafe(12)}")

        return self._change(add)[connection]

    def forget(self, connection: str) -> None:
        """Let the path of a removed connection be a stranger's. Raises ForwardPathsError."""
        if connection in self._read().paths:
            self._change(lambda paths: paths.pop(connection, None))

    def owner_of(self, path: str) -> Owner | None:
        """Whose a path is, whichever process made it; None for a stranger's.

        One that another process has just forgotten is known for up to a second more. While
        the file cannot be read, those are known that were before.
        """
        if path not in self._owners or time.monotonic() - self._looked > _LOOK:
            self._looked = time.monotonic()
            self._look()
        return self._owners.get(path)

    def _look(self) -> None:
        stamp = _stamp(self._path)
        if stamp not in {None, self._known.stamp, self._unreadable}:
            try:
                self._read()
            except ForwardPathsError:
                self._unreadable = stamp
                log.exception("The listener goes on with the paths that it knew.")

    def _change(
        self, change: Callable[[dict[str | None, str]], object]
    ) -> Mapping[str | None, str]:
        try:
            with file_lock(self._path, _PATIENCE):
                known = self._read()
                if not known.whole:
                    self._set_aside()
                paths = dict(known.paths)
                change(paths)
                self._write(paths, known.rest)
                return self._read().paths
        except TimeoutError:
            raise ForwardPathsError(
                f"Another ibconsole has been writing {self._path} for {_PATIENCE:.0f} s; the"
                " listener's paths are as they were. Close it and try again."
            ) from None
        except OSError as error:
            raise ForwardPathsError(
                f"The listener's paths could not be written to {self._path} ({error.strerror});"
                " they are as they were. Check who may write there, and that the disk is not full."
            ) from error

    def _read(self) -> _Known:
        stamp = _stamp(self._path)
        if stamp is None or stamp != self._known.stamp:
            self._known = _parse(self._bytes(), stamp)
            self._owners = self._known.owners
        return self._known

    def _bytes(self) -> bytes | None:
        try:
            with self._path.open("rb") as file:
                return file.read(_LARGEST)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ForwardPathsError(
                f"The listener's paths in {self._path} cannot be read ({error.strerror}). They were"
                " left as they are. Check who may read the file."
            ) from error

    def _write(self, paths: Mapping[str | None, str], rest: Mapping[str, object]) -> None:
        document = {
            **rest,
            _CONNECTIONS: {owner: path for owner, path in paths.items() if owner is not None},
        }
        if None in paths:
            document[_NOBODYS] = paths[None]
        atomic_write(self._path, json.dumps(document, indent=2).encode())

    def _set_aside(self) -> None:
        """Keep what could not be understood: the forward URLs in use are in it."""
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        aside = self._path.with_name(f"{self._path.name}.broken-{stamp}")
        self._path.replace(aside)
        log.warning(
            "Not all of the listener's paths in %s could be understood; forwards to the others are"
            " answered 404 now. The file is kept as %s.",
            self._path,
            aside.name,
        )


def _stamp(path: Path) -> _Stamp:
    """Changes whenever the file is replaced; None while there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_ino, found.st_size


def _parse(data: bytes | None, stamp: _Stamp) -> _Known:
    if data is None:
        return _Known(stamp)
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError):
        raw = None
    if not isinstance(raw, dict):
        return _Known(stamp, whole=False)
    named = raw.get(_CONNECTIONS, {})
    given: dict[str | None, object] = dict(named) if isinstance(named, dict) else {"": named}
    if _NOBODYS in raw:
        given[None] = raw[_NOBODYS]
    paths = {owner: path for owner, path in given.items() if _is_path(path)}
    rest = {name: value for name, value in raw.items() if name not in {_NOBODYS, _CONNECTIONS}}
    return _Known(stamp, paths, rest, whole=len(paths) == len(given))  # type: ignore[arg-type]  # _is_path has looked


def _is_path(path: object) -> bool:
    return (
        isinstance(path, str)
        and path.startswith("/")
        and path.isascii()
        and path.isprintable()
        and not any(letter in path for letter in " ?#")
    )
