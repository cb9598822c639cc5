"""Licence texts of distributions, copied so that none replaces another of the same name.

Apart from `contents.py`, which needs the tools of a build.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import Distribution
from pathlib import Path, PurePosixPath
from shutil import copyfile

_TEXT = re.compile(r"(?i)(licen[cs]e|copying|notice)")
# The folder that belongs to licences alone, in wheels of metadata 2.4 and of the drafts before it.
_FOLDERS = ("licenses", "license_files")


@dataclass(frozen=True, slots=True)
class LicenceText:
    """A file to copy, and its path below the folder of the part that it belongs to."""

    source: Path
    target: PurePosixPath


def plain_texts(sources: Iterable[Path]) -> tuple[LicenceText, ...]:
    """Return texts that keep their file names."""
    return tuple(LicenceText(source, PurePosixPath(source.name)) for source in sources)


def distribution_texts(found: Distribution) -> tuple[LicenceText, ...]:
    """Return the licence texts of an installed distribution, and the SBOMs of what it contains.

    A library that is compiled into a distribution brings its text in a folder of its own, often
    under the same file name; so the path below the licence folder is kept.
    """
    texts: dict[str, LicenceText] = {}
    for file in found.files or ():
        if not file.parts[0].endswith(".dist-info"):
            continue
        below = PurePosixPath(*file.parts[1:])
        in_folder = below.parts[0] in _FOLDERS
        if not in_folder and not _TEXT.match(file.name) and "sboms" not in file.parts:
            continue
        target = PurePosixPath(*below.parts[1:]) if in_folder else below
        # Windows and macOS take names as equal that differ in case only.
        if str(target).lower() in texts:
            target = below
        texts[str(target).lower()] = LicenceText(Path(str(found.locate_file(file))), target)
    return tuple(texts.values())


def copy_texts(texts: Iterable[LicenceText], folder: Path) -> None:
    """Copy the texts into a folder. Raises FileExistsError instead of replacing one by another."""
    for text in texts:
        target = folder / text.target
        target.parent.mkdir(parents=True, exist_ok=True)
        target.touch(exist_ok=False)
        copyfile(text.source, target)
