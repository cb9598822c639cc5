"""An archive and a reader on a file of their own."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "archive.sqlite3"


@pytest.fixture
def archive(path: Path) -> Iterator[Archive]:
    with Archive(path) as archive:
        yield archive


@pytest.fixture
def reader(path: Path, archive: Archive) -> Iterator[Reader]:
    with Reader(path) as reader:
        yield reader
