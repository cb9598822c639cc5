"""The files in a ZIP or a tar."""

import io
import tarfile
import zipfile

import pytest

from ibconsole.services.messages.packed_files import ImportFailed, packed_files


def zipped(*names: str, method: int = zipfile.ZIP_STORED) -> io.BytesIO:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", method) as archive:
        for name in names:
            archive.writestr(name, name)
    return target


def tarred(*names: str) -> io.BytesIO:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name in names:
            archive.addfile(tarfile.TarInfo(name))
    return target


def test_files() -> None:
    """Each file has its name and content; folders and what macOS adds are left out."""
    files = packed_files(zipped("a\\b.json", "d/", "__MACOSX/d/a", "d/._a", "d/.DS_Store", "c"))

    assert files is not None
    assert [(one.name, one.size) for one in files] == [("a/b.json", 8), ("c", 1)]
    assert files[1].open().read1(10) == b"c"


@pytest.mark.parametrize(
    ("file", "names"),
    [
        (tarred("./x.json", "y"), ["./x.json", "y"]),
        (tarred("d/1.json", "d/1.body"), None),
        (tarred("end"), None),
        (tarred(), None),
        (io.BytesIO(b"{}"), None),
        (io.BytesIO(b"\0" * 257 + b"ustar"), None),
        (zipped(), []),
    ],
)
def test_kinds(file: io.BytesIO, names: list[str] | None) -> None:
    """A tar of raw bodies is imported as it is, as is what is no archive."""
    files = packed_files(file)

    assert (None if files is None else [one.name for one in files]) == names


def encrypted() -> io.BytesIO:
    data = bytearray(zipped("a").getvalue())
    data[data.index(b"PK\x01\x02") + 8] |= 1
    return io.BytesIO(data)


@pytest.mark.parametrize("file", [encrypted(), io.BytesIO(zipped("a").getvalue()[:-9])])
def test_unreadable(file: io.BytesIO) -> None:
    """A ZIP that needs a password, or is damaged, is refused before anything is imported."""
    with pytest.raises(ImportFailed, match="damaged, or needs a password"):
        packed_files(file)
