"""The settings of the user in one small JSON file that several processes share. No secrets.

The file carries a version and is written atomically. A file that cannot be understood is never
overwritten: it is moved aside first, and its new name is shown. Fields of a newer program stay in
the file, and in the connections that have them.
"""

import json
from collections.abc import Callable, Container, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from msgspec.structs import asdict, replace

from ibconsole.archive import RetentionPolicy
from ibconsole.errors import UserError
from ibconsole.files import atomic_write, file_lock, move_aside, read_up_to
from ibconsole.plural import counted
from ibconsole.services.connections.connection import Connection
from ibconsole.services.connections.list_choices import ListChoices
from ibconsole.text import fold

_VERSION = 1
_LARGEST = 4 << 20  # bytes
_KEYS = {"version", "last", "connections", "keep", "mutes", "watches", "filters", "lists"}
T = TypeVar("T")


class SettingsError(UserError):
    """The settings cannot be read or written."""


class SettingsTooNew(SettingsError):
    """The file was written by a newer ibconsole."""


class Mute(msgspec.Struct, frozen=True):
    """A finding of the diagnosis that the user has muted until a time, for a reason.

    `subject` identifies what is muted and reveals no code; `label` names it for users. `number` is
    that of the finding. `until` is in milliseconds since the epoch.
    """

    subject: str
    number: int
    reason: str
    until: int
    label: str = ""


class Watch(msgspec.Struct, frozen=True):
    """The user's choice of what is watched: a connection, or one application of it by its code.

    `kinds` are values of `AlarmKind`, None for the default; unknown ones, of a newer program, have
    no effect. `minutes` is the silence after which there is an alarm, None for that which the
    archive shows to be unusual. With `notify` the system shows a notification of each alarm.
    """

    connection: str
    application: str = ""
    name: str = ""
    kinds: tuple[str, ...] | None = None
    minutes: int | None = None
    notify: bool = False


class SavedFilter(msgspec.Struct, frozen=True):
    """A filter of messages that the user has kept for a connection, as it was typed.

    At most one of a connection is applied `at_start`, when the connection is opened.
    """

    connection: str
    text: str
    at_start: bool = False


class Settings(msgspec.Struct, frozen=True):
    """Every setting, with its default.

    `last_opened` is the ID of the connection that was opened last. `retention` limits what is
    kept of the received messages. `mutes` are the muted findings, ended ones included.
    `watches` are those that the user has chosen, `filters` those that were kept, in the order of
    the menu. `lists` are the columns and rules of lists of messages, by connection.
    """

    connections: tuple[Connection, ...] = ()
    last_opened: str = ""
    retention: RetentionPolicy = msgspec.field(default_factory=RetentionPolicy)
    mutes: tuple[Mute, ...] = ()
    watches: tuple[Watch, ...] = ()
    filters: tuple[SavedFilter, ...] = ()
    lists: tuple[ListChoices, ...] = ()

    def connection(self, uuid: str) -> Connection | None:
        """Return the connection with that ID, None if there is none."""
        return next((one for one in self.connections if one.id == uuid), None)

    def named(self, name: str) -> Connection | None:
        """Return the connection with that name, compared by `fold`; None if there is none.

        Of several, the one with exactly this name comes first.
        """
        wanted = " ".join(name.split())
        named = [one for one in self.connections if fold(one.name) == fold(wanted)]
        return next((one for one in named if one.name == wanted), named[0] if named else None)


class LoadedSettings(msgspec.Struct, frozen=True):
    """The settings, and a sentence about damage in their file; empty if there was none."""

    settings: Settings
    notice: str = ""


