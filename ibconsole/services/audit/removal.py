"""Removing the oldest rows of the audit: on purpose alone, never by itself, and never unnoticed."""

from pathlib import Path

from ibconsole.api import CallState
from ibconsole.archive import AuditRemoval, preview_audit_removal, remove_audit
from ibconsole.errors import UserError
from ibconsole.files import is_missing
from ibconsole.plural import counted
from ibconsole.services.audit.recording import (
    RecordedCall,
    RecordedOutcome,
    describe_process,
    encode_content,
)
from ibconsole.services.audit.reports import REMOVAL
from ibconsole.services.messages import describe_clock, iso_time

LEAST_DAYS = 30


class TooYoung(UserError):
    """Rows that have to be kept would be removed."""


def preview_removal(path: Path, days: int) -> AuditRemoval:
    """Return which rows are older than this many days.

    Raises TooYoung for less than LEAST_DAYS, and ArchiveError.
    """
    if days < LEAST_DAYS:
        raise TooYoung(
            f"Nothing was removed: the audit is kept for {LEAST_DAYS} days at least, and"
            f" --audit-days is {days}."
        )
    return AuditRemoval(0, "", 0) if is_missing(path) else preview_audit_removal(path, days)


def describe_removal(removal: AuditRemoval) -> str:
    """Return what would be removed, and that the clock may be wrong."""
    if not removal.rows:
        return "No row of the audit is that old; nothing is removed."
    doubt = removal.doubted_since
    return (
        f"{counted(removal.rows, 'row')} of the audit, up to row {removal.last}, would be removed"
        f" permanently, written from {_day(removal.oldest)} to {_day(removal.newest)}. A row that"
        f" says so takes their place.{f' {describe_clock(doubt)}' if doubt is not None else ''}"
    )


def remove(path: Path, removal: AuditRemoval, *, days: int, reason: str, place: str) -> None:
    """Remove the rows of a preview; who did that is appended in the same transaction.

    Raises ArchiveError; then nothing was removed.
    """

    def describe(found: AuditRemoval) -> tuple[str, str]:
        recorded = RecordedCall(
            **describe_process(),
            account="",
            base_url="",
            credential="",
            place=place,
            reason=" ".join(reason.split()),
            kind=REMOVAL,
            method="",
            path="",
            after=f"{counted(found.rows, 'row')} older than {counted(days, 'day')}",
            removed_until=str(found.last),
            removed_hash=found.hash,
        )
        return encode_content(recorded), encode_content(RecordedOutcome(CallState.DONE.value))

    remove_audit(path, removal, describe)


def _day(instant: int | None) -> str:
    return iso_time(instant or 0)[:10]
