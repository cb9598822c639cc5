"""The release: names, version and date, from pyproject.toml, program and changelog.

Nothing else in this folder states any of them.
"""

import re
import tomllib
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# In the form that desktops and macOS require. The project has no domain of its own; .internal is
# reserved for private use.
IDENTIFIER = "internal.ibconsole.ibconsole"
# There is no address yet; .invalid is reserved for that (RFC 2606).
MAILBOX = "ibconsole@ibconsole.invalid"

_VERSION = re.compile(r'^__version__ = "([^"]+)"$', re.MULTILINE)
_RELEASED = re.compile(r"^## \[([^\]]+)\] - (\d{4}-\d{2}-\d{2})$", re.MULTILINE)
_LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")


class InconsistentRelease(Exception):
    """The program and its changelog name different releases."""


@dataclass(frozen=True, slots=True)
class Release:
    """One version of the program; `notes` are the lines of its changelog, the newest first."""

    name: str
    version: str
    date: date
    summary: str
    licence: str
    authors: str
    notes: tuple[str, ...]

    @property
    def maintainer(self) -> str:
        """The maintainer in Debian's notation."""
        return f"{self.authors} <{MAILBOX}>"

    @property
    def epoch(self) -> int:
        """Time stamp of every file of a package: midnight UTC, in seconds since 1970."""
        return int(datetime(self.date.year, self.date.month, self.date.day, tzinfo=UTC).timestamp())


def read_release(root: Path = ROOT) -> Release:
    """Read the release of this checkout. Raises InconsistentRelease."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    program = (root / "ibconsole" / "__init__.py").read_text(encoding="utf-8")
    changelog = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    found, released = _VERSION.search(program), _RELEASED.search(changelog)
    if not found or not released or found[1] != released[1]:
        raise InconsistentRelease(
            f"The program is version {found[1] if found else 'unknown'}, the newest release in"
            f" CHANGELOG.md is {released[1] if released else 'none'}: make them the same."
        )
    return Release(
        name=project["name"],
        version=found[1],
        date=date.fromisoformat(released[2]),
        summary=project["description"].removesuffix("."),
        licence=project["license"],
        authors=project["authors"][0]["name"],
        notes=tuple(_notes(changelog[released.end() :])),
    )


def _notes(text: str) -> list[str]:
    """Extract the entries of the first release in a changelog, each on one line, without links."""
    entries: list[str] = []
    for line in text.splitlines():
        if line.startswith("## "):
            break
        if line.startswith("- "):
            entries.append(line[2:])
        elif line.startswith("  ") and entries:
            entries[-1] += " " + line.strip()
    return [_LINK.sub(r"\1", entry) for entry in entries]
