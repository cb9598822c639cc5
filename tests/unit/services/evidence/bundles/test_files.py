"""The files of a bundle from elsewhere; test_reading has everything that is refused."""

from pathlib import Path

import pytest

from ibconsole.services.evidence.bundles.files import BundleRefused, name_problem, open_files
from tests.unit.services.evidence.bundles.hostile import zipped


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("case.json", ""),
        ("raw/001-message.json", ""),
        ("../case.json", "leads out"),
        ("/etc/passwd", "leads out"),
        ("a\\b", "leads out"),
        ("C:x", "leads out"),
        ("raw//x", "not valid"),
        ("./x", "not valid"),
        ("a/b/c/d", "not valid"),
        ("x\0y", "not valid"),
        ("", "not valid"),
        ("raw/Aux.md", "Windows"),
        ("raw/x.", "Windows"),
        ("raw/x ", "Windows"),
    ],
)
def test_names(name: str, words: str) -> None:
    """Names of exports are fine on every system, and all others are refused."""
    problem = name_problem(name)

    assert words in problem
    assert bool(problem) == bool(words)


def test_a_file_that_is_replaced_meanwhile(tmp_path: Path) -> None:
    """A link that takes the place of a file after the check is not followed."""
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "case.md").write_bytes(b"x")

    def open_late() -> None:
        with open_files(folder) as files:
            (folder / "case.md").unlink()
            (folder / "case.md").symlink_to("/etc/passwd")
            files.open("case.md")

    with pytest.raises(BundleRefused):
        open_late()


def test_a_damaged_entry(tmp_path: Path) -> None:
    """Packed bytes that were changed are an error, and not other contents."""
    path = tmp_path / "out.zip"
    zipped({"case.md": bytes(range(256)) * 8}, path)
    data = bytearray(path.read_bytes())
    data[60] ^= 0xFF
    path.write_bytes(data)

    def read() -> bytes:
        with open_files(path) as files, files.open("case.md") as file:
            return file.read()

    with pytest.raises(BundleRefused, match="damaged"):
        read()
