"""Old rows of the audit are removed on purpose alone, and the audit says so."""

from pathlib import Path

import pytest

from ibconsole.archive import AuditEntry, AuditFilter, append_audit
from ibconsole.clock import now_ms
from ibconsole.services.audit.removal import (
    LEAST_DAYS,
    TooYoung,
    describe_removal,
    preview_removal,
    remove,
)
from ibconsole.services.audit.reports import audit_rows, describe_verification, verify

DAY = 24 * 3_600_000


def _fill(path: Path, days: int) -> int:
    return append_audit(path, AuditEntry("c", "", "{}"), lambda: now_ms() - days * DAY)


def test_a_row_says_what_was_removed_and_by_whom(path: Path) -> None:
    for days in (90, 60, 1):
        _fill(path, days)
    hashed = verify(path).hash
    removal = preview_removal(path, LEAST_DAYS)
    sentence = describe_removal(removal)
    assert "2 rows of the audit, up to row 2, would be removed permanently" in sentence
    assert "The clock says" in sentence

    remove(path, removal, days=LEAST_DAYS, reason=" ticket\n7 ", place="Command line")

    *_, row = audit_rows(path, AuditFilter())
    assert (row["kind"], row["outcome"], row["reason"]) == ("removal", "done", "ticket 7")
    assert row["after"] == "2 rows older than 30 days"
    assert all((row["user"], row["host"], row["process"], row["place"]))
    whole = describe_verification(verify(path, (3, hashed)), (3, hashed))
    assert "3 rows, each as it was written. Rows up to 2 were removed on purpose at 20" in whole
    assert "cannot be compared" not in whole
    lost = (1, "0" * 64)
    assert "Row 1 was one of them, so it cannot be compared." in describe_verification(
        verify(path, lost), lost
    )


def test_nothing_young_is_removed(path: Path) -> None:
    with pytest.raises(TooYoung, match="kept for 30 days at least, and --audit-days is 29"):
        preview_removal(path, LEAST_DAYS - 1)
    assert preview_removal(path, LEAST_DAYS).rows == 0
    _fill(path, 20)
    removal = preview_removal(path, LEAST_DAYS)
    assert describe_removal(removal) == "No row of the audit is that old; nothing is removed."
