"""The audit as people and programs read it: application codes are masked.

Credentials are not even stored."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ibconsole.api import CallKind, CallState
from ibconsole.archive import AuditFilter, AuditRow, AuditVerification, read_audit, verify_audit
from ibconsole.files import is_missing
from ibconsole.lazy import lazy_pattern
from ibconsole.plural import counted
from ibconsole.services.messages import iso_time
from ibconsole.services.request_log import find_codes, mask_codes
from ibconsole.text import mask_code

INTERRUPTED = CallState.UNKNOWN.value
REMOVAL = "removal"  # the kind of the row that says what was removed
_LIMIT = lazy_pattern(r"[?&]limit=(\d{1,9})\b")
_OBJECT = lazy_pattern(r"/configurations(?P<action>/[^/?]+/actions)?(?:/[^/?]+)?(?:\?|$)")
COLUMNS = (
    "row",
    "at",
    "user",
    "host",
    "process",
    "connection",
    "account",
    "base_url",
    "credential",
    "place",
    "reason",
    "kind",
    "method",
    "path",
    "application",
    "before",
    "after",
    "outcome",
    "ended_at",
    "status",
    "problem",
    "answer",
    "size",
    "messages",
    "pending",
    "pulls",
    "act",
    "covers",
)
NUMBERS = ("status", "size", "messages", "pending", "pulls")  # of an outcome


def audit_rows(path: Path, chosen: AuditFilter) -> Iterator[Mapping[str, Any]]:
    """Read the audit with one object for each call, oldest first; none if there is no archive.

    Keys are COLUMNS. A call without an outcome was interrupted, or is under way: its outcome is
    not known. Raises ArchiveError.
    """
    if not is_missing(path):
        yield from map(describe_row, read_audit(path, chosen))


def describe_row(row: AuditRow) -> Mapping[str, Any]:
    """Return one call with its outcome, its secrets masked; what cannot be read is empty."""
    outcome = _object(row.outcome or "")
    found = {**_object(row.content), **outcome}
    texts = (str(found.get(name, "")) for name in ("path", "before", "after", "answer"))
    codes = (row.application, *find_codes(*texts))
    return {
        **{name: _masked(found.get(name, ""), codes) for name in COLUMNS},
        "row": row.number,
        "at": iso_time(row.at),
        "connection": row.connection,
        "application": mask_code(row.application),
        "outcome": str(outcome.get("state", INTERRUPTED)),
        "ended_at": "" if row.ended_at is None else iso_time(row.ended_at),
        **{name: outcome.get(name) for name in NUMBERS},
    }


def describe_act(row: Mapping[str, Any]) -> str:
    """Return what a row of `audit_rows` is about: `Delete action: forward to https://…`."""
    method, path = str(row["method"]), str(row["path"])
    if row["kind"] == CallKind.PULL.value:
        limit = _LIMIT.search(path)
        return f"Pull up to {int(limit[1]):,} messages" if limit else "Pull messages"
    if row["kind"] == CallKind.TEST.value:
        number = _object(str(row["after"])).get("messages")
        what = counted(number, "message") if isinstance(number, int) else "a test"
        return f"Send {what} to {path}"
    if row["kind"] == REMOVAL:
        return f"Remove rows of the audit: {row['after']}"
    found = _OBJECT.search(path)
    verb = {"POST": "Create", "DELETE": "Delete", "PUT": "Change"}.get(method)
    if not found or not verb:
        return f"{method} {path}"
    thing = "action" if found["action"] else "configuration"
    return f"{verb} {thing}{_describe_action(str(row['before'] or row['after']))}"


def _describe_action(content: str) -> str:
    """Return what an action does, as far as its object says it."""
    action = _object(content)
    kind, url = action.get("type"), action.get("forwardUrl")
    if isinstance(url, str) and url:
        return f": forward to {url}"
    return f": {kind.lower()}" if isinstance(kind, str) and kind else ""


def describe_outcome_of(row: Mapping[str, Any]) -> str:
    """Return the outcome of a row of `audit_rows`: `done (200), 3 messages, 4 still waiting`."""
    status = f" ({row['status']})" if row["status"] else ""
    parts = [f"{row['outcome']}{status}"]
    if isinstance(row["messages"], int):
        parts.append(counted(row["messages"], "message"))
    if isinstance(row["pending"], int) and row["pending"]:
        parts.append(f"{row['pending']:,} still waiting")
    if isinstance(row["pulls"], int):
        parts.append(f"{row['pulls']:,} pulls")
    return ", ".join(parts)


def verify(path: Path, kept: tuple[int, str] | None = None) -> AuditVerification:
    """Verify the audit of an archive; see `verify_audit`. One that does not exist is empty."""
    if is_missing(path):
        missing = None if kept is None else 1
        return AuditVerification(0, "", missing, "There is no archive." if missing else "")
    return verify_audit(path, kept)


def describe_verification(found: AuditVerification, kept: tuple[int, str] | None = None) -> str:
    """Return what was found, and what a verification cannot find; `kept` as for `verify`."""
    if found.broken is not None:
        good = counted(found.rows, "row")
        return (
            f"The audit is broken at row {found.broken}. {found.problem} What stands before it"
            f" ({good}) is as it was written; what follows proves nothing."
        )
    if not found.last:
        return "The audit is empty."
    removed = _describe_removed(found, kept[0] if kept else None)
    return (
        f"The audit is whole: {counted(found.rows, 'row')}, each as it was written.{removed} A user"
        " who may write the archive could replace its end and all hashes, which does not show."
        " Keep the last row's number and hash elsewhere, and give them later:"
        f" --kept {found.last}:{found.hash}"
    )


def _describe_removed(found: AuditVerification, kept: int | None) -> str:
    if not found.removed or found.removed_at is None:
        return ""
    lost = kept is not None and kept < found.removed
    compared = f" Row {kept} was one of them, so it cannot be compared." if lost else ""
    return (
        f" Rows up to {found.removed} were removed on purpose at {iso_time(found.removed_at)}; a"
        f" row says by whom.{compared}"
    )


def _object(content: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, msgspec.ValidationError):
        return {}


def _masked(value: object, codes: tuple[str, ...]) -> str:
    text = str(value)
    return mask_codes(text, codes, mask_code) if text else ""  # as most are
