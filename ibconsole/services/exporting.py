"""Stored messages on their way out: as the platform wrote them, with ours beside."""

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ibconsole.archive import Flags, StoredMessage
from ibconsole.errors import UserError
from ibconsole.model import encode, parse


class ExportFailed(UserError):
    """An export could not be written."""


def as_object(message: StoredMessage) -> dict[str, Any]:
    """The platform's fields at top level, unknown ones too; ours under `_ibconsole`.

    Times are ISO 8601 in UTC. What was no object at all is `_ibconsole.value`.
    """
    ours: dict[str, Any] = {
        "id": message.id,
        "delivery": message.delivery,
        "position": message.position,
        "via": message.via,
        "connection": message.connection,
        "arrivedAt": iso(message.arrived_at),
        "flags": [flag.name.lower() for flag in Flags if message.flags & flag and flag.name],
        "duplicateOf": message.duplicate_of,
    }
    raw = parse(message.body)
    if not isinstance(raw, dict):
        return {"_ibconsole": {**ours, "value": raw}}
    return {**raw, "_ibconsole": ours}


def json_line(message: StoredMessage, *, reveal_codes: bool) -> bytes:
    """One line of an export; without reveal_codes the application's code is masked everywhere.

    The code doubles as the mobile SDK's credential (platform.md §3), and stands in `to` too.
    """
    line = encode(as_object(message)) + b"\n"
    code = message.application_code
    if reveal_codes or not code:
        return line
    return line.replace(_inside(code), _inside(masked(code)))


def masked(code: str) -> str:
    """An application code with only its ends readable."""
    return f"{code[:4]}…{code[-4:]}" if len(code) > 12 else "…"


def write(path: Path, lines: Iterable[bytes]) -> int:
    """Write an export to a new file that only its owner may read; how many lines it has.

    Raises ExportFailed if the file exists or cannot be written; a half-written one is
    removed.
    """
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        raise ExportFailed(f"{path} exists already; nothing was written.") from None
    except OSError as error:
        raise ExportFailed(f"{path} cannot be written: {error.strerror}.") from error
    count = 0
    try:
        with path.open("wb") as file:
            for count, line in enumerate(lines, start=1):  # noqa: B007 the last one counts
                file.write(line)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise ExportFailed(
            f"{path} could not be written whole: {error.strerror}."
            " It is removed; the archive is unharmed."
        ) from error
    return count


def iso(moment: int) -> str:
    """Milliseconds since the epoch as ISO 8601 in UTC."""
    return datetime.fromtimestamp(moment / 1000, UTC).isoformat(timespec="milliseconds")


def _inside(text: str) -> bytes:
    return encode(text)[1:-1]
