"""The commands for maintaining the archive."""

from pathlib import Path

import apsw

from ibconsole.archive.archive import Archive
from tests.unit.archive.deliveries import tamper
from tests.unit.cli.conftest import Command


def archive_path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "archive.sqlite3"


def test_verify_finds_damage(on_account: Command, ibconsole: Command, tmp_path: Path) -> None:
    """Exit code 0 for an undamaged archive; 1 with the damage and advice otherwise."""
    on_account("pull", "--yes")

    intact = ibconsole("archive", "verify")
    assert (intact.code, intact.err) == (0, "")
    assert "The archive is undamaged: 1 delivery and 7 messages were looked at" in intact.out

    with Archive(archive_path(tmp_path)) as archive:
        tamper(archive, "UPDATE chunk SET bytes = x'31'")
    damaged = ibconsole("archive", "verify", "--json")
    assert damaged.code == 1
    assert (damaged.json["deliveries"]["damaged"], damaged.json["damages"][0]["delivery"]) == (1, 1)
    assert "copy the whole data directory" in damaged.err


def test_verify_looks_at_the_audit(on_account: Command, ibconsole: Command, tmp_path: Path) -> None:
    """One flipped byte of the audit is damage of the archive, in a backup as well."""
    on_account("pull", "--yes")
    assert "So is the audit, with 2 rows." in ibconsole("archive", "verify").out
    assert ibconsole("archive", "verify", "--json").json["auditRows"] == 2
    backup = tmp_path / "copy.sqlite3"
    assert ibconsole("archive", "backup", str(backup)).code == 0

    for path, arguments in ((archive_path(tmp_path), ()), (backup, (str(backup),))):
        db = apsw.Connection(str(path))
        flip = "UPDATE audit SET content = replace(content, '200', '201') WHERE id = 2"
        db.execute(f"DROP TRIGGER audit_changed; {flip}").fetchall()
        db.close()
        found = ibconsole("archive", "verify", *arguments)
        assert found.code == 1
        assert "The audit is broken at row 2." in found.out


def test_verify_needs_an_archive(ibconsole: Command) -> None:
    """Without an archive the command fails and creates none."""
    result = ibconsole("archive", "verify")

    assert (result.code, result.out) == (1, "")
    assert "There is no archive at" in result.err


def test_backup_creates_a_verified_copy(
    on_account: Command, ibconsole: Command, tmp_path: Path
) -> None:
    """A backup can be verified like the archive, and replaces no existing file."""
    on_account("pull", "--yes")
    target = tmp_path / "copy.sqlite3"

    created = ibconsole("archive", "backup", str(target), "--json")
    assert created.code == 0
    assert created.json["file"] == str(target)
    assert f"The backup is {target}." in created.err
    assert ibconsole("archive", "verify", str(target)).code == 0

    again = ibconsole("archive", "backup", str(target))
    assert again.code == 1
    assert "exists already" in again.err


def test_redecode_needs_consent(on_account: Command, ibconsole: Command, tmp_path: Path) -> None:
    """All messages are decoded again after the user has agreed."""
    on_account("pull", "--yes")
    expected = ibconsole("messages", "list", "--json").out
    with Archive(archive_path(tmp_path)) as archive:
        tamper(archive, "UPDATE message SET text = ''")

    refused = ibconsole("messages", "redecode")
    assert refused.code == 2
    assert "add --yes" in refused.err
    done = ibconsole("messages", "redecode", "--yes", "--json")
    assert done.code == 0
    assert done.json["deliveries"] == 1
    assert "1 body read again" in done.err
    assert ibconsole("messages", "list", "--json").out == expected
