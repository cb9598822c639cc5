"""Opening of bundles: complete and unchanged, or not at all."""

import os
import resource
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from ibconsole.errors import UserError
from ibconsole.secret import Secret
from ibconsole.services.evidence.bundles.case_redaction import ExportChoices
from ibconsole.services.evidence.bundles.export import CaseExport
from ibconsole.services.evidence.bundles.files import BundleRefused
from ibconsole.services.evidence.bundles.reading import open_bundle
from ibconsole.services.evidence.cases import Blob
from ibconsole.services.evidence.redaction import KnownSecret, KnownSecrets
from tests.unit.services.evidence.bundles.hostile import CONTENTS, FOLDERS, ZIPS, zipped
from tests.unit.services.evidence.cases.samples import PNG, full_case

SECRETS = KnownSecrets(secrets=(KnownSecret("key", Secret("not-in-this-case")),))
MOST_MEMORY = 400 << 20  # bytes that all of them together may add


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good bundle as a folder, and as a zip file next to it."""
    folder = tmp_path_factory.mktemp("good")
    store, case = full_case(folder)
    export = CaseExport(store, SECRETS)
    export.export(case.id, folder / "out", ExportChoices(pictures=True))
    export.export(case.id, folder / "out.zip", ExportChoices(pictures=True))
    return folder / "out"


@pytest.fixture(scope="module")
def files(good: Path) -> Mapping[str, bytes]:
    """The files of the good bundle by name."""
    paths = [path for path in good.rglob("*") if path.is_file()]
    return {path.relative_to(good).as_posix(): path.read_bytes() for path in paths}


@pytest.fixture(scope="module", autouse=True)
def bounded_memory(good: Path) -> Iterator[None]:
    """No hostile bundle takes more memory than a large case."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert (after - before) * 1024 < MOST_MEMORY


def written(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files into a folder."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def refused(path: Path, words: str, around: Path) -> None:
    """Require that a bundle is refused with one sentence, and nothing is written anywhere."""
    before = sorted(around.rglob("*"))
    with pytest.raises(UserError, match=words) as caught:
        open_bundle(path)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert len(sentence) < len(str(path)) + 400
    assert sorted(around.rglob("*")) == before


def test_a_bundle_is_read_as_it_was_exported(good: Path) -> None:
    """A folder and a zip file give the same case, with all of its files."""
    folder, packed = open_bundle(good), open_bundle(good.with_suffix(".zip"))

    assert folder.case == packed.case
    assert (folder.problems, packed.problems) == ((), ())
    picture = list(folder.case.blobs)[-1]
    assert folder.read_blob(picture) == packed.read_blob(picture) == PNG
    assert folder.read_blob(Blob(sha256="", size=3)) is None


def test_other_files_are_not_read(files: Mapping[str, bytes], tmp_path: Path) -> None:
    """What a file manager has added is named, and a folder in a zip file is no file."""
    zipped({**files, "raw/": b"", ".DS_Store": b"x"}, tmp_path / "out.zip")
    opened = open_bundle(tmp_path / "out.zip")

    assert opened.problems == ("1 file in it do not belong to the case.",)
    picture = list(opened.case.blobs)[-1]
    zipped({**files, "raw/009-picture.png": b"other"}, tmp_path / "out.zip")
    with pytest.raises(BundleRefused, match="not as it was exported"):
        opened.read_blob(picture)


@pytest.mark.parametrize("name", CONTENTS)
def test_hostile_contents(name: str, files: Mapping[str, bytes], tmp_path: Path) -> None:
    """Contents that no export writes are refused, in a zip file and in a folder."""
    change, words = CONTENTS[name]
    changed = dict(files)
    change(changed)
    zipped(changed, tmp_path / "hostile.zip")
    refused(tmp_path / "hostile.zip", words, tmp_path)
    written(changed, tmp_path / "hostile")
    refused(tmp_path / "hostile", words, tmp_path)


@pytest.mark.parametrize("name", ZIPS)
def test_hostile_zip_files(name: str, files: Mapping[str, bytes], tmp_path: Path) -> None:
    """A zip file that no export writes is refused before anything in it is unpacked."""
    change, words = ZIPS[name]
    zipped(files, tmp_path / "hostile.zip")
    change(tmp_path / "hostile.zip")

    refused(tmp_path / "hostile.zip", words, tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes")
@pytest.mark.parametrize("name", FOLDERS)
def test_hostile_folders(name: str, files: Mapping[str, bytes], tmp_path: Path) -> None:
    """A folder with links, pipes or files without bounds is refused."""
    change, words = FOLDERS[name]
    written(files, tmp_path / "hostile")
    change(tmp_path / "hostile")

    refused(tmp_path / "hostile", words, tmp_path)


@pytest.mark.skipif(sys.platform == "win32", reason="pipes")
def test_what_is_no_file(tmp_path: Path) -> None:
    """A pipe, a device and nothing at all are refused at once."""
    os.mkfifo(tmp_path / "pipe")
    for path, words in (
        (tmp_path / "pipe", "neither a folder nor a file"),
        (Path("/dev/zero"), "neither a folder nor a file"),
        (tmp_path / "missing", "no such file"),
    ):
        refused(path, words, tmp_path)
