"""The health of an account as it was known last, kept on disk until it is checked again.

A file for each connection, readable by its owner alone. It has times, levels and numbers of
findings: no name, no code, no URL, no sentence. Hashes identify the applications, as in mutes.
Whatever cannot be read or written is left out: everything is found out again.
"""

import logging
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from ibconsole.clock import now_ms
from ibconsole.files import atomic_write, make_private_directory, read_up_to
from ibconsole.services.diagnosis.catalogue import Level, definition_of, fingerprint
from ibconsole.services.diagnosis.muting import scope_of

log = logging.getLogger(__name__)

_LARGEST = 32 << 20  # bytes
_MAX_AGE = 30 * 86_400_000  # ms, after which it says more about the past than about the account
_FORMAT = 1


class ApplicationHealth(msgspec.Struct, frozen=True):
    """The health of one application: its worst finding, and how many there are.

    `level` and `sentence` are those of the worst finding, None and empty if there is none;
    `numbers` are those of all its findings.
    `read_at` is the time at which its setup was read, in milliseconds since the epoch.
    """

    code: str
    name: str
    read_at: int
    level: Level | None = None
    sentence: str = ""
    findings: int = 0
    muted: int = 0
    numbers: tuple[int, ...] = ()


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    read_at: int
    level: Level | None
    findings: int
    muted: int
    numbers: tuple[int, ...]


class _HealthFile(msgspec.Struct, frozen=True):
    format: int
    applications: dict[str, _Kept]


class HealthCache:
    """The kept health of one connection. Every method blocks, and none raises."""

    def __init__(self, folder: Path, connection: str) -> None:
        self._connection = connection
        self._path = _path(folder, connection)

    def load(self, names: Mapping[str, str]) -> dict[str, ApplicationHealth]:
        """Return what is known of applications; `names` maps their codes to their names."""
        kept, now = self._read(), now_ms()
        found = {}
        for code, name in names.items() if kept else ():
            one = kept.get(scope_of(self._connection, code))
            if one and 0 <= now - one.read_at <= _MAX_AGE:
                found[code] = ApplicationHealth(
                    code=code,
                    name=name,
                    read_at=one.read_at,
                    level=one.level,
                    sentence=_title(one.numbers),
                    findings=one.findings,
                    muted=one.muted,
                    numbers=one.numbers,
                )
        return found

    def save(self, health: Iterable[ApplicationHealth]) -> None:
        """Replace what is kept."""
        kept = {
            scope_of(self._connection, one.code): _Kept(
                one.read_at, one.level, one.findings, one.muted, one.numbers
            )
            for one in health
        }
        try:
            make_private_directory(self._path.parent)
            atomic_write(self._path, msgspec.json.encode(_HealthFile(_FORMAT, kept)))
        except OSError as error:
            log.warning("The health was not kept for the next start: %s", error)

    def _read(self) -> dict[str, _Kept]:
        try:
            data = read_up_to(self._path, _LARGEST)
            found = msgspec.json.decode(data, type=_HealthFile) if data else None
        except (OSError, msgspec.MsgspecError) as error:
            log.warning("The health of the last time was left out: %s", error)
            return {}
        return found.applications if found and found.format == _FORMAT else {}


def forget_health(folder: Path, connection: str) -> None:
    """Remove what is kept of a connection. Blocks, and does not raise."""
    try:
        _path(folder, connection).unlink(missing_ok=True)
    except OSError as error:
        log.warning("The kept health of a removed connection stays on disk: %s", error)


def _path(folder: Path, connection: str) -> Path:
    return folder / f"{fingerprint(connection)}.json"


def _title(numbers: tuple[int, ...]) -> str:
    """Return the title of the worst finding, which is the first; empty for an unknown number."""
    try:
        return definition_of(numbers[0]).title if numbers else ""
    except LookupError:  # of a newer version
        return ""
