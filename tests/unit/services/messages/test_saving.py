"""Files that messages and bodies are saved to."""

from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import ArchiveError, JobCancelled
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Progress
from ibconsole.services.messages.export import (
    ExportOptions,
)
from ibconsole.services.messages.saving import export_file, save_body
from ibconsole.services.protection import NotPermitted, Policy, PolicyInForce
from tests.unit.archive.deliveries import arrival, batch, pull


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite3"


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    with Archive(path) as archive:
        yield archive


def test_existing_file(archive: Archive, path: Path, tmp_path: Path) -> None:
    """An existing file is replaced only on request."""
    target = tmp_path / "export.jsonl"
    target.write_bytes(b"old")
    pull(archive, batch({"text": "t"}))

    with pytest.raises(ArchiveError, match="exists already"):
        export_file(partial(Reader, path), target, ExportOptions(), lambda _: None)
    assert target.read_bytes() == b"old"
    assert (
        export_file(
            partial(Reader, path), target, ExportOptions(), lambda _: None, replace=True
        ).messages
        == 1
    )
    assert target.stat().st_mode & 0o777 == 0o600
    assert b"_ibconsole" in target.read_bytes()


def test_cancelled_export(archive: Archive, path: Path, tmp_path: Path) -> None:
    """A cancelled export leaves no file."""
    pull(archive, batch({"text": "t"}))

    def stop(_: Progress) -> None:
        raise JobCancelled("stopped")

    with pytest.raises(JobCancelled):
        export_file(partial(Reader, path), tmp_path / "new.jsonl", ExportOptions(), stop)
    assert not list(tmp_path.glob("*new.jsonl*"))
    with pytest.raises(ArchiveError, match="cannot be written"):
        export_file(
            partial(Reader, path), tmp_path / "missing" / "new.jsonl", ExportOptions(), stop
        )


def test_a_policy_masks_what_is_saved(path: Path, archive: Archive) -> None:
    """Bytes as they were received have readable codes: they are not saved then."""
    forbidden = PolicyInForce(Policy(forbid_revealed_codes=True), "/etc/policy.toml")
    [delivery] = archive.add_forwards([arrival(batch({"applicationCode": "a-code"}))])
    target = path.parent / "body"
    with pytest.raises(NotPermitted, match="set by your administrator"):
        save_body(
            partial(Reader, path), delivery, target, lambda _: None, raw=True, policy=forbidden
        )
    assert not target.exists()
