"""What Linux programs and libraries need, read with readelf, and taking out what they do not."""

import re
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

_MAGIC = b"\x7fELF"
_NEEDED = re.compile(r"\(NEEDED\).*\[(.+)\]")
_FILE = re.compile(r"^\s*\w+:.*Version: \d+\s+File: (\S+)")
_VERSION = re.compile(r"Name: ([A-Za-z]+_[\w.]+)\s")


@dataclass(frozen=True, slots=True)
class Needs:
    """The libraries by soname, and of each the symbol versions that are asked for."""

    libraries: frozenset[str]
    versions: frozenset[tuple[str, str]]


def binaries(folder: Path) -> Iterator[Path]:
    """Every ELF file below a folder, in order; links are not followed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == _MAGIC:
                    yield path


def needs(paths: Sequence[Path]) -> Needs:
    """What these files need together, themselves included."""
    libraries: set[str] = set()
    versions: set[tuple[str, str]] = set()
    for path in paths:
        library = ""
        for line in _readelf(path).splitlines():
            if found := _NEEDED.search(line):
                libraries.add(found[1])
            elif found := _FILE.match(line):
                library = found[1]
            elif library and (found := _VERSION.search(line)):
                versions.add((library, found[1]))
    return Needs(frozenset(libraries), frozenset(versions))


def strip(paths: Sequence[Path]) -> None:
    """Take out what only a debugger reads."""
    for path in paths:
        subprocess.run(["strip", "--strip-unneeded", str(path)], check=True)


def _readelf(path: Path) -> str:
    done = subprocess.run(
        ["readelf", "--wide", "--dynamic", "--version-info", str(path)],
        check=True,
        capture_output=True,
        text=True,
        env={"LC_ALL": "C"},
    )
    return done.stdout
