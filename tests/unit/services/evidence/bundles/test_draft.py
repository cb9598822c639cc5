"""A bundle while it is written."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from ibconsole.services.evidence.bundles.draft import bundle_draft, publish_folder, publish_zip
from ibconsole.services.evidence.cases import Blob
from ibconsole.services.evidence.redaction import KnownSecrets


def test_equal_bytes_are_written_once(tmp_path: Path) -> None:
    """Files are named by the first item that has them, with an ending that opens nothing."""
    with bundle_draft(tmp_path / "out") as draft:
        first = draft.keep("item 3 answer", b"<p>", "text/html; charset=utf-8")
        again = draft.keep("item 7 request", b"<p>", "text/plain")
        draft.keep("item 12 request", b"\0", "application/x-msdownload")
        names = sorted(path.name for path in (draft.folder / "raw").iterdir())
        found = draft.find(first)

        assert first.sha256 == again.sha256 == hashlib.sha256(b"<p>").hexdigest()
        assert names == ["003-answer.html.txt", "012-request.bin"]
        assert found
        assert (found.name, found.data) == ("raw/003-answer.html.txt", b"<p>")
        assert draft.find(Blob(sha256="", size=3)) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("at", [-(10**12), 0, 1_800_000_000_000, 5 * 10**12])
def test_times_of_any_clock(tmp_path: Path, at: int) -> None:
    """A clock that was wrong when the case was changed stops no export."""
    with bundle_draft(tmp_path / "out.zip") as draft:
        draft.add("case.md", [b"x"])
        draft.finish("id", at)
        leaks = publish_zip(draft, tmp_path / "out.zip", KnownSecrets(), at, replace=False)
        publish_folder(draft, tmp_path / "out")

    assert leaks == []
    with zipfile.ZipFile(tmp_path / "out.zip") as bundle:
        assert 1980 <= bundle.infolist()[0].date_time[0] <= 2107
        assert bundle.testzip() is None
    assert (tmp_path / "out" / "case.md").read_bytes() == b"x"
