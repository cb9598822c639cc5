"""A copy of the archive as it is at one instant, while others write to it.

It is written to a draft beside the file that it becomes, synced, verified, and only then gets
its name: under that name there is never half a copy.
"""

from contextlib import ExitStack
from pathlib import Path

import apsw

from ibconsole.archive.connection import fetch, open_reader
from ibconsole.archive.errors import ArchiveError, translated
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Progress, ProgressCallback, Verification
from ibconsole.archive.schema import check_version
from ibconsole.files import draft_file, publish_draft, require_absent

_STEP = 256  # pages of 4 KB that are copied between two calls of `watch`


class BackupDamaged(ArchiveError):
    """The copy was made and is not as it should be; it has another name than it was to get."""


def back_up(path: Path, target: Path, watch: ProgressCallback) -> Verification:
    """Copy the archive at `path` to a new file, 0600, and verify the copy; what that found.

    The copy holds what was committed when this began, and is an archive of its own. Writers
    go on meanwhile; their log cannot be shortened until the copy is made. `watch` is called
    often, and stops it by raising: nothing is left behind then.

    Raises ArchiveError if the target exists, ArchiveUnwritable if it cannot be written, and
    BackupDamaged if the copy has damages; it is kept under a name that says so.
    """
    with ExitStack() as stack:
        with translated(target):
            require_absent(target)
            draft = stack.enter_context(draft_file(target))
        _copy(path, draft, target, watch)
        with Reader(draft) as reader:
            found = reader.verify(watch)
        if found.damaged:
            damaged = target.with_name(f"{target.name}.damaged")
            with translated(damaged):
                publish_draft(draft, damaged)
            raise BackupDamaged(_sentence(found, path, damaged))
        with translated(target):
            publish_draft(draft, target)
    return found


def _copy(path: Path, draft: Path, target: Path, watch: ProgressCallback) -> None:
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


def _sentence(found: Verification, path: Path, damaged: Path) -> str:
    return (
        f"The copy is damaged: {found.damages[0].sentence} It is kept as {damaged}, and is no"
        f" backup to rely on. {path} was left as it is: verify it, to see whether the damage is"
        " there as well or the copy's disk is at fault."
    )
