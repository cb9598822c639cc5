"""A bundle while it is written: a folder under a name of its own, which is scanned, then published.

The order of the files and all times are the same for the same case. What fails leaves nothing.
"""

import hashlib
import os
import shutil
import stat
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import msgspec

from ibconsole.archive import Progress, ProgressCallback
from ibconsole.files import draft_file, make_private_directory, publish_draft
from ibconsole.services.evidence.bundles.document import BlobFile
from ibconsole.services.evidence.cases import Blob
from ibconsole.services.evidence.redaction import KnownSecrets, Leak, ScanLimits, scan

MANIFEST = "manifest.json"
MANIFEST_FORMAT = "ibconsole-bundle/1"
_FIRST_DAY = datetime(1980, 1, 1, tzinfo=UTC)  # of zip files
_LAST_DAY = datetime(2107, 12, 31, tzinfo=UTC)
_ENDINGS = {
    "application/json": "json",
    "image/png": "png",
    "text/html": "html.txt",
    "application/xml": "xml",
    "text/xml": "xml",
    "application/x-www-form-urlencoded": "txt",
}
_CHUNK = 1 << 20


class ManifestFile(msgspec.Struct, frozen=True):
    """One file of a bundle; `name` has slashes, `size` is in bytes."""

    name: str
    sha256: str
    size: int


class BundleManifest(msgspec.Struct, frozen=True, kw_only=True):
    """The files of a bundle, but for the manifest itself, in the order of their names."""

    format: str
    case: str
    files: tuple[ManifestFile, ...] = ()


class BundleDraft:
    """The files of a bundle below a folder, 0600."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._files: dict[str, ManifestFile] = {}
        self._by_hash: dict[str, str] = {}

    def add(self, name: str, pieces: Iterable[bytes]) -> None:
        """Write a file of the bundle."""
        path = self.folder / name
        make_private_directory(path.parent)
        digest, size = hashlib.sha256(), 0
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            for piece in pieces:
                file.write(piece)
                digest.update(piece)
                size += len(piece)
        self._files[name] = ManifestFile(name, digest.hexdigest(), size)

    def keep(self, place: str, data: bytes, media_type: str) -> Blob:
        """Write the bytes of an item below `raw/`, equal ones once."""
        digest = hashlib.sha256(data).hexdigest()
        if digest not in self._by_hash:
            _, number, what = place.split(" ", 2)
            kind = media_type.partition(";")[0].strip().lower()
            ending = _ENDINGS.get(kind, "txt" if kind.startswith("text/") else "bin")
            name = f"raw/{int(number):03}-{what.replace(' ', '-')}.{ending}"
            self.add(name, [data])
            self._by_hash[digest] = name
        return Blob(sha256=digest, size=len(data), media_type=media_type)

    def find(self, blob: Blob) -> BlobFile | None:
        """Return the file of a blob below `raw/`, None if it was left out."""
        name = self._by_hash.get(blob.sha256)
        return BlobFile(name, (self.folder / name).read_bytes()) if name else None

    def finish(self, case_id: str, at: int) -> None:
        """Write the manifest; `at` becomes the time of all files, in milliseconds."""
        files = tuple(self._files[name] for name in sorted(self._files))
        manifest = BundleManifest(format=MANIFEST_FORMAT, case=case_id, files=files)
        data = msgspec.json.format(msgspec.json.encode(manifest), indent=2)
        self.add(MANIFEST, [data, b"\n"])
        for path in (*self.folder.rglob("*"), self.folder):
            os.utime(path, (at / 1000, at / 1000))

    def scan(self, secrets: KnownSecrets, on_progress: ProgressCallback) -> Iterator[Leak]:
        """Look for the secrets in every byte of every file, and in their names."""
        for number, name in enumerate(self._names, start=1):
            on_progress(Progress("Searching for secrets", number, len(self._files)))
            with (self.folder / name).open("rb") as file:
                yield from scan([(name, file)], secrets)

    def zip_to(self, file: Path, at: int) -> None:
        """Write the files into a zip file."""
        moment = min(max(datetime.fromtimestamp(at / 1000, UTC), _FIRST_DAY), _LAST_DAY)
        with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
            for name in self._names:
                entry = zipfile.ZipInfo(name, moment.timetuple()[:6])
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.create_system = 3
                entry.external_attr = (stat.S_IFREG | 0o600) << 16
                source = self.folder / name
                entry.file_size = source.stat().st_size
                with source.open("rb") as data, bundle.open(entry, "w") as target:
                    shutil.copyfileobj(data, target, _CHUNK)

    @property
    def size(self) -> int:
        """The number of bytes of all files."""
        return sum(one.size for one in self._files.values())

    @property
    def _names(self) -> list[str]:
        return sorted(self._files)


@contextmanager
def bundle_draft(target: Path) -> Iterator[BundleDraft]:
    """Lend a draft next to a target; what is left of it at the end is removed."""
    folder = target.with_name(f".{target.name}.{uuid4().hex[:8]}.part")
    folder.mkdir(mode=0o700)
    try:
        yield BundleDraft(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def publish_folder(draft: BundleDraft, target: Path) -> None:
    """Give the folder its name. Raises FileExistsError if there is something of that name."""
    if os.path.lexists(target):
        raise FileExistsError(target)
    draft.folder.rename(target)


def publish_zip(
    draft: BundleDraft, target: Path, secrets: KnownSecrets, at: int, *, replace: bool
) -> list[Leak]:
    """Write a zip file, scan its bytes, and give it its name if nothing was found."""
    with draft_file(target) as file:
        draft.zip_to(file, at)
        # Everything in it may come out again, and its directory besides.
        limits = ScanLimits(inflated=2 * draft.size + (64 << 20))
        with file.open("rb") as data:
            if leaks := list(scan([(target.name, data)], secrets, limits)):
                return leaks
        publish_draft(file, target, replace=replace)
    with suppress(OSError):
        os.utime(target, (at / 1000, at / 1000))
    return []
