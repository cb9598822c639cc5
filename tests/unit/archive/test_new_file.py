"""Files that are there whole or not at all."""

import os
from pathlib import Path

import pytest

from ibconsole.archive import ArchiveError, draft_of, name_draft, require_new


def test_whole_or_not_at_all(tmp_path: Path) -> None:
    """Until it is named, a draft has no name that anybody would take for it."""
    target = tmp_path / "file"
    with draft_of(target) as draft:
        draft.write_bytes(b"half")
        assert not target.exists()
    assert list(tmp_path.iterdir()) == []

    with draft_of(target) as draft:
        draft.write_bytes(b"whole")
        name_draft(draft, target)
    assert target.read_bytes() == b"whole"
    assert target.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [target]


def test_no_other_file_s_place(tmp_path: Path) -> None:
    """A file that came meanwhile stays, unless its place may be taken."""
    target = tmp_path / "file"
    with draft_of(target) as draft:
        target.write_bytes(b"theirs")
        with pytest.raises(ArchiveError, match="exists already"):
            name_draft(draft, target)
        assert target.read_bytes() == b"theirs"
        draft.write_bytes(b"ours")
        name_draft(draft, target, instead=True)
    assert target.read_bytes() == b"ours"


def test_a_link_that_leads_nowhere_is_a_name_too(tmp_path: Path) -> None:
    """Nothing is written through somebody's link."""
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(ArchiveError):
        require_new(tmp_path / "link")
    require_new(tmp_path / "other")


def test_where_links_cannot_be_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On such a file system the draft is renamed, and still takes no other file's place."""

    def refuse(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr(os, "link", refuse)
    with draft_of(tmp_path / "file") as draft:
        name_draft(draft, tmp_path / "file")
    with draft_of(tmp_path / "file") as draft, pytest.raises(ArchiveError, match="exists already"):
        name_draft(draft, tmp_path / "file")