class SettingsFile:
    """Reads and changes the settings. Every method blocks on the disk.

    `lock_timeout` is the number of seconds to wait for another process that is writing.
    """

    def __init__(self, path: Path, *, lock_timeout: float = 5.0) -> None:
        self._path = path
        self._lock_timeout = lock_timeout

    def load(self) -> LoadedSettings:
        """Read the settings; a missing file means the defaults.

        A file that is damaged, even in part, is moved aside before it is written again.
        Raises SettingsTooNew for the file of a newer program and SettingsError for a file
        that cannot be read; both leave the file as it is.
        """
        data = self._read_bytes()
        if data is None:
            return LoadedSettings(Settings())
        try:
            document = _check_version(json.loads(data), self._path)
        except (ValueError, RecursionError):
            return LoadedSettings(Settings(), self._move_aside("could not be understood"))
        settings, unreadable = _read(document)
        if not unreadable:
            return LoadedSettings(settings)
        notice = self._move_aside(f"contained {unreadable} that could not be understood")
        self._write(settings)
        return LoadedSettings(settings, notice)

    def change(self, change: Callable[[Settings], Settings]) -> Settings:
        """Read, change and write the settings under a lock; return what was written.

        An exception of `change` is passed on and leaves the file as it was. Raises
        SettingsError if the file cannot be written.
        """
        try:
            with file_lock(self._path, self._lock_timeout):
                settings = change(self.load().settings)
                self._write(settings)
        except TimeoutError:
            raise SettingsError(
                f"Another ibconsole has been writing {self._path} for {self._lock_timeout:.0f} s;"
                " nothing was changed. Close it and try again."
            ) from None
        except OSError as error:
            raise self._write_error(error) from None
        return settings

    def _read_bytes(self) -> bytes | None:
        try:
            return read_up_to(self._path, _LARGEST)
        except OSError as error:
            raise SettingsError(
                f"The settings in {self._path} cannot be read ({error.strerror}); they were left"
                " as they are."
            ) from None

    def _read_document(self) -> Mapping[str, Any]:
        """Return what the file holds; nothing for one that cannot be understood."""
        try:
            document = json.loads(self._read_bytes() or b"{}")
        except (ValueError, RecursionError):
            return {}
        return document if isinstance(document, dict) else {}

    def _move_aside(self, problem: str) -> str:
        try:
            aside = move_aside(self._path)
        except OSError as error:
            raise SettingsError(
                f"The settings in {self._path} {problem}, and could not be moved aside"
                f" ({error.strerror}); they were left as they are."
            ) from None
        return f"The settings in {self._path} {problem}. The damaged file was kept as {aside.name}."

    def _write(self, settings: Settings) -> None:
        document = {
            "version": _VERSION,
            "last": settings.last_opened,
            "connections": [asdict(one) for one in settings.connections],
            "keep": asdict(settings.retention),
        }
        for name in ("mutes", "watches", "filters", "lists"):
            if entries := getattr(settings, name):
                document[name] = msgspec.to_builtins(entries)
        document = _with_unknown(document, self._read_document())
        try:
            atomic_write(self._path, json.dumps(document, indent=2, ensure_ascii=False).encode())
        except OSError as error:
            raise self._write_error(error) from None

    def _write_error(self, error: OSError) -> SettingsError:
        return SettingsError(
            f"The settings could not be written to {self._path} ({error.strerror}); they are as"
            " they were."
        )


def _check_version(document: object, path: Path) -> Mapping[str, Any]:
    version = document.get("version") if isinstance(document, dict) else None
    if not isinstance(document, dict) or not isinstance(version, int) or version < 1:
        raise ValueError("no settings")
    if version > _VERSION:
        raise SettingsTooNew(
            f"The settings in {path} were written by a newer ibconsole (version {version}; this"
            f" one knows {_VERSION}). They were left as they are. Install the newer program."
        )
    return document


def _read(document: Mapping[str, Any]) -> tuple[Settings, str]:
    """Return the settings that can be understood, and a description of the rest."""
    entries = document.get("connections", [])
    connections: list[Connection] = []
    skipped = 0
    for entry in entries if isinstance(entries, list) else [entries]:
        one = _read_connection(entry, connections)
        if one:
            connections.append(one)
        else:
            skipped += 1
    last = document.get("last", "")
    retention = _read_retention(document.get("keep", {}))
    unreadable = [counted(skipped, "connection")] if skipped else []
    if retention is None:
        unreadable.append("a retention policy")
    # Of what cannot be understood nothing is muted, the default is watched, and so on.
    mutes = _read_entries(document.get("mutes", []), Mute)
    if mutes is None:
        unreadable.append("muted findings")
    watches = _read_watches(document.get("watches", []))
    if watches is None:
        unreadable.append("watches")
    filters = _read_entries(document.get("filters", []), SavedFilter)
    if filters is None:
        unreadable.append("saved filters")
    lists = _read_entries(document.get("lists", []), ListChoices)
    if lists is None:
        unreadable.append("columns and highlight rules")
    settings = Settings(
        tuple(connections),
        last if isinstance(last, str) else "",
        retention or RetentionPolicy(),
        mutes or (),
        watches or (),
        filters or (),
        lists or (),
    )
    return settings, " and ".join(unreadable)


