"""The bytes of an import: what everyday tools do to a file is undone, within bounds."""

import bz2
import gzip
import io
import lzma
import os
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from ibconsole.archive.errors import JobCancelled
from ibconsole.services.messages.import_source import open_sources
from ibconsole.services.messages.packed_files import ImportFailed

TEXT = '{"a":"Größe \U0001f600"}\n'.encode() * 50


def zipped(*names: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, TEXT)
    return target.getvalue()


def tarred(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    return target.getvalue()


def plain(source: Path | io.BytesIO, folder: Path) -> tuple[bytes, bool]:
    [(_, data, cut)] = all_plain(source, folder)
    return data, cut


def all_plain(source: Path | io.BytesIO, folder: Path) -> list[tuple[str, bytes, bool]]:
    found = []
    with open_sources(source, folder, lambda: None) as sources:
        for opened in sources:
            found.append((opened.name, data := opened.file.read(), opened.cut))
            assert opened.size == len(data)
    return found


@pytest.mark.parametrize(
    "undo",
    [
        bytes,
        gzip.compress,
        bz2.compress,
        lzma.compress,
        lambda data: lzma.compress(data, lzma.FORMAT_ALONE),
        lambda data: gzip.compress(data[:99]) + gzip.compress(data[99:]),
        lambda data: bz2.compress(gzip.compress(data)),
        lambda data: data.decode().encode("utf-16"),
        lambda data: b"\xfe\xff" + data.decode().encode("utf-16-be"),
        lambda data: data.decode().encode("utf-32"),
        lambda data: b"\x00\x00\xfe\xff" + data.decode().encode("utf-32-be"),
        lambda data: gzip.compress(data.decode().encode("utf-16")),
        lambda _: zipped("x.jsonl"),
        lambda _: zipped("folder/", "x.jsonl", "__MACOSX/._x.jsonl", ".DS_Store"),
        lambda _: tarred({"folder/x.json": gzip.compress(TEXT)}),
    ],
)
def test_what_tools_do_is_undone(tmp_path: Path, undo: Callable[[bytes], bytes]) -> None:
    """Compression and other encodings of Unicode are undone, also within one another."""
    (tmp_path / "file").write_bytes(undo(TEXT))

    assert plain(tmp_path / "file", tmp_path / "new") == (TEXT, False)


@pytest.mark.parametrize("compress", [gzip.compress, bz2.compress, lzma.compress])
def test_cut_files(tmp_path: Path, compress: Callable[[bytes], bytes]) -> None:
    """What comes before the end of a cut file is read, and the cut is known."""
    noise = os.urandom(2_000_000)
    (tmp_path / "file").write_bytes(compress(noise)[:-1_000])

    data, cut = plain(tmp_path / "file", tmp_path)
    assert cut
    assert noise.startswith(data)
    assert len(data) > 900_000


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\x28\xb5\x2f\xfdabc", "compressed with zstd"),
        (b"7z\xbc\xaf\x27\x1cabc", "compressed with 7-Zip"),
        (zipped("folder/"), "holds no file"),
        (zipped("a")[:-30], "is damaged"),
    ],
)
def test_what_cannot_be_undone(tmp_path: Path, content: bytes, words: str) -> None:
    """What cannot be undone is refused in one sentence that says what to do."""
    (tmp_path / "file").write_bytes(content)

    with pytest.raises(ImportFailed, match=words):
        plain(tmp_path / "file", tmp_path)


def test_pipe(tmp_path: Path) -> None:
    """A pipe, which cannot seek, is spooled, and leaves nothing behind."""
    reading, writing = os.pipe()
    content = gzip.compress(TEXT * 100)

    def write() -> None:
        with os.fdopen(writing, "wb") as file:
            file.write(content)

    thread = threading.Thread(target=write)
    thread.start()
    with os.fdopen(reading, "rb") as file:
        assert plain(file, tmp_path) == (TEXT * 100, False)  # type: ignore[arg-type]
    thread.join()
    assert list(tmp_path.iterdir()) == []


def test_silent_pipe(tmp_path: Path) -> None:
    """Waiting for a pipe that says nothing can be cancelled."""
    reading, writing = os.pipe()

    def cancel() -> None:
        raise JobCancelled("stopped")

    with (
        os.fdopen(reading, "rb") as file,
        pytest.raises(JobCancelled),
        open_sources(file, tmp_path, cancel),
    ):
        pass
    os.close(writing)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere such a pipe is waited for")
def test_a_named_pipe_without_a_writer(tmp_path: Path) -> None:
    """Waiting for the writer of a named pipe can be cancelled; what it writes is read."""
    os.mkfifo(tmp_path / "pipe")

    def cancel() -> None:
        raise JobCancelled("stopped")

    with pytest.raises(JobCancelled), open_sources(tmp_path / "pipe", tmp_path / "new", cancel):
        pass
    thread = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=(TEXT,))
    thread.start()
    assert plain(tmp_path / "pipe", tmp_path / "new") == (TEXT, False)
    thread.join()


def test_archives_in_archives(tmp_path: Path) -> None:
    """Each file in an archive is a source, also in another archive; a damaged one is as it is."""
    inner = zipped("c", "d")
    files = {"a": TEXT, "x/b.gz": gzip.compress(TEXT), "in.zip": inner, "bad.zip": inner[:-40]}

    assert all_plain(io.BytesIO(tarred(files)), tmp_path) == [
        ("a", TEXT, False),
        ("x/b.gz", TEXT, False),
        ("c", TEXT, False),
        ("d", TEXT, False),
        ("bad.zip", inner[:-40], False),
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_cut_file_in_an_archive(tmp_path: Path) -> None:
    """Only the file in an archive that is cut is known as cut."""
    files = {"a.gz": gzip.compress(TEXT)[:-9], "b": TEXT}

    found = all_plain(io.BytesIO(tarred(files)), tmp_path)
    assert [(name, cut) for name, _, cut in found] == [("a.gz", True), ("b", False)]


@pytest.mark.parametrize("compress", [bz2.compress, lzma.compress])
def test_a_python_without_bz2_and_lzma(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, compress: Callable[[bytes], bytes]
) -> None:
    """The packaged program has neither: gzip goes on, and the others are refused in a sentence."""
    code = (
        "import sys; sys.modules.update(dict.fromkeys(['bz2', '_bz2', 'lzma', '_lzma']));"
        "import ibconsole.wiring.content, ibconsole.services.messages.import_file"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
    for name in ("bz2", "lzma"):
        monkeypatch.setitem(sys.modules, name, None)

    assert plain(io.BytesIO(gzip.compress(TEXT)), tmp_path) == (TEXT, False)
    with pytest.raises(ImportFailed, match="this installation cannot undo"):
        plain(io.BytesIO(compress(TEXT)), tmp_path)
