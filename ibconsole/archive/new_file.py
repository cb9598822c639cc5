"""A file that is there whole or not at all, and takes no other file's place unasked."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from ibconsole.archive.connection import sync_directory
from ibconsole.archive.errors import ArchiveError, translated


def require_new(target: Path) -> None:
    """Raise ArchiveError if there is a file of that name."""
    if os.path.lexists(target):
        raise ArchiveError(
            f"{target} exists already. It was left as it is, and nothing was written; choose"
            " another name."
        )


@contextmanager
def draft_of(target: Path) -> Iterator[Path]:
    """A new file beside the target, 0600, gone at the end unless it was given a name."""
    draft = target.with_name(f".{target.name}.{uuid4().hex[:8]}.part")
    with translated(target):
        os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield draft
    finally:
        for companion in ("", "-journal", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                draft.with_name(draft.name + companion).unlink()


def name_draft(draft: Path, target: Path, *, instead: bool = False) -> None:
    """Sync the draft and give it its name; in place of another file only if `instead`."""
    with translated(target):
        _sync(draft)
        if instead:
            draft.replace(target)
        else:
            _link(draft, target)
        sync_directory(target.parent)


def _link(draft: Path, target: Path) -> None:
    try:
        os.link(draft, target)
    except FileExistsError:
        require_new(target)
        raise
    except OSError:  # a file system without links
        require_new(target)
        draft.rename(target)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