def _with_unknown(document: dict[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with the fields that `before` has and this program does not know."""
    connections = before.get("connections")
    entries = connections if isinstance(connections, list) else []
    unknown = {
        entry["id"]: _without(entry, Connection.__struct_fields__)
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("id"), str)
    }
    document["connections"] = [
        {**one, **unknown.get(one["id"], {})} for one in document["connections"]
    ]
    return {**document, **_without(before, _KEYS)}


def _without(entry: Mapping[str, Any], keys: Container[str]) -> dict[str, Any]:
    return {key: value for key, value in entry.items() if key not in keys}


def _read_retention(entry: object) -> RetentionPolicy | None:
    """Return None for an entry that cannot be understood; everything is kept then."""
    try:
        policy = msgspec.convert(entry, RetentionPolicy)
    except msgspec.ValidationError:
        return None
    bounds = (policy.days, policy.count, policy.size)
    return None if any(bound is not None and bound < 0 for bound in bounds) else policy


def _read_entries(entry: object, kind: type[T]) -> tuple[T, ...] | None:
    """Return None for a list that cannot be understood."""
    try:
        return msgspec.convert(entry, tuple[kind, ...])  # type: ignore[valid-type]
    except msgspec.ValidationError:
        return None


def _read_watches(entry: object) -> tuple[Watch, ...] | None:
    watches = _read_entries(entry, Watch)
    are_valid = all(one.minutes is None or one.minutes >= 1 for one in watches or ())
    return watches if are_valid else None


def _read_connection(entry: object, others: Sequence[Connection]) -> Connection | None:
    try:
        one = msgspec.convert(entry, Connection).normalized()
    except (msgspec.ValidationError, UserError):
        return None
    duplicate = any(one.id == other.id or one.name == other.name for other in others)
    return None if duplicate else one


def saved_base_urls(path: Path) -> Mapping[str, str]:
    """Return the base URLs of the saved connections by name, none if the file cannot be read.

    For shell completion and diagnosis: unlike `SettingsFile.load`, it never moves the file.
    """
    try:
        entries = json.loads(path.read_bytes())["connections"]
        return {str(entry["name"]): str(entry.get("base_url", "")) for entry in entries}
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return {}


def saved_names(path: Path) -> Sequence[str]:
    """Return the names of the saved connections, as `saved_base_urls` does."""
    return list(saved_base_urls(path))


def with_connection(settings: Settings, connection: Connection) -> Settings:
    """Return the settings with this connection; one with the same ID is replaced in place."""
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
    """Return the settings without this connection."""
    return replace(
        settings,
        connections=tuple(one for one in settings.connections if one.id != uuid),
        last_opened="" if settings.last_opened == uuid else settings.last_opened,
        watches=tuple(one for one in settings.watches if one.connection != uuid),
        filters=tuple(one for one in settings.filters if one.connection != uuid),
        lists=tuple(one for one in settings.lists if one.connection != uuid),
    )


def with_watch(settings: Settings, watch: Watch) -> Settings:
    """Return the settings with this watch; one of the same connection and application ends."""
    subject = (watch.connection, watch.application)
    others = [one for one in settings.watches if (one.connection, one.application) != subject]
    return replace(settings, watches=(*others, watch))


def with_filter(settings: Settings, kept: SavedFilter) -> Settings:
    """Return the settings with this filter; one of the same text and connection is replaced.

    If it is applied at the start, no other one of its connection is.
    """

    def replaced(one: SavedFilter) -> SavedFilter:
        if one.connection != kept.connection:
            return one
        is_same = one.text == kept.text
        return kept if is_same else replace(one, at_start=one.at_start and not kept.at_start)

    filters = tuple(map(replaced, settings.filters))
    is_new = kept not in filters
    return replace(settings, filters=(*filters, kept) if is_new else filters)


def without_filter(settings: Settings, removed: SavedFilter) -> Settings:
    """Return the settings without the filter of this text and connection."""
    subject = (removed.connection, removed.text)
    return replace(
        settings,
        filters=tuple(one for one in settings.filters if (one.connection, one.text) != subject),
    )
