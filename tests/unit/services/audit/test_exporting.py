"""The audit in a file."""

import csv
import json
from pathlib import Path

import pytest

from ibconsole.archive import AuditEntry, AuditFilter, append_audit
from ibconsole.services.audit.exporting import export_audit
from ibconsole.services.messages import ExportFailed

CODE = "0123456789abcdef0123456789abcdef"


def _export(path: Path, target: Path, connection: str = "") -> int:
    return export_audit(path, target, AuditFilter(connection), lambda _: None)


def test_exports_what_matches(path: Path, tmp_path: Path) -> None:
    """As CSV or as JSON Lines, by the name of the file, with masked codes."""
    for connection, kind in (("4f5a", "change"), ("77aa", "pull")):
        append_audit(path, AuditEntry(connection, CODE, f'{{"kind": "{kind}", "path": "/{CODE}"}}'))

    table, lines = tmp_path / "audit.CSV", tmp_path / "audit.jsonl"
    assert _export(path, table) == 2
    with table.open(encoding="utf-8-sig", newline="") as file:
        assert [row["kind"] for row in csv.DictReader(file)] == ["change", "pull"]
    for _ in range(2):  # it replaces what it wrote
        assert _export(path, lines, "4f5a") == 1
    [line] = lines.read_text().splitlines()
    assert (json.loads(line)["kind"], CODE in line) == ("change", False)


def test_what_cannot_be_written_leaves_no_file(path: Path, tmp_path: Path) -> None:
    append_audit(path, AuditEntry("", "", "{}"))
    with pytest.raises(ExportFailed, match="could not be written"):
        _export(path, tmp_path / "none" / "audit.csv")
    with pytest.raises(ExportFailed):
        _export(path, tmp_path)
