"""Raw bodies in a tar: where the parts of each delivery are, in whatever order they were packed.

A delivery has up to three members, which pair by their names: its facts (`.json`), its body
(`.body`) and its raw request (`.raw`). The member `end` comes last in an export, and shows that it
is whole.
"""

import posixpath
import tarfile
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO

END = "end"  # the name of the last member of an export
_KINDS = frozenset({"json", "body", "raw"})
# What macOS packs with a file, and its folders.
_FOREIGN = ("._", ".DS_Store", "PaxHeader")


def is_foreign(name: str) -> bool:
    """Return whether a member is one that macOS packs with a file."""
    return posixpath.basename(name).startswith(_FOREIGN)


def is_of_raw_export(name: str) -> bool:
    """Return whether a member is a body, or the end, of a raw export."""
    base = posixpath.basename(name)
    return base == END or base.endswith(".body")


class TarIndex:
    """The places of the members of a tar, by delivery. The file can seek.

    `unknown` has the names of members that are of no delivery, or too large; `last` is the delivery
    of the last member, and `ended` is true if the tar has its end.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.deliveries: dict[str, dict[str, tuple[int, int]]] = {}
        self.unknown: list[str] = []
        self.last = ""
        self.ended = False

    def add(self, member: tarfile.TarInfo, longest: int) -> None:
        """Note a member; directories and what macOS adds are left out."""
        name = posixpath.normpath(member.name)
        folder, _, base = name.rpartition("/")
        if member.isdir() or is_foreign(name):
            return
        if base == END:
            self.ended = True
            return
        stem, _, kind = base.rpartition(".")
        if not member.isreg() or member.issparse() or kind not in _KINDS or member.size > longest:
            self.unknown.append(member.name)
            return
        self.last = f"{folder}/{stem}" if folder else stem
        parts = self.deliveries.setdefault(self.last, {})
        parts[kind] = (member.offset_data, member.size)

    def read(self, part: tuple[int, int]) -> bytes:
        """Return the bytes of a part."""
        self._file.seek(part[0])
        return self._file.read(part[1])

    def offset_of(self, name: str) -> int:
        """Return the highest offset of a delivery's parts."""
        return max(start for start, _ in self.deliveries[name].values())


def read_index(
    file: BinaryIO, size: int, longest: int, report: Callable[[int], None]
) -> TarIndex | None:
    """Read the index of a tar of this size; None if it is none.

    Members of more than `longest` bytes are left out, and one that the file ends in. `report` is
    called with the offset of each member.
    """
    file.seek(0)
    is_tar = size > 0 and tarfile.is_tarfile(file)
    file.seek(0)
    if not is_tar:
        return None
    index = TarIndex(file)
    with suppress(tarfile.TarError, EOFError), tarfile.open(fileobj=file, mode="r:") as tar:
        while member := tar.next():
            tar.members.clear()  # type: ignore[attr-defined]  # would grow with the file
            report(member.offset)
            if member.offset_data + member.size > size:
                break
            index.add(member, longest)
    return index
