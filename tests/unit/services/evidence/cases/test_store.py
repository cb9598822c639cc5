"""The cases on this disk."""

import os
import re
import stat
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.services.evidence.cases.documents import CaseDamaged, CaseError
from ibconsole.services.evidence.cases.store import LARGEST_BLOB, CaseStore, NoSuchCase
from ibconsole.services.evidence.cases.values import Blob, NoteContent
from ibconsole.services.evidence.redaction import ReplacementKind
from tests.unit.services.evidence.cases.samples import full_case, item

UNKNOWN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def store(tmp_path: Path) -> CaseStore:
    return CaseStore(tmp_path, lock_timeout=0.2)


def test_a_case_is_begun_found_and_changed(store: CaseStore) -> None:
    """Cases are listed with the latest first, and found by id, title or a beginning of either."""
    assert (store.list(), store.current()) == ([], "")
    first = store.create("  Nothing   arrives ")
    second = store.create("Late messages")
    renamed = store.change(first.id, lambda case: replace(case, title="Nothing arrives at all"))

    assert [one.title for one in store.list()] == ["Nothing arrives at all", "Late messages"]
    assert renamed.changed_at >= first.changed_at
    assert store.read(first.id) == renamed
    assert store.change(first.id, lambda case: case) == renamed
    assert store.find("") == second.id == store.current()
    assert store.find("nothing arr") == store.find(first.id[:8]) == store.find(first.id) == first.id
    store.create("Late answers")
    for wanted, words in (("late", "Several cases.*Late"), ("zzz", "no case with")):
        with pytest.raises(NoSuchCase, match=words):
            store.find(wanted)


def test_a_deleted_case_can_be_brought_back(store: CaseStore) -> None:
    """Deleting is undone within a day; then the case is gone for good."""
    case, other = store.create("A"), store.create("B")
    store.choose(case.id)
    store.delete(case.id)
    assert [one.id for one in store.list()] == [other.id]
    assert store.current() == ""
    with pytest.raises(NoSuchCase, match="any more"):
        store.read(case.id)

    assert store.restore(case.id) == case
    store.delete(case.id)
    os.utime(store.folder / "deleted" / case.id, (0, 0))
    store.delete(other.id)

    with pytest.raises(NoSuchCase, match="not there any more"):
        store.restore(case.id)
    assert not list(store.folder.glob(f"{case.id}*"))
    with pytest.raises(NoSuchCase, match="current"):
        store.find(" ")


def test_files_of_a_case(tmp_path: Path, store: CaseStore) -> None:
    """Bytes are stored once, checked when they are read, and removed when no item needs them."""
    _, case = full_case(tmp_path)
    blob = next(case.blobs)
    data = store.read_blob(case.id, blob)
    assert store.add_blob(case.id, data, blob.media_type) == blob
    blobs = store.folder / case.id / "blobs"
    unused = store.add_blob(case.id, b"unused")
    for path in blobs.iterdir():
        os.utime(path, (0, 0))
    young = store.add_blob(case.id, b"young")
    store.change(case.id, lambda one: one.with_items(item(NoteContent(text="n"), "new")))

    assert not (blobs / unused.sha256).exists()
    assert {one.name for one in blobs.iterdir()} == {
        *(one.sha256 for one in case.blobs), young.sha256
    }  # fmt: skip
    (blobs / blob.sha256).write_bytes(b"changed")
    with pytest.raises(CaseDamaged, match="has changed on the disk"):
        store.read_blob(case.id, blob)
    with pytest.raises(CaseDamaged, match="cannot be read"):
        store.open_blob(case.id, Blob(sha256="0" * 64, size=1))
    with pytest.raises(CaseError, match="may have 64 MB"):
        store.add_blob(case.id, bytes(LARGEST_BLOB + 1))
    with pytest.raises(NoSuchCase, match="any more"):
        store.add_blob(UNKNOWN, b"x")


