"""The cases on this disk: a folder for each, which several processes may change.

`cases/<id>/case.json` is replaced atomically under a lock; `blobs/<sha256>` are its files, and
`pseudonyms.json` has what must never be exported: the salt of its pseudonyms. A deleted case is
moved to `cases/deleted/`, and stays there for a day. Every method blocks on the disk.
"""

import hashlib
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import msgspec
from msgspec.structs import replace

from ibconsole import __version__
from ibconsole.clock import now_ms
from ibconsole.files import file_lock, make_private_directory, read_up_to, save
from ibconsole.services.evidence.cases.documents import (
    LARGEST_DOCUMENT,
    CaseDamaged,
    CaseError,
    decode_case,
    encode_case,
    is_time,
)
from ibconsole.services.evidence.cases.values import FORMAT, Blob, Case
from ibconsole.services.evidence.redaction import Pseudonyms
from ibconsole.text import fold

LARGEST_BLOB = 64 << 20  # bytes
_LONGEST_TITLE = 200  # characters
_DAY = 86_400  # seconds
_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_LARGEST_NAMES = 16 << 20  # bytes of the pseudonyms of a case
_NOT_CHANGED = "Nothing was changed."


class NoSuchCase(CaseError):
    """There is no case with this id or title, or there are several."""


class CaseSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it is listed. `problem` is a sentence about one that cannot be read, else empty."""

    id: str
    title: str = ""
    created_at: int = 0
    changed_at: int = 0
    items: int = 0
    problem: str = ""


class _Listed(msgspec.Struct):
    title: str
    created_at: int
    changed_at: int
    items: tuple[msgspec.Raw, ...] = ()


class _StoredPseudonyms(msgspec.Struct):
    salt: bytes
    known: Mapping[str, str]


class CaseStore:
    """Reads and changes the cases in a data directory.

    `lock_timeout` is the number of seconds to wait for another process that is writing.
    """

    def __init__(self, data_directory: Path, *, lock_timeout: float = 5.0) -> None:
        self.folder = data_directory / "cases"
        self._lock_timeout = lock_timeout

    def list(self) -> Sequence[CaseSummary]:
        """Return all cases, the one that was changed last first."""
        try:
            names = [one.name for one in self.folder.iterdir() if _ID.fullmatch(one.name)]
        except FileNotFoundError:
            return []
        except OSError as error:
            raise CaseError(
                f"The cases in {self.folder} cannot be read: {error.strerror}."
            ) from error
        found = [self._summary(name) for name in names]
        return sorted(found, key=lambda one: (-one.changed_at, one.id))

    def read(self, case_id: str) -> Case:
        """Read a case. Raises NoSuchCase, CaseDamaged, CaseTooNew and CaseError."""
        path = self._folder_of(case_id) / "case.json"
        try:
            data = read_up_to(path, LARGEST_DOCUMENT + 1)
        except OSError as error:
            raise CaseError(f"The case {case_id} cannot be read: {error.strerror}.") from error
        if data is None:
            raise NoSuchCase(f"There is no case {case_id} any more. {_NOT_CHANGED}")
        if len(data) > LARGEST_DOCUMENT:
            raise CaseDamaged(f"{path} is larger than {LARGEST_DOCUMENT >> 20} MB.")
        return decode_case(data, str(path))

    def find(self, wanted: str) -> str:
        """Return the id of the case with this id, title, or beginning of either.

        An empty text is the current case. Raises NoSuchCase, which names several candidates.
        """
        cases = self.list()
        if not wanted.strip():
            current = self.current()
            if not current:
                raise NoSuchCase("There is no current case: name one, or begin one.")
            return current
        word = fold(" ".join(wanted.split()))
        tests: tuple[Callable[[CaseSummary], bool], ...] = (
            lambda one: one.id == wanted,
            lambda one: fold(one.title) == word,
            lambda one: one.id.startswith(word) or fold(one.title).startswith(word),
        )
        for matches in tests:
            found = [one for one in cases if matches(one)]
            if len(found) == 1:
                return found[0].id
            if found:
                names = ", ".join(f"“{one.title}” ({one.id[:8]})" for one in found[:5])
                raise NoSuchCase(f"Several cases begin like {wanted}: {names}. Name one by its id.")
        raise NoSuchCase(f"There is no case with the id or title {wanted}. {_NOT_CHANGED}")

    def create(self, title: str) -> Case:
        """Create an empty case, and make it the current one. Raises CaseError."""
        now = now_ms()
        case = Case(
            format=FORMAT,
            id=str(uuid4()),
            title=_clean(title),
            created_at=now,
            changed_at=now,
            program=__version__,
        )
        folder = self.folder / case.id
        with self._writing():
            make_private_directory(folder / "blobs")
            save(folder / "case.json", encode_case(case))
        self.choose(case.id)
        return case

    def change(self, case_id: str, change: Callable[[Case], Case]) -> Case:
        """Read, change and write a case under a lock; return what was written.

        An exception of `change` is passed on, and leaves the case as it was. Raises as `read` does.
        """
        folder = self._folder_of(case_id)
        with self._locked(case_id):
            before = self.read(case_id)
            after = change(before)
            if after == before:
                return before
            title = _clean(after.title)
            after = replace(after, title=title, changed_at=now_ms(), program=__version__)
            save(folder / "case.json", encode_case(after))
            self._remove_unused(folder, after)
        return after

    def delete(self, case_id: str) -> None:
        """Delete a case; `restore` brings it back within a day. Raises NoSuchCase, CaseError."""
        folder = self._folder_of(case_id)
        self.read_title(case_id)
        with self._locked(case_id):
            self._remove_deleted()
            make_private_directory(self.folder / "deleted")
            target = self.folder / "deleted" / case_id
            shutil.rmtree(target, ignore_errors=True)
            folder.rename(target)
            os.utime(target)
        if self.current() == case_id:
            self.choose("")

    def restore(self, case_id: str) -> Case:
        """Bring a deleted case back. Raises NoSuchCase if it is not there any more."""
        folder, source = self._folder_of(case_id), self.folder / "deleted" / case_id
        with self._writing():
            try:
                source.rename(folder)
            except FileNotFoundError:
                raise NoSuchCase(
                    f"The deleted case {case_id} is not there any more. {_NOT_CHANGED}"
                ) from None
        return self.read(case_id)

    def read_title(self, case_id: str) -> str:
        """Return the title of a case, also of one that is damaged. Raises NoSuchCase."""
        if not (self._folder_of(case_id) / "case.json").exists():
            raise NoSuchCase(f"There is no case {case_id} any more. {_NOT_CHANGED}")
        return self._summary(case_id).title

    def current(self) -> str:
        """Return the id of the case to which things are pinned, empty if there is none."""
        try:
            data = read_up_to(self.folder / "current", 100) or b""
        except OSError:
            return ""
        found = data.decode("ascii", "replace").strip()
        is_there = _ID.fullmatch(found) and (self.folder / found / "case.json").exists()
        return found if is_there else ""

    def choose(self, case_id: str) -> None:
        """Make a case the current one; none for an empty id. Raises CaseError."""
        if case_id:
            self._folder_of(case_id)
        with self._writing():
            make_private_directory(self.folder)
            save(self.folder / "current", case_id.encode())

    def add_blob(self, case_id: str, data: bytes, media_type: str = "") -> Blob:
        """Store bytes in a case, before the item that shows them is added. Raises CaseError.

        What no item refers to is removed a day later.
        """
        if len(data) > LARGEST_BLOB:
            raise CaseError(
                f"A file of a case may have {LARGEST_BLOB >> 20} MB, and this one has"
                f" {len(data) / (1 << 20):.1f} MB. {_NOT_CHANGED}"
            )
        digest = hashlib.sha256(data).hexdigest()
        path = self._folder_of(case_id) / "blobs" / digest
        with self._writing():
            if not (path.parent.parent / "case.json").exists():
                raise NoSuchCase(f"There is no case {case_id} any more. {_NOT_CHANGED}")
            try:
                os.utime(path)  # as young as one that is new
            except FileNotFoundError:
                make_private_directory(path.parent)
                save(path, data)
        return Blob(sha256=digest, size=len(data), media_type=media_type)

    def open_blob(self, case_id: str, blob: Blob) -> BinaryIO:
        """Open the bytes of a case for reading. Raises CaseDamaged if they are not there."""
        try:
            return (self._folder_of(case_id) / "blobs" / blob.sha256).open("rb")
        except OSError as error:
            raise CaseDamaged(
                f"A file of the case {case_id} cannot be read: {error.strerror}. The rest of the"
                " case is unharmed."
            ) from error

    def read_blob(self, case_id: str, blob: Blob) -> bytes:
        """Return the bytes of a case. Raises CaseDamaged if they are not as they were stored."""
        with self.open_blob(case_id, blob) as file:
            data = file.read(LARGEST_BLOB + 1)
        if hashlib.sha256(data).hexdigest() != blob.sha256:
            raise CaseDamaged(
                f"A file of the case {case_id} has changed on the disk ({blob.sha256[:12]}). The"
                " rest of the case is unharmed."
            )
        return data

    @contextmanager
    def pseudonyms(self, case_id: str) -> Iterator[Pseudonyms]:
        """Lend the pseudonyms of a case, and store them if the block ends without an error.

        So all exports of the case use the same ones; they never leave it. Raises CaseError.
        """
        path = self._folder_of(case_id) / "pseudonyms.json"
        with ExitStack() as stack:
            with self._writing():
                lock = self.folder / f"{case_id}-pseudonyms.json"
                stack.enter_context(file_lock(lock, self._lock_timeout))
            lent = self._read_pseudonyms(case_id, path)
            known = dict(lent.known)
            yield lent
            if dict(lent.known) != known or not path.exists():
                kept = _StoredPseudonyms(lent.salt, dict(lent.known))
                with self._writing():
                    save(path, msgspec.json.encode(kept))

    def _read_pseudonyms(self, case_id: str, path: Path) -> Pseudonyms:
        try:
            data = read_up_to(path, _LARGEST_NAMES)
            names = (
                msgspec.json.decode(data, type=_StoredPseudonyms)
                if data
                else _StoredPseudonyms(b"", {})
            )
        except (OSError, msgspec.MsgspecError) as error:
            raise CaseDamaged(
                f"The pseudonyms of the case {case_id} cannot be read: {error}. The case itself is"
                " unharmed; remove its file pseudonyms.json to begin with new ones."
            ) from error
        return Pseudonyms(names.salt, names.known)

    def _summary(self, case_id: str) -> CaseSummary:
        try:
            data = read_up_to(self.folder / case_id / "case.json", LARGEST_DOCUMENT)
            found = msgspec.json.decode(data or b"", type=_Listed)
        except (OSError, msgspec.MsgspecError, ValueError, RecursionError):
            found = None
        if found is None or not (is_time(found.created_at) and is_time(found.changed_at)):
            problem = f"The case {case_id} cannot be read; it was left as it is."
            return CaseSummary(id=case_id, problem=problem)
        return CaseSummary(
            id=case_id,
            title=found.title,
            created_at=found.created_at,
            changed_at=found.changed_at,
            items=len(found.items),
        )

    def _folder_of(self, case_id: str) -> Path:
        if not _ID.fullmatch(case_id):
            raise NoSuchCase(f"{case_id[:80]} is no id of a case. {_NOT_CHANGED}")
        return self.folder / case_id

    def _remove_unused(self, folder: Path, case: Case) -> None:
        """Remove files that no item refers to; young ones may belong to the next item."""
        used = {blob.sha256 for blob in case.blobs}
        for path in (folder / "blobs").iterdir():
            if path.name not in used and _is_old(path):
                path.unlink(missing_ok=True)

    def _remove_deleted(self) -> None:
        with suppress(FileNotFoundError):
            for path in (self.folder / "deleted").iterdir():
                if _is_old(path):
                    shutil.rmtree(path, ignore_errors=True)
                    for lock in self.folder.glob(f"{path.name}*.lock"):
                        lock.unlink(missing_ok=True)

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        """Exclude other processes. The lock is no part of the folder, which may be moved."""
        with self._writing(), file_lock(self.folder / f"{name}.json", self._lock_timeout):
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError:
            raise CaseError(
                f"Another ibconsole has been writing the case for {self._lock_timeout:.0f} s;"
                " nothing was changed. Try again."
            ) from None
        except OSError as error:
            raise CaseError(
                f"The cases in {self.folder} could not be written ({error.strerror or error}); they"
                " are as they were."
            ) from error


def _clean(title: str) -> str:
    return " ".join(title.split())[:_LONGEST_TITLE] or "Untitled case"


def _is_old(path: Path) -> bool:
    with suppress(OSError):
        return time.time() - path.lstat().st_mtime > _DAY
    return False
