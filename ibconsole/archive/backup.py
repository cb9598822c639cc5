"""A copy of the archive as it is at one instant, while others write to it.

It is written to a draft beside the file that it becomes, synced, verified, and only then gets
its name: under that name there is never half a copy.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import apsw

from ibconsole.archive.connection import fetch, open_reader, sync_directory
from ibconsole.archive.errors import ArchiveError, translated
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Progress, Verification, Watch
from ibconsole.archive.schema import check_version

_STEP = 256  # pages of 4 KB that are copied between two calls of `watch`


class BackupDamaged(ArchiveError):
    """The copy was made and is not as it should be; it has another name than it was to get."""


def back_up(path: Path, target: Path, watch: Watch) -> Verification:
    """Copy the archive at `path` to a new file, 0600, and verify the copy; what that found.

    The copy holds what was committed when this began, and is an archive of its own. Writers
    go on meanwhile; their log cannot be shortened until the copy is made. `watch` is called
    often, and stops it by raising: nothing is left behind then.

    Raises ArchiveError if the target exists, ArchiveUnwritable if it cannot be written, and
    BackupDamaged if the copy has damages; it is kept under a name that says so.
    """
    _require_new(target)
    with _draft_of(target) as draft:
        _copy(path, draft, target, watch)
        with Reader(draft) as reader:
            found = reader.verify(watch)
        if found.damaged:
            damaged = target.with_name(f"{target.name}.damaged")
            _name(draft, damaged)
            raise BackupDamaged(_sentence(found, path, damaged))
        _name(draft, target)
    return found


def _require_new(target: Path) -> None:
    if os.path.lexists(target):
        raise ArchiveError(
            f"{target} exists already. It was left as it is, and nothing was copied; choose"
            " another name."
        )


@contextmanager
def _draft_of(target: Path) -> Iterator[Path]:
    """A new file beside the target, gone at the end unless it was given a name."""
    draft = target.with_name(f".{target.name}.{uuid4().hex[:8]}.part")
    with translated(target):
        os.close(os.open(draft, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield draft
    finally:
        for companion in ("", "-journal", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                draft.with_name(draft.name + companion).unlink()


def _copy(path: Path, draft: Path, target: Path, watch: Watch) -> None:
    with ExitStack() as stack:
        with translated(path, "read"):
            source = open_reader(path)
            stack.callback(source.close)
            check_version(source, path)
            # Held to the end: a copy that starts over with every commit would never end.
            source.execute("BEGIN")
            fetch(source, "SELECT 1 FROM sqlite_schema")
        with translated(target):
            copy = apsw.Connection(str(draft.absolute()), flags=apsw.SQLITE_OPEN_READWRITE)
            stack.callback(copy.close)
            copy.execute("PRAGMA fullfsync = ON").fetchall()
            with copy.backup("main", source, "main") as backup:
                while not backup.done:
                    backup.step(_STEP)
                    done = backup.page_count - backup.remaining
                    watch(Progress("Copying", done, backup.page_count))
            # One file and no companions; whoever opens it to write makes them anew.
            copy.pragma("journal_mode", "delete")
    with translated(target):
        _sync(draft)


def _name(draft: Path, target: Path) -> None:
    """Give the draft its name, never in place of another file."""
    with translated(target):
        try:
            os.link(draft, target)
        except FileExistsError:
            _require_new(target)
            raise
        except OSError:  # a file system without links
            _require_new(target)
            draft.rename(target)
        sync_directory(target.parent)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sentence(found: Verification, path: Path, damaged: Path) -> str:
    return (
        f"The copy is damaged: {found.damages[0].sentence} It is kept as {damaged}, and is no"
        f" backup to rely on. {path} was left as it is: verify it, to see whether the damage is"
        " there as well or the copy's disk is at fault."
    )
