"""Bundles that no export writes: each is made of a good one, by what is changed in it."""

import hashlib
import json
import os
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

Files = dict[str, bytes]
Change = Callable[[Files], None]
Break = Callable[[Path], None]


def with_manifest(files: Files, changed: Mapping[str, Any] | None = None) -> Files:
    """Return the files with a manifest that fits them."""
    listed = [
        {"name": name, "sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
        for name, data in sorted(files.items())
        if name != "manifest.json"
    ]
    manifest = {**json.loads(files["manifest.json"]), "files": listed, **(changed or {})}
    return {**files, "manifest.json": json.dumps(manifest).encode()}


def case_with(change: Callable[[dict[str, Any]], object]) -> Change:
    """Return what changes the case, so that the manifest fits it."""

    def apply(files: Files) -> None:
        case = json.loads(files["case.json"])
        change(case)
        files["case.json"] = json.dumps(case).encode()
        files.update(with_manifest(files))

    return apply


def replaced(name: str, data: bytes) -> Change:
    """Return what gives a file other contents, so that the manifest fits it."""

    def apply(files: Files) -> None:
        files[name] = data
        files.update(with_manifest(files))

    return apply


def added(name: str, data: bytes = b"x") -> Change:
    """Return what adds a file, which the manifest does not name."""
    return lambda files: files.update({name: data})


def manifest_with(**changed: Any) -> Change:
    """Return what changes the manifest."""
    return lambda files: files.update(with_manifest(files, changed))


def million_items(case: dict[str, Any]) -> None:
    """Give the case more items than any case has."""
    note = {"id": "", "added_at": 0, "title": "", "content": {"kind": "note", "text": ""}}
    case["items"] = [{**note, "id": str(number)} for number in range(20_000)]


def deep(files: Files) -> None:
    """Nest arrays in the case deeper than any stack."""
    files["case.json"] = files["case.json"][:-1] + b',"x":' + b"[" * 500_000
    files.update(with_manifest(files))


def without_blob(files: Files) -> None:
    """Leave out a file to which the case refers."""
    del files[next(name for name in sorted(files) if name.startswith("raw/"))]
    files.update(with_manifest(files))


def without_case(files: Files) -> None:
    """Leave out the case, also in the manifest."""
    del files["case.json"]
    files.update(with_manifest(files))


def changed_case(files: Files) -> None:
    """Change a letter of the case."""
    files["case.json"] = files["case.json"].replace(b"Nothing", b"Nothinq")


def without(name: str) -> Change:
    """Return what leaves out a file that the manifest names."""

    def apply(files: Files) -> None:
        del files[name]

    return apply


# What is wrong with the contents: in a folder and in a zip file alike.
CONTENTS: Mapping[str, tuple[Change, str]] = {
    "no manifest": (without("manifest.json"), "no manifest"),
    "no case": (without_case, "no case.json"),
    "a manifest that is no JSON": (added("manifest.json", b"{"), "cannot be read"),
    "a manifest of deep nesting": (added("manifest.json", b"[" * 900_000), "cannot be read"),
    "a manifest of another program": (manifest_with(format="zip/1"), "no bundle"),
    "a newer manifest": (manifest_with(format="ibconsole-bundle/9"), "newer ibconsole"),
    "the manifest of another case": (manifest_with(case="x"), "another case"),
    "a large manifest": (added("manifest.json", b" " * (3 << 20)), "larger than"),
    "a manifest of wrong types": (manifest_with(files=[{"name": 7}]), "cannot be read"),
    "a file that is listed twice": (
        manifest_with(files=[{"name": "case.md", "sha256": "0" * 64, "size": 1}] * 2), "twice"),
    "a file that leads out": (
        manifest_with(files=[{"name": "../x", "sha256": "0" * 64, "size": 1}]), "is missing"),
    "a changed file": (added("case.md", b"changed"), "not as it was exported"),
    "a changed case": (changed_case, "not as it was"),
    "a missing file": (without("case.md"), "is missing"),
    "a file of another size": (
        manifest_with(files=[{"name": "case.md", "sha256": "0" * 64, "size": 1}]),
        "not as it was exported",
    ),
    "a missing body": (without_blob, "is missing"),
    "a case that is no JSON": (replaced("case.json", b"PK\x03\x04"), "no case"),
    "a case that is not UTF-8": (replaced("case.json", b'{"format":"\xff\xfe"}'), "no case"),
    "a newer case": (case_with(lambda case: case.update(format="ibconsole-case/7")), "newer"),
    "another format": (case_with(lambda case: case.update(format=5)), "no case"),
    "wrong types": (case_with(lambda case: case.update(items={"a": 1})), "no case"),
    "an unknown kind": (case_with(
        lambda case: case["items"][0]["content"].update(kind="script")), "no case"),
    "huge integers": (case_with(lambda case: case.update(created_at=int("9" * 4000))), "number"),
    "a huge time in the facts": (case_with(
        lambda case: case["recordings"][0]["facts"].update(now=-(10**30))), "number"),
    "huge fractions": (case_with(
        lambda case: case["items"][1]["content"].update(answer_seconds=1e300)), "number"),
    "a text without bounds": (case_with(
        lambda case: case["items"][0].update(comment="W" * 300_000)), "longer than any name"),
    "a name without bounds": (case_with(
        lambda case: case["recordings"][0]["facts"]["account"].update(name="W" * 5_000)),
        "longer than any name"),
    "deep nesting": (deep, "no case"),
    "items without bounds": (case_with(million_items), "at most 10,000"),
    "two items of one id": (case_with(
        lambda case: case["items"].append(case["items"][0])), "same id"),
    "a hash that is a path": (case_with(
        lambda case: case["items"][0]["content"]["body"].update(sha256="../../x")), "not valid"),
    "a missing recording": (case_with(lambda case: case.update(recordings=[])), "recording"),
    "a file that is a program's": (added("con.json"), "Windows"),
    "a file in too many folders": (added("a/b/c/d"), "not valid"),
    "a name with a control character": (added("a\nb"), "not valid"),
    "a name with a trailing dot": (added("raw/a."), "Windows"),
    "a name with a colon": (added("raw/a:b"), "leads out"),
    "a long name": (added("n" * 201), "not valid"),
}  # fmt: skip


def zipped(files: Mapping[str, bytes], target: Path, **options: Any) -> None:
    """Write files into a zip file."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, **options) as bundle:
        for name, data in files.items():
            bundle.writestr(name, data)


def entry(name: str, mode: int = 0o100600, data: bytes = b"x") -> Break:
    """Return what adds an entry of this name and kind to a zip file."""

    def apply(path: Path) -> None:
        with zipfile.ZipFile(path, "a") as bundle:
            made = zipfile.ZipInfo("placeholder")
            made.create_system, made.external_attr = 3, mode << 16
            made.filename = made.orig_filename = name
            bundle.writestr(made, data)

    return apply


def cut(path: Path) -> None:
    """Cut the end of a file off."""
    path.write_bytes(path.read_bytes()[:-100])


def lying(field: int, value: int) -> Break:
    """Return what changes a number of 4 bytes in the directory's entry of the case."""

    def apply(path: Path) -> None:
        data = bytearray(path.read_bytes())
        start = data.rfind(b"case.json") - 46
        data[start + field : start + field + 4] = struct.pack("<L", value)
        path.write_bytes(data)

    return apply


def crowded(path: Path) -> None:
    """Give the directory more entries than any bundle has."""
    with zipfile.ZipFile(path, "a", zipfile.ZIP_STORED) as bundle:
        for number in range(6_000):
            bundle.writestr(f"f{number}", b"")


def grown(size: int, count: int = 1) -> Break:
    """Return what adds files of this many zeros, packed to next to nothing."""

    def apply(path: Path) -> None:
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        zeros = bytes(1 << 20)
        packed = b"".join(packer.compress(zeros) for _ in range(size >> 20)) + packer.flush()
        checksum = 0
        for _ in range(size >> 20):
            checksum = zlib.crc32(zeros, checksum)
        with zipfile.ZipFile(path, "a") as bundle:
            for number in range(count):
                made = zipfile.ZipInfo(f"raw/zeros-{number}")
                made.compress_type = zipfile.ZIP_STORED
                bundle.writestr(made, packed)
                made.compress_type, made.file_size, made.CRC = 8, size, checksum

    return apply


def commented(path: Path) -> None:
    """Add a comment, in which another directory could be."""
    with zipfile.ZipFile(path, "a") as bundle:
        bundle.comment = b"PK\x05\x06" + bytes(18)


def overlapping(path: Path) -> None:
    """Let two entries of the directory share the bytes of one file."""
    data = bytearray(path.read_bytes())
    directory = data.rfind(b"PK\x01\x02")
    data[directory + 42 : directory + 46] = struct.pack("<L", 0)
    path.write_bytes(data)


def composed(path: Path) -> None:
    """Add one name twice, its accent once as a letter of its own."""
    entry("raw/\xe9")(path)
    entry("raw/e\u0301")(path)


def contents(data: bytes) -> Break:
    """Return what gives a file other contents."""

    def apply(path: Path) -> None:
        path.write_bytes(data)

    return apply


def shifted(path: Path) -> None:
    """Put a program in front of a zip file."""
    path.write_bytes(b"#!/bin/sh\n" + path.read_bytes())


def encrypted(path: Path) -> None:
    """Say that the case is encrypted."""
    data = bytearray(path.read_bytes())
    data[data.rfind(b"case.json") - 46 + 8] |= 1
    path.write_bytes(data)


# What is wrong with the zip file.
ZIPS: Mapping[str, tuple[Break, str]] = {
    "a name that leads out": (entry("../evil.txt"), "leads out"),
    "an absolute name": (entry("/etc/passwd"), "leads out"),
    "a drive letter": (entry("C:/evil.txt"), "leads out"),
    "backslashes": (entry("..\\evil.txt"), "leads out|damaged"),
    "a NUL in a name": (entry("case.json\0.txt"), "not valid"),
    "a reserved name": (entry("raw/NUL.txt"), "Windows"),
    "a link": (entry("raw/link", 0o120777, b"/etc/passwd"), "link"),
    "a device": (entry("raw/device", 0o020666), "link or no"),
    "the same name twice": (entry("CASE.JSON"), "one name"),
    "the same name, composed otherwise": (composed, "one name"),
    "a truncated file": (cut, "end is missing"),
    "no zip file": (contents(b"GIF89a" * 100), "no zip file"),
    "an empty file": (contents(b""), "no zip file"),
    "a comment": (commented, "damaged"),
    "bytes in front": (shifted, "damaged"),
    "an encrypted entry": (encrypted, "encrypted"),
    "a packing of its own": (lying(10, 14), "packed in a way"),
    "a size that is too small": (lying(24, 10), "not as it was exported"),
    "a size that is too large": (lying(24, 5_000), "not as it was exported"),
    "a size without bounds": (lying(24, 0xFFFFFFF0), "larger than"),
    "entries that overlap": (overlapping, "overlap|damaged"),
    "too many entries": (crowded, "more than 5,000 files"),
    "a bomb": (grown(80 << 20), "grows beyond"),
    "a bomb of many files": (grown(64 << 20, 9), "larger than"),
}  # fmt: skip


def linked(path: Path) -> None:
    """Put a link to a file of the user in place of a body."""
    (path / "raw" / "link").symlink_to("/etc/passwd")


def hard_linked(path: Path) -> None:
    """Give a file of the folder a second name elsewhere."""
    os.link(path / "case.md", path.parent / "elsewhere")


def replaced_by_link(path: Path) -> None:
    """Put a link in place of the case."""
    (path / "case.json").rename(path.parent / "moved.json")
    (path / "case.json").symlink_to(path.parent / "moved.json")


def replaced_by_pipe(path: Path) -> None:
    """Put a pipe in place of the case."""
    (path / "case.json").unlink()
    os.mkfifo(path / "case.json")


# What is wrong with a folder; a pipe would never end.
FOLDERS: Mapping[str, tuple[Break, str]] = {
    "a link": (linked, "link"),
    "a link to a folder": (lambda path: (path / "more").symlink_to("/"), "link"),
    "a hard link": (hard_linked, "link to another"),
    "a case that is a link": (replaced_by_link, "link"),
    "a pipe": (lambda path: os.mkfifo(path / "raw" / "pipe"), "no regular file"),
    "a pipe in place of the case": (replaced_by_pipe, "no regular file"),
    "folders in one another": (lambda path: (path / "a/b/c/d").mkdir(parents=True), "not valid"),
    "a large file": (lambda path: os.truncate(path / "case.md", 1 << 31), "larger than"),
}  # fmt: skip
