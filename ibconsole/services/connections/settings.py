"""What the user has set up, in one small file that several processes share. No secrets.

The file carries a version, is written whole or not at all, and is never overwritten while it
cannot be understood: a broken one is set aside first, and named.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from ibconsole.archive import RetentionPolicy
from ibconsole.errors import UserError
from ibconsole.files import atomic_write, file_lock
from ibconsole.services.connections.connection import Connection

_VERSION = 1
_PATIENCE = 5.0  # seconds to wait for another process that is writing
_LARGEST = 4 << 20


class SettingsError(UserError):
    """The settings cannot be read or written."""


class SettingsTooNew(SettingsError):
    """The file was written by a newer ibconsole."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Every setting, with its default.

    `last` is the ID of the connection opened last. `keep`: how much of what was received.
    """

    connections: tuple[Connection, ...] = ()
    last: str = ""
    keep: RetentionPolicy = field(default_factory=RetentionPolicy)

    def connection(self, uuid: str) -> Connection | None:
        """The connection of that ID; None if there is none."""
        return next((one for one in self.connections if one.id == uuid), None)

    def named(self, name: str) -> Connection | None:
        """The connection of that name, in any case; None if there is none."""
        wanted = " ".join(name.split()).casefold()
        return next((one for one in self.connections if one.name.casefold() == wanted), None)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings, and a sentence about what was wrong with their file; empty if nothing."""

    settings: Settings
    notice: str = ""


class SettingsFile:
    """Reads and changes the settings. Blocks for as long as the disk takes."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> Loaded:
        """The settings; a missing file means the defaults.

        A file that is broken, or in part, is set aside under another name before anything
        is written again. Raises SettingsTooNew for a newer program's, SettingsError if it
        cannot be read at all; both leave the file as it is.
        """
        data = self._bytes()
        if data is None:
            return Loaded(Settings())
        try:
            raw = _version_checked(json.loads(data), self._path)
        except (ValueError, RecursionError):
            return Loaded(Settings(), self._set_aside("could not be understood"))
        settings, lost = _read(raw)
        if not lost:
            return Loaded(settings)
        notice = self._set_aside(f"had {lost} that could not be understood")
        self._write(settings)
        return Loaded(settings, notice)

    def change(self, change: Callable[[Settings], Settings]) -> Settings:
        """Read, change and write, with no other process doing so meanwhile; what was written.

        What `change` raises goes through, with the file as it was. Raises SettingsError if
        it cannot be written.
        """
        try:
            with file_lock(self._path, _PATIENCE):
                settings = change(self.load().settings)
                self._write(settings)
        except TimeoutError:
            raise SettingsError(
                f"Another ibconsole has been writing {self._path} for {_PATIENCE:.0f} s;"
                " nothing was changed. Close it and try again."
            ) from None
        except OSError as error:
            raise self._not_written(error) from None
        return settings

    def _bytes(self) -> bytes | None:
        try:
            with self._path.open("rb") as file:
                return file.read(_LARGEST)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise SettingsError(
                f"The settings in {self._path} cannot be read ({error.strerror}); they were left"
                " as they are."
            ) from None

    def _set_aside(self, what: str) -> str:
        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%S%fZ")
        aside = self._path.with_name(f"{self._path.name}.broken-{stamp}")
        try:
            self._path.replace(aside)
        except OSError as error:
            raise SettingsError(
                f"The settings in {self._path} {what}, and could not be set aside"
                f" ({error.strerror}); they were left as they are."
            ) from None
        return f"The settings in {self._path} {what}. The file is kept as {aside.name} beside it."

    def _write(self, settings: Settings) -> None:
        document = {
            "version": _VERSION,
            "last": settings.last,
            "connections": [asdict(one) for one in settings.connections],
            "keep": asdict(settings.keep),
        }
        try:
            atomic_write(self._path, json.dumps(document, indent=2, ensure_ascii=False).encode())
        except OSError as error:
            raise self._not_written(error) from None

    def _not_written(self, error: OSError) -> SettingsError:
        return SettingsError(
            f"The settings could not be written to {self._path} ({error.strerror}); they are as"
            " they were."
        )


def _version_checked(raw: object, path: Path) -> Mapping[str, Any]:
    version = raw.get("version") if isinstance(raw, dict) else None
    if not isinstance(raw, dict) or not isinstance(version, int) or version < 1:
        raise ValueError("no settings")
    if version > _VERSION:
        raise SettingsTooNew(
            f"The settings in {path} were written by a newer ibconsole (version {version}; this"
            f" one knows {_VERSION}). They were left as they are. Install the newer program."
        )
    return raw


def _read(raw: Mapping[str, Any]) -> tuple[Settings, str]:
    """What can be understood, and what could not, in words."""
    entries = raw.get("connections", [])
    listed = entries if isinstance(entries, list) else [entries]
    connections: list[Connection] = []
    lost = 0
    for entry in listed:
        one = _connection(entry, connections)
        if one:
            connections.append(one)
        else:
            lost += 1
    last = raw.get("last", "")
    keep = _keep(raw.get("keep", {}))
    words = [f"{lost} connection{'' if lost == 1 else 's'}"] if lost else []
    if keep is None:
        words.append("how much is to be kept")
    settings = Settings(
        tuple(connections), last if isinstance(last, str) else "", keep or RetentionPolicy()
    )
    return settings, " and ".join(words)


def _keep(entry: object) -> RetentionPolicy | None:
    """None for what cannot be understood: everything is kept then."""
    try:
        keep = msgspec.convert(entry, RetentionPolicy)
    except msgspec.ValidationError:
        return None
    bounds = (keep.days, keep.count, keep.size)
    return None if any(bound is not None and bound < 0 for bound in bounds) else keep


def _connection(entry: object, others: Sequence[Connection]) -> Connection | None:
    try:
        one = msgspec.convert(entry, Connection).tidied()
    except (msgspec.ValidationError, UserError):
        return None
    taken = any(one.id == other.id or one.name == other.name for other in others)
    return None if taken else one


def saved_names(path: Path) -> Sequence[str]:
    """The names of saved connections; none if they cannot be read. Moves no file, as `load` may."""
    try:
        entries = json.loads(path.read_bytes())["connections"]
        return [str(entry["name"]) for entry in entries]
    except (OSError, ValueError, LookupError, TypeError):
        return []


def with_connection(settings: Settings, connection: Connection) -> Settings:
    """The settings with this connection, in its former place if it had one."""
    others = [one for one in settings.connections if one.id != connection.id]
    if len(others) == len(settings.connections):
        return replace(settings, connections=(*settings.connections, connection))
    return replace(
        settings,
        connections=tuple(
            connection if one.id == connection.id else one for one in settings.connections
        ),
    )


def without_connection(settings: Settings, uuid: str) -> Settings:
    """The settings without this connection."""
    return replace(
        settings,
        connections=tuple(one for one in settings.connections if one.id != uuid),
        last="" if settings.last == uuid else settings.last,
    )
