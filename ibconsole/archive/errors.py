"""The archive's errors, and the only module that interprets SQLite's.

* ArchiveError           the archive cannot be used: absent, damaged, not an archive
  - ArchiveTooNew        a newer ibconsole wrote it
  - NoTables             it is empty: the process that was to create its tables was killed
  - ArchiveUnwritable    it could not be written or locked: disk full, read-only, lock time-out
  - JobCancelled         a long job was cancelled by the user
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from ibconsole.errors import UserError
from ibconsole.files import NotRegularFile, TargetExists


class ArchiveError(UserError):
    """The archive cannot be read or written."""


class ArchiveTooNew(ArchiveError):
    """The archive was written by a newer ibconsole than this one."""


class NoTables(ArchiveError):
    """The file has no tables of an archive; nothing was stored there."""


class ArchiveUnwritable(ArchiveError):
    """The archive could not be written, read or locked; stored data is unharmed."""


class JobCancelled(ArchiveError):
    """A long job was cancelled by the user before it was complete."""


# SQLite's error, what it means, and what the user can do. An error in neither table is a bug.
_UNWRITABLE: dict[type[apsw.Error], tuple[str, str]] = {
    apsw.FullError: ("the disk is full", "Free some space, then try again."),
    apsw.ReadOnlyError: ("it is read-only", "Check who may write to it and its directory."),
    apsw.PermissionsError: ("access is denied", "Check who may write to it and its directory."),
    apsw.CantOpenError: ("it cannot be opened", "Check that its directory is there and writable."),
    apsw.BusyError: (
        "another program has held it for too long",
        "Close other programs that use it, then try again.",
    ),
    apsw.LockedError: (
        "another program has held it for too long",
        "Close other programs that use it, then try again.",
    ),
    apsw.ProtocolError: ("its locks do not work", "Keep it on a local disk."),
    apsw.IOError: ("the disk reported an error", "Check the disk, and that it is not full."),
}
_DAMAGED: tuple[type[apsw.Error], ...] = (apsw.CorruptError, apsw.NotADBError, apsw.FormatError)


@contextmanager
def translated(path: Path, action: str = "written") -> Iterator[None]:
    """Translate errors of SQLite and of the operating system about this file into sentences.

    `action` is the participle for the sentence ("cannot be read"). Raises ArchiveUnwritable
    or ArchiveError. Errors that show a bug, such as invalid SQL, are raised unchanged.
    """
    try:
        yield
    except TargetExists:
        raise ArchiveError(
            f"{path} exists already. It was left as it is, and nothing was written; choose"
            " another name."
        ) from None
    except NotRegularFile:
        raise ArchiveError(
            f"{path} is a directory, a pipe, a device or a socket. It was left as it is, and"
            " nothing was written; choose another name."
        ) from None
    except OSError as error:
        raise ArchiveUnwritable(
            f"{path} cannot be {action}: {error.strerror or error}. What was stored before is"
            " unharmed. Check that its directory is there and writable."
        ) from error
    except apsw.Error as error:
        if isinstance(error, _DAMAGED):
            raise ArchiveError(
                f"{path} is damaged, or is no archive ({error}). It was left as it is. Move it"
                " away to begin a new one, and keep it: most of it can usually be recovered."
            ) from error
        for kind, (cause, remedy) in _UNWRITABLE.items():
            if isinstance(error, kind):
                raise ArchiveUnwritable(
                    f"{path} cannot be {action}: {cause} ({error}). What was stored before is"
                    f" unharmed. {remedy}"
                ) from error
        raise
