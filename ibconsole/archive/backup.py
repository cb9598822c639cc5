"""Backups: a copy of the archive's state at one instant, while others write to the archive.

The copy is written to a draft in the target's directory, synced and verified before it gets its
name, so a file with that name is never incomplete.
"""

from contextlib import ExitStack
from pathlib import Path

import apsw

from ibconsole.archive.connection import connect, fetch, open_reader
from ibconsole.archive.errors import ArchiveError, translated
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Progress, ProgressCallback, Verification
from ibconsole.archive.schema import is_older
from ibconsole.files import draft_file, publish_draft, require_absent

_STEP = 256  # pages of 4 KB copied between two reports of progress


class BackupDamaged(ArchiveError):
    """The copy is damaged; it is kept under a name that says so."""


def back_up(path: Path, target: Path, on_progress: ProgressCallback) -> Verification:
    """Copy the archive at `path` to a new file, 0600, verify the copy, and return the outcome.

    The copy has everything that was committed when this began, and is a complete archive.
    Writers continue meanwhile; their log cannot be truncated until the copy is complete.
    `on_progress` is called often; an exception that it raises ends the backup, and no file is left.

    Raises ArchiveError if the target exists, ArchiveUnwritable if it cannot be written, and
    BackupDamaged if the copy is damaged; the copy is then kept with the suffix ".damaged".
    """
    with ExitStack() as stack:
        with translated(target):
            require_absent(target)
            draft = stack.enter_context(draft_file(target))
        _copy(path, draft, target, on_progress)
        with Reader(draft) as reader:
            found = reader.verify(on_progress)
        if found.damaged:
            damaged = target.with_name(f"{target.name}.damaged")
            with translated(damaged):
                publish_draft(draft, damaged)
            raise BackupDamaged(_describe(found, path, damaged))
        with translated(target):
            publish_draft(draft, target)
    return found


def _copy(path: Path, draft: Path, target: Path, on_progress: ProgressCallback) -> None:
    with ExitStack() as stack:
        with translated(path, "read"):
            source = open_reader(path)
            stack.callback(source.close)
            is_older(source, path)  # a backup keeps the version; what is no archive is refused
            # Held until the end: without it every commit would restart the copy from its start.
            source.execute("BEGIN")
            fetch(source, "SELECT 1 FROM sqlite_schema")
        with translated(target):
            copy = connect(draft, apsw.SQLITE_OPEN_READWRITE)
            stack.callback(copy.close)
            copy.execute("PRAGMA fullfsync = ON").fetchall()
            with copy.backup("main", source, "main") as backup:
                while not backup.done:
                    backup.step(_STEP)
                    done = backup.page_count - backup.remaining
                    on_progress(Progress("Copying", done, backup.page_count))
            # A single file without companions; the next writer creates these again.
            copy.pragma("journal_mode", "delete")


def _describe(found: Verification, path: Path, damaged: Path) -> str:
    return (
        f"The copy is damaged: {found.damages[0].sentence} It is kept as {damaged}, and is no"
        f" backup to rely on. {path} was left as it is: verify it, to see whether the damage is"
        " there as well or the copy's disk is at fault."
    )
