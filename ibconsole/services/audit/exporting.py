"""The audit as CSV and as JSON Lines, and in a file."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ibconsole.archive import AuditFilter, Progress, ProgressCallback
from ibconsole.files import draft_file, publish_draft, replaceable
from ibconsole.services.audit.reports import COLUMNS, NUMBERS, audit_rows
from ibconsole.services.messages import ExportFailed, encode_row, protect_text

# No texts of others.
_PLAIN = frozenset({"row", "at", "ended_at", "connection", *NUMBERS})
_REPORTED = 500  # calls between two reports of progress


def csv_header() -> bytes:
    """Return the first line of an export as CSV."""
    return encode_row(COLUMNS)


def csv_row(row: Mapping[str, Any]) -> bytes:
    """Return a row of `audit_rows` as CSV; a spreadsheet shows every text as it is."""
    return encode_row(
        [_number(row[name]) if name in _PLAIN else protect_text(str(row[name])) for name in COLUMNS]
    )


def export_audit(
    path: Path, target: Path, chosen: AuditFilter, on_progress: ProgressCallback
) -> int:
    """Write the calls that match to a file, oldest first; return their number.

    As CSV if its name ends with that, else as JSON Lines, with masked codes. Replaces a regular
    file, and appears only when it is complete. Raises ArchiveError and ExportFailed.
    """
    count, as_csv = 0, target.suffix.lower() == ".csv"
    try:
        target = replaceable(target)
        with draft_file(target) as draft:
            with draft.open("wb") as file:
                file.write(csv_header() if as_csv else b"")
                for row in audit_rows(path, chosen):
                    file.write(csv_row(row) if as_csv else _json_line(row))
                    count += 1
                    if count % _REPORTED == 0:
                        on_progress(Progress("Writing the audit"))
            publish_draft(draft, target, replace=True)
    except OSError as error:
        raise ExportFailed(
            f"{target} could not be written: {error.strerror}. The audit is unharmed."
        ) from error
    return count


def _json_line(row: Mapping[str, Any]) -> bytes:
    return f"{json.dumps(dict(row))}\n".encode()


def _number(value: object) -> str:
    return "" if value is None else str(value)
