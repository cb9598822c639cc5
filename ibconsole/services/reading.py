"""Reading the archive from a terminal."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ibconsole.archive import Archive, Reader
from ibconsole.errors import UserError
from ibconsole.services.places import find_places


class NoSuchMessage(UserError):
    """There is no message of that id."""


@contextmanager
def open_reader(data_dir: Path | None) -> Iterator[Reader]:
    """A reader on the data directory's archive, which is made or mended first if need be."""
    path = find_places(data_dir).archive
    with Archive(path) as archive:
        archive.recover()
    with Reader(path) as reader:
        yield reader
