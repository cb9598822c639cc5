"""Raw bodies in a tar: members pair by name, however they were packed."""

import io
import tarfile

import pytest

from ibconsole.services.messages.raw_bodies import TarIndex, read_index

FILES = {
    f"deliveries/{number}.{kind}": f"{number}{kind}".encode()
    for number in (1, 2, 3)
    for kind in ("json", "raw", "body")
} | {"end": b"{}"}


def packed(names: list[str], format_: int = tarfile.PAX_FORMAT, prefix: str = "") -> io.BytesIO:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w", format=format_) as tar:
        folder = tarfile.TarInfo(f"{prefix}deliveries")
        folder.type = tarfile.DIRTYPE
        tar.addfile(folder)
        for name in names:
            info = tarfile.TarInfo(prefix + name)
            info.size = len(FILES.get(name, b""))
            tar.addfile(info, io.BytesIO(FILES.get(name, b"")))
    return target


def index_of(file: io.BytesIO, longest: int = 100) -> TarIndex:
    index = read_index(file, len(file.getvalue()), longest, lambda _: None)
    assert index
    return index


@pytest.mark.parametrize("prefix", ["", "./", "a/very/long/" + "folder/" * 30])
@pytest.mark.parametrize("format_", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
@pytest.mark.parametrize("names", [list(FILES), sorted(FILES), sorted(FILES, reverse=True)])
def test_pairs(names: list[str], format_: int, prefix: str) -> None:
    """The members of a delivery are found in every order, format and folder."""
    index = index_of(packed(names, format_, prefix))

    assert index.ended
    assert index.unknown == []
    found = {
        f"deliveries/{name[-1]}.{kind}": index.read(part)
        for name, parts in index.deliveries.items()
        for kind, part in parts.items()
    }
    assert found == {name: data for name, data in FILES.items() if name != "end"}
    assert all(index.offset_of(name) for name in index.deliveries)


def test_other_members() -> None:
    """Other members are named, and what macOS packs is left out."""
    index = index_of(
        packed(["deliveries/._1.json", ".DS_Store", "notes.txt", "deliveries/1.raw"]), 3
    )

    assert index.unknown == ["notes.txt", "deliveries/1.raw"]
    assert not index.ended


def test_cut() -> None:
    """A member in which the file ends is left out."""
    whole = packed(list(FILES)).getvalue()
    cut = io.BytesIO(whole[: whole.index(b"2body") + 2])

    index = index_of(cut)
    assert index.last == "deliveries/2"
    assert "body" not in index.deliveries["deliveries/2"]


def test_no_tar() -> None:
    """Lines are no tar, and neither is nothing."""
    assert read_index(io.BytesIO(b"{}\n" * 1000), 3000, 100, lambda _: None) is None
    assert read_index(io.BytesIO(), 0, 100, lambda _: None) is None
