"""Name, version and date of a release have one source."""

import tomllib
from datetime import date
from pathlib import Path

import pytest

from ibconsole import __version__
from release import ROOT, InconsistentRelease, read_release


def checkout(folder: Path, version: str, changelog: str) -> Path:
    """As much of a checkout as a release is read from."""
    (folder / "ibconsole").mkdir()
    (folder / "ibconsole" / "__init__.py").write_text(f'__version__ = "{version}"\n')
    (folder / "CHANGELOG.md").write_text(changelog)
    (folder / "pyproject.toml").write_text((ROOT / "pyproject.toml").read_text())
    return folder


def test_this_checkout() -> None:
    """The program and its changelog agree, and there is something to say of the release."""
    release = read_release()

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert (release.name, release.version) == (project["name"], __version__)
    assert release.notes
    assert all("\n" not in note and "](" not in note for note in release.notes)


def test_the_newest_of_several(tmp_path: Path) -> None:
    """What is not released yet has no date; of releases the first heading counts."""
    text = (
        "# Changelog\n\n## [Unreleased]\n\n- Later.\n\n## [2.0.1] - 2027-01-31\n\n### Added\n\n"
        "- One [thing](x)\n  on two lines.\n- Another.\n\n## [2.0.0] - 2026-12-01\n\n- Before.\n"
    )

    release = read_release(checkout(tmp_path, "2.0.1", text))

    assert release.date == date(2027, 1, 31)
    assert release.epoch == 1_801_353_600
    assert release.notes == ("One thing on two lines.", "Another.")


@pytest.mark.parametrize("text", ["# Changelog\n", "## [1.0.0] - 2026-01-01\n"])
def test_a_version_that_nobody_tells_of(tmp_path: Path, text: str) -> None:
    """A package is not built of a version that the changelog does not know."""
    with pytest.raises(InconsistentRelease, match=r"2\.0\.0"):
        read_release(checkout(tmp_path, "2.0.0", text))
