"""Dependencies of Linux binaries, read with readelf; stripping of debug symbols."""

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
    """Required libraries by soname, and the symbol versions required of each."""

    libraries: frozenset[str]
    versions: frozenset[tuple[str, str]]


def binaries(folder: Path) -> Iterator[Path]:
    """Find every ELF file below a folder, in order; links are not followed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(4) == _MAGIC:
                    yield path


def needs(paths: Sequence[Path]) -> Needs:
    """Collect what these files require together, including what they provide to one another."""
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


def may_be_stripped(path: Path) -> bool:
    """Return true for shared libraries but those that a wheel's tool has renamed.

    They are next to the package in a folder NAME.libs, stripped already, and strip would break
    some: their segments were moved.
    """
    return ".so" in path.name and not path.parent.name.endswith(".libs")


def strip(paths: Sequence[Path]) -> None:
    """Remove symbols that only a debugger reads."""
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
