"""Opening of an exported bundle: complete, unchanged and within bounds, or not at all."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import msgspec

from ibconsole.plural import counted
from ibconsole.services.evidence.bundles.draft import (
    MANIFEST,
    MANIFEST_FORMAT,
    BundleManifest,
    ManifestFile,
)
from ibconsole.services.evidence.bundles.files import (
    MOST_FILES,
    BundleFiles,
    BundleRefused,
    open_files,
)
from ibconsole.services.evidence.cases import (
    LATEST_TIME,
    Blob,
    Case,
    CaseTooNew,
    decode_case,
)

CASE_FILE = "case.json"
_LARGEST_MANIFEST = 2 << 20  # bytes
_LARGEST_CASE = 64 << 20
_LONGEST = 253_402_300_799.0  # seconds
_OPAQUE = frozenset({"raw", "report"})  # nothing computes with what is in them
# Characters: a window lays out a longer text for seconds, and a name again and again.
_LONGEST_TEXT, _LONGEST_NAME = 1 << 18, 4_000
_NAMES = frozenset({"name", "application_name", "account_name"})
_CHUNK = 1 << 20


class OpenedCase(msgspec.Struct, frozen=True):
    """The case of a bundle whose files are all as the manifest says.

    `problems` are sentences on what is not in it. `path` is that of the bundle, which must stay
    while files are read.
    """

    case: Case
    path: Path
    problems: tuple[str, ...]
    files: Mapping[str, ManifestFile]

    def read_blob(self, blob: Blob) -> bytes | None:
        """Return the bytes of a file of the case, None if the export has left it out.

        Raises BundleRefused if the bundle was changed since it was opened.
        """
        found = self.files.get(blob.sha256)
        if found is None:
            return None
        with open_files(self.path) as files:
            return _read(self.path, files, found)


def open_bundle(path: Path) -> OpenedCase:
    """Read an exported folder or zip file, and check every file in it. Blocks.

    Memory is that of the case and one file. Nothing is written. Raises BundleRefused, CaseTooNew
    and CaseDamaged, each with one sentence.
    """
    with open_files(path) as files:
        manifest = _manifest(path, files)
        for one in manifest.files:
            if one.name != CASE_FILE:
                _check(path, files, one)
        case = _case(path, files, manifest)
        others = len(files.sizes) - len(manifest.files) - 1
    by_hash = {one.sha256: one for one in manifest.files}
    for blob in case.blobs:
        found = by_hash.get(blob.sha256)
        if found is None or found.size != blob.size:
            raise BundleRefused(path, "a file to which the case refers is missing")
    return OpenedCase(case, path, tuple(_problems(case, others)), by_hash)


def _case(path: Path, files: BundleFiles, manifest: BundleManifest) -> Case:
    listed = next((one for one in manifest.files if one.name == CASE_FILE), None)
    if listed is None:
        raise BundleRefused(path, f"there is no {CASE_FILE} in it")
    if listed.size > _LARGEST_CASE:
        raise BundleRefused(path, f"its {CASE_FILE} is larger than any case")
    case = decode_case(_read(path, files, listed), f"The {CASE_FILE} of {path}")
    values = msgspec.to_builtins(case)
    if _has_long_text(values):
        raise BundleRefused(path, "a text in it is longer than any name or message")
    if _has_huge_number(values):
        raise BundleRefused(path, "a number in it is larger than any time or size")
    if manifest.case != case.id:
        raise BundleRefused(path, "its manifest belongs to another case")
    return case


def _manifest(path: Path, files: BundleFiles) -> BundleManifest:
    size = files.sizes.get(MANIFEST)
    if size is None:
        raise BundleRefused(path, f"there is no {MANIFEST} in it")
    if size > _LARGEST_MANIFEST:
        raise BundleRefused(path, f"its {MANIFEST} is larger than any manifest")
    with files.open(MANIFEST) as file:
        data = file.read(_LARGEST_MANIFEST + 1)
    try:
        found = msgspec.json.decode(data, type=BundleManifest)
    except (msgspec.MsgspecError, RecursionError, ValueError):
        raise BundleRefused(path, f"its {MANIFEST} cannot be read") from None
    if found.format != MANIFEST_FORMAT:
        family = MANIFEST_FORMAT.rpartition("/")[0]
        if found.format.startswith(f"{family}/"):
            raise CaseTooNew(
                f"{path} was not opened: a newer ibconsole wrote it. Nothing was changed; install"
                " the newer program."
            )
        raise BundleRefused(path, "it is no bundle of ibconsole")
    names = [one.name for one in found.files]
    if len(set(names)) < len(names) or MANIFEST in names or len(names) > MOST_FILES:
        raise BundleRefused(path, f"its {MANIFEST} names a file twice")
    return found


def _check(path: Path, files: BundleFiles, wanted: ManifestFile) -> None:
    """Compare a file with the manifest, piece by piece."""
    _require_listed(path, files, wanted)
    digest, left = hashlib.sha256(), wanted.size
    with files.open(wanted.name) as file:
        for piece in iter(partial(file.read, _CHUNK), b""):
            digest.update(piece)
            left -= len(piece)
            if left < 0:
                break
    if left or digest.hexdigest() != wanted.sha256:
        raise BundleRefused(path, f"{wanted.name[:60]} is not as it was exported")


def _read(path: Path, files: BundleFiles, wanted: ManifestFile) -> bytes:
    _require_listed(path, files, wanted)
    with files.open(wanted.name) as file:
        data = file.read(wanted.size + 1)
    if len(data) != wanted.size or hashlib.sha256(data).hexdigest() != wanted.sha256:
        raise BundleRefused(path, f"{wanted.name[:60]} is not as it was exported")
    return data


def _require_listed(path: Path, files: BundleFiles, wanted: ManifestFile) -> None:
    if files.sizes.get(wanted.name) is None:
        raise BundleRefused(path, f"{wanted.name[:60]} is missing")
    if files.sizes[wanted.name] != wanted.size:
        raise BundleRefused(path, f"{wanted.name[:60]} is not as it was exported")


def _problems(case: Case, others: int) -> Sequence[str]:
    problems = []
    left_out = sum(not blob.sha256 for item in case.items for blob in item.content.blobs)
    if left_out:
        problems.append(f"The export has left out {counted(left_out, 'file')}.")
    if others > 0:
        problems.append(f"{counted(others, 'file')} in it do not belong to the case.")
    return problems


def _has_long_text(value: object) -> bool:
    """Return whether a text of the case could hold up a window that shows it."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += one
            waiting += one.values()
            names = (inner for key, inner in one.items() if key in _NAMES)
            if any(isinstance(name, str) and len(name) > _LONGEST_NAME for name in names):
                return True
        elif isinstance(one, list | tuple):
            waiting += one
        elif isinstance(one, str) and len(one) > _LONGEST_TEXT:
            return True
    return False


def _has_huge_number(value: object) -> bool:
    """Return whether computing with a time or a size of the case could fail."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting += [inner for name, inner in one.items() if name not in _OPAQUE]
        elif isinstance(one, list | tuple):
            waiting += one
        elif isinstance(one, int | float):
            limit = LATEST_TIME if isinstance(one, int) else _LONGEST
            if abs(one) > limit:
                return True
    return False