@pytest.mark.skipif(sys.platform == "win32", reason="modes")
def test_only_the_user_reads_a_case(tmp_path: Path) -> None:
    """Everything of a case is readable by its owner alone."""
    store, _ = full_case(tmp_path)

    for path in (store.folder, *store.folder.rglob("*")):
        mode = stat.S_IMODE(path.stat().st_mode)
        assert mode == (0o700 if path.is_dir() else 0o600), path


def test_several_change_one_case(tmp_path: Path) -> None:
    """Nothing is lost when several change a case at the same time."""
    store = CaseStore(tmp_path, lock_timeout=30)
    case = store.create("Shared")

    def add(number: int) -> None:
        own = CaseStore(tmp_path, lock_timeout=30)
        blob_text = f"note {number}"
        own.add_blob(case.id, b"the same bytes")
        added = item(NoteContent(text=blob_text), f"i-{number}")
        own.change(case.id, lambda one: one.with_items(added))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(add, range(24)))

    assert {one.id for one in store.read(case.id).items} == {f"i-{number}" for number in range(24)}


def test_an_error_leaves_the_case_as_it_was(store: CaseStore) -> None:
    """A change that fails changes nothing, and a case that is written elsewhere is waited for."""
    case = store.create("A")
    with pytest.raises(ZeroDivisionError):
        store.change(case.id, lambda _: 1 / 0)  # type: ignore[arg-type, return-value]

    def nested(one: object) -> object:
        return store.change(case.id, lambda inner: inner)

    with pytest.raises(CaseError, match="Another ibconsole"):
        store.change(case.id, nested)  # type: ignore[arg-type]
    assert store.read(case.id) == case
    written = (store.folder / case.id / "case.json").read_bytes()
    later = re.sub(rb'"changed_at":', rb'"changed_at":10000', written)
    for damaged in (later, b"{"):
        (store.folder / case.id / "case.json").write_bytes(damaged)
        [listed] = store.list()
        assert "cannot be read" in listed.problem
    with pytest.raises(NoSuchCase, match="no id of a case"):
        store.read("../x")
    store.delete(case.id)


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    """A full or forbidden disk is one sentence."""
    (tmp_path / "cases").write_bytes(b"")
    store = CaseStore(tmp_path)

    for attempt in (lambda: store.create("A"), store.list):
        with pytest.raises(CaseError, match=r"could not be written|cannot be read"):
            attempt()


def test_pseudonyms_stay_the_same(store: CaseStore) -> None:
    """All exports of a case use the same pseudonyms, and an interrupted one adds none."""
    case = store.create("A")
    kind = ReplacementKind.SUBSCRIBER

    def token() -> Iterator[str]:
        with store.pseudonyms(case.id) as lent:
            yield lent.token(kind, "ada")
            yield lent.token(kind, "bob")

    def interrupted() -> None:
        with store.pseudonyms(case.id) as lent:
            lent.token(kind, "eve")
            raise ZeroDivisionError

    first = list(token())
    with pytest.raises(ZeroDivisionError):
        interrupted()

    assert list(token()) == first == ["subscriber-1", "subscriber-2"]
    (store.folder / case.id / "pseudonyms.json").write_bytes(b"{")
    with pytest.raises(CaseDamaged, match=r"pseudonyms\.json"):
        next(token())


def test_cases_that_cannot_be_read(store: CaseStore) -> None:
    """What is no file, is too large or has vanished is one sentence, and is left as it is."""
    case, path = store.create("A"), store.folder
    document = path / case.id / "case.json"
    document.unlink()
    document.mkdir()
    with pytest.raises(CaseError, match="cannot be read"):
        store.read(case.id)
    document.rmdir()
    with document.open("wb") as file:
        file.truncate(65 << 20)
    with pytest.raises(CaseDamaged, match="larger than 64 MB"):
        store.read(case.id)
    document.unlink()
    with pytest.raises(NoSuchCase, match="any more"):
        store.delete(case.id)
    (path / "current").unlink()
    (path / "current").mkdir()

    assert store.current() == ""
