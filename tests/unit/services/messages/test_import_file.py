"""Import of exports: complete, only once, and from damaged files."""

import bz2
import gzip
import io
import json
import random
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import JobCancelled
from ibconsole.archive.importing import ImportResult
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Flags, Progress, Via
from ibconsole.model.reading import encode
from ibconsole.services.messages.export import Export, ExportOptions, Format
from ibconsole.services.messages.import_file import (
    FileImport,
    ImportSummary,
    describe_import,
)
from ibconsole.services.messages.packed_files import ImportFailed
from tests.unit.archive.deliveries import arrival, batch

FORMATS = [Format.JSONL, Format.RAW]


def fill(path: Path) -> None:
    """Store pulls and forwards: whole, cut, with odd messages, and without messages."""
    with Archive(path) as archive:
        for body, complete in (
            (batch({"messageId": "1", "text": "Grüße", "n": 1.10}, {"messageId": "2"}), True),
            (batch({"messageId": "1", "text": "again"}, "text", {}), True),
            (b'{"results":[{"messageId":"3","text":"x"},{"messageId":"4","te', False),
            (b"<html>502</html>", True),
        ):
            delivery = archive.begin_pull(connection="c", base_url="https://x.example", limit=5)
            archive.append_answer(delivery, body)
            archive.finish_pull(
                delivery, status=200, headers=[("A", "b")], complete=complete, problem=""
            )
        archive.decode(archive.add_forwards([arrival(batch({"messageId": "5"})), arrival(b"no")]))


def export(path: Path, target: Path, format_: Format, wanted: Filter | None = None) -> Path:
    with Reader(path) as reader, target.open("wb") as file:
        Export(reader, ExportOptions(format_, wanted or Filter(), reveal_codes=True)).write(
            file, lambda _: None
        )
    return target


def import_from(path: Path, file: Path) -> ImportSummary:
    with Archive(path) as archive:
        return FileImport(file, archive).run(lambda _: None)


def contents(path: Path) -> list[tuple[Any, ...]]:
    """Return everything stored of each message, except the ids of this archive."""
    with Reader(path) as reader:
        messages = list(reader.messages(Filter()))
        ids = {message.id: place for place, message in enumerate(messages)}
        found = []
        for one in messages:
            delivery = reader.delivery(one.delivery)
            assert delivery
            found.append(
                (
                    one.body, one.position, one.text, one.flags, one.arrived_at, one.start,
                    one.size, one.connection, ids.get(one.duplicate_of or 0), delivery.sha256,
                    delivery.via,
                    delivery.began_at, delivery.complete, delivery.status, delivery.announced,
                )
            )  # fmt: skip
        return found


def count_verified(path: Path) -> int:
    with Reader(path) as reader:
        found = reader.verify(lambda _: None)
    assert found.damages == ()
    return found.messages


@pytest.mark.parametrize("format_", FORMATS)
def test_import(tmp_path: Path, format_: Format) -> None:
    """An imported message equals the exported one, down to its position in the body."""
    source, target = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    fill(source)
    file = export(source, tmp_path / "file", format_)

    summary = import_from(target, file)
    assert summary.imported.messages == count_verified(target) == count_verified(source) == 7
    assert summary.skipped == 0
    assert contents(target) == contents(source)

    again = import_from(target, file)
    assert again.imported == ImportResult(0, 0, 7)
    assert contents(target) == contents(source)
    with Reader(target) as reader:
        assert len(reader.find(Filter())) == reader.counts().messages == 7


def test_messages_that_are_no_strict_json(tmp_path: Path) -> None:
    """Halves of characters, NaN, members of one name and the like come back as they were."""
    source, target = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    bodies = (
        rb'{"results":[{"messageId":"1","text":"half \ud83d","x":NaN},{"messageId":"2"}]}',
        b'{"results":[{"messageId":"3","a":1,"a":2},{"messageId":"4","_ibconsole":{"id":9}}]}',
        b'{"results":[{"messageId":"5","text":"\xff\t"},{"messageId":"6","n":1e999},"\\ud83d",1e400]}',
    )
    with Archive(source) as archive:
        archive.decode(archive.add_forwards([arrival(body) for body in bodies]))
    file = export(source, tmp_path / "file", Format.JSONL)

    assert import_from(target, file).skipped == 0
    assert contents(target) == contents(source)
    assert len(contents(target)) == 8
    for line in file.read_bytes().splitlines():
        json.dumps(json.loads(line.decode()), ensure_ascii=False, allow_nan=False).encode()


def test_lines_of_an_earlier_version(tmp_path: Path) -> None:
    """A line with half of a character, as version 0.1.0 exported it, is imported."""
    source, target = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    with Archive(source) as archive:
        archive.decode(archive.add_forwards([arrival(batch({"messageId": "1", "text": "HALF"}))]))
    file = export(source, tmp_path / "file", Format.JSONL)
    file.write_bytes(file.read_bytes().replace(b"HALF", rb"half \ud83d"))

    assert import_from(target, file).skipped == 0
    assert contents(target)[0][2] == "half \N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("format_", FORMATS)
@pytest.mark.parametrize(
    "body",
    [
        batch({"messageId": "1", "text": "Größe"}).decode().encode("utf-16"),
        encode(batch({"messageId": "1"}).decode()),
        b'"{\\"results\\":[{\\"messageId\\":\\"1\\",\\"text\\":\\"x\\"},',
    ],
)
def test_flags_come_back(tmp_path: Path, body: bytes, format_: Format) -> None:
    """A message is flagged as before, also for what its JSON does not show: encoding, wrapping."""
    source, target = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    with Archive(source) as archive:
        archive.decode(archive.add_forwards([arrival(body)]))

    import_from(target, export(source, tmp_path / "file", format_))

    with Reader(source) as reader:
        assert [bool(one.flags & Flags.ODD) for one in reader.messages(Filter())] == [True]
    assert contents(target) == contents(source)


@pytest.mark.parametrize("format_", FORMATS)
def test_import_into_the_exporting_archive(tmp_path: Path, format_: Format) -> None:
    """An archive's own export, also by way of another archive, adds nothing to it."""
    source, target = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    fill(source)
    import_from(target, export(source, tmp_path / "out", format_))
    before = contents(source)

    again = import_from(source, tmp_path / "out")
    back = import_from(source, export(target, tmp_path / "back", format_))

    assert again.imported == back.imported == ImportResult(0, 0, existing=7)
    assert contents(source) == before


@pytest.mark.parametrize("seed", range(4))
def test_raw_bodies_that_were_packed_again(tmp_path: Path, seed: int) -> None:
    """A raw export that was unpacked and packed again, in any order, is imported whole."""
    source, target = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    fill(source)
    export(source, tmp_path / "raw", Format.RAW)
    with tarfile.open(tmp_path / "raw") as old, tarfile.open(tmp_path / "new", "w:xz") as new:
        members = old.getmembers()
        random.Random(seed).shuffle(members)  # noqa: S311 an order, no secret
        for member in members:
            new.addfile(member, old.extractfile(member))

    summary = import_from(target, tmp_path / "new")
    assert (summary.skipped, summary.imported.messages) == (0, 7)
    with Reader(source) as one, Reader(target) as other:
        for via in Via:
            raw = [
                [each.delivery_raw(n) for n in each.find_deliveries(via)] for each in (one, other)
            ]
            assert sorted(raw[0]) == sorted(raw[1])


def packed(data: bytes, mode: Literal["w:gz"]) -> bytes:
    """Return a tar that holds the file alone, as `tar czf` writes it."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as archive:
        member = tarfile.TarInfo("./messages.jsonl")
        member.size = len(data)
        archive.addfile(member, io.BytesIO(data))
    return target.getvalue()


@pytest.mark.parametrize(
    "change",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.decode().replace("\n", "\r\n").encode("utf-16"),
        gzip.compress,
        lambda data: b"\xef\xbb\xbf" + data + b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r"),
        lambda data: b"[" + data.rstrip().replace(b"\n", b",\n") + b"]",
        lambda data: json.dumps(
            [json.loads(line) for line in data.splitlines()], indent=2
        ).encode(),
        lambda data: "\n".join(
            json.dumps(json.loads(line), indent=4, sort_keys=True) for line in data.splitlines()
        ).encode("utf-16-le"),
        lambda data: b"\x1e" + data.replace(b"\n", b"\n\n\x1e"),
        lambda data: b'{"results":[' + data.rstrip().replace(b"\n", b",") + b'],"messageCount":7}',
        lambda data: gzip.compress(bz2.compress(data.replace(b"\n", b",\r\n"))),
        lambda data: data.decode().encode("utf-32-be"),
        zlib.compress,
        lambda data: packed(data, "w:gz"),
        lambda data: zipped({"a.json": data[: data.index(b"\n")], "b/c": data}),
    ],
)
def test_lines_after_everyday_tools(tmp_path: Path, change: Callable[[bytes], bytes]) -> None:
    """Another encoding, other line ends and separators, arrays and compression lose no line."""
    source, target = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    fill(source)
    file = export(source, tmp_path / "file", Format.JSONL)
    file.write_bytes(change(file.read_bytes()))

    summary = import_from(target, file)
    assert (summary.skipped, summary.imported.messages) == (0, 7)
    assert [one[2] for one in contents(target)] == [one[2] for one in contents(source)]


def zipped(files: dict[str, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return target.getvalue()


def test_raw_bodies_in_a_zip(tmp_path: Path) -> None:
    """Raw bodies that were unpacked, and packed as a ZIP with something else, come back."""
    source, target = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    fill(source)
    file = export(source, tmp_path / "file", Format.RAW)
    with tarfile.open(file) as tar:
        members = [(one.name, tar.extractfile(one)) for one in tar if one.isfile()]
        files = {f"x/{name}": content.read() for name, content in members if content}
    file.write_bytes(zipped({"x/notes.txt": b"hello", **files}))

    summary = import_from(target, file)

    assert (summary.skipped_places, summary.imported.messages) == (("x/notes.txt",), 7)
    assert contents(target) == contents(source)


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Path]]:
    """An archive, and its partial exports by the text that their messages have."""
    directory = tmp_path_factory.mktemp("parts")
    source = directory / "a" / "a.sqlite3"
    fill(source)
    return source, {
        text: export(source, directory / str(number), Format.JSONL, Filter(text=text))
        for number, text in enumerate(["1", "2", "again", "x", ""])
    }


@settings(max_examples=8)
@given(order=st.permutations(["1", "2", "again", "x", ""]))
def test_partial_exports(
    tmp_path_factory: pytest.TempPathFactory,
    parts: tuple[Path, dict[str, Path]],
    order: Sequence[str],
) -> None:
    """Overlapping partial exports, imported in any order, add up to the whole."""
    source, files = parts
    target = tmp_path_factory.mktemp("whole") / "b.sqlite3"
    for text in order:
        import_from(target, files[text])
    count_verified(target)
    with Reader(source) as original, Reader(target) as copy:
        wanted = sorted(one.body for one in original.messages(Filter()))
        assert sorted(one.body for one in copy.messages(Filter())) == wanted


def test_raw_bodies_complete_partial_exports(tmp_path: Path) -> None:
    """Raw bodies add what a partial export left out."""
    source, target = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    fill(source)
    import_from(target, export(source, tmp_path / "part", Format.JSONL, Filter(text="again")))
    import_from(target, export(source, tmp_path / "raw", Format.RAW))

    assert count_verified(target) == 7
    with Reader(target) as reader:
        assert sorted(one.body for one in reader.messages(Filter())) == sorted(
            body for body, *_ in contents(source)
        )
        [first] = reader.find(Filter(text="again"))
        message = reader.message(first)
        assert message
        assert reader.delivery_body(message.delivery)


PREFIX = b'{"_ibconsole":{"origin":"' + b"a" * 32 + b':1","position":'
BROKEN = [
    b"\n",
    b"not JSON\n",
    b"[1,2]\n",
    b'{"text":"none"}\n',
    b'{"_ibconsole":{"origin":"x","position":0,"source":{"via":"pull","beganAt":1}}}\n',
    PREFIX + b'0,"source":{"via":"no","beganAt":1}}}\n',
    PREFIX + b'9e99,"source":{}}}\n',
    PREFIX + b'99999999999999999999,"source":{"via":"pull","beganAt":1}}}\n',
    b"\xff\xfe\n",
    b"[" * 100_000 + b"\n",
]  # fmt: skip


def test_broken_lines(tmp_path: Path) -> None:
    """Broken lines are skipped and listed; the others are imported."""
    source, target = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    fill(source)
    good = export(source, tmp_path / "good", Format.JSONL).read_bytes().splitlines(keepends=True)
    mixed = tmp_path / "mixed"
    mixed.write_bytes(b"".join(one + BROKEN[number % 10] for number, one in enumerate(good * 2)))

    summary = import_from(target, mixed)
    assert summary.imported.messages == count_verified(target) == 7
    assert summary.skipped == 11  # of 14, two are empty lines, and one is of brackets only
    assert "line 4" in summary.skipped_places
    assert "11 entries skipped, because they cannot be read: line 4" in describe_import(summary)


@pytest.mark.parametrize(
    "content",
    [b"", b" []\n", b"not JSON\n", gzip.compress(b"hello", mtime=0), b"[[[", b"[]\n[]", b"\0,"],
)
def test_not_an_export(tmp_path: Path, content: bytes) -> None:
    """A file that is not an export is refused and changes nothing; an empty one is none."""
    (tmp_path / "file").write_bytes(content)
    if content.strip() not in {b"", b"[]"}:
        with pytest.raises(ImportFailed, match="not an export of this program"):
            import_from(tmp_path / "a.sqlite3", tmp_path / "file")
    else:
        assert import_from(tmp_path / "a.sqlite3", tmp_path / "file") == ImportSummary(
            ImportResult()
        )
    with pytest.raises(ImportFailed, match="cannot be read"):
        import_from(tmp_path / "a.sqlite3", tmp_path / "missing")


@pytest.mark.parametrize("change", [bytes, gzip.compress, lambda data: data + b"\r\n"])
def test_an_answer_that_another_program_saved(
    tmp_path: Path, change: Callable[[bytes], bytes]
) -> None:
    """The answer of a pull that curl saved is imported as a pull, once, and said to be one."""
    body = batch({"messageId": "1", "text": "a"}, {"messageId": "2", "text": "b"}, pending=3)
    (tmp_path / "file").write_bytes(change(body))

    summary = import_from(tmp_path / "a.sqlite3", tmp_path / "file")
    again = import_from(tmp_path / "a.sqlite3", tmp_path / "file")

    assert (summary.imported, summary.skipped) == (ImportResult(1, 2, 0), 0)
    assert "answer of the platform that another program saved" in describe_import(summary)
    assert (again.imported.messages, count_verified(tmp_path / "a.sqlite3")) == (0, 2)


def test_masked_messages(tmp_path: Path) -> None:
    """Messages with masked codes are skipped, because they differ from what was received."""
    source = tmp_path / "a" / "a.sqlite3"
    with Archive(source) as archive:
        body = batch({"applicationCode": "233623e3c860b49e", "text": "t"}, {"text": "u"})
        archive.decode(archive.add_forwards([arrival(body)]))
    with Reader(source) as reader, (tmp_path / "file").open("wb") as file:
        Export(reader, ExportOptions()).write(file, lambda _: None)

    summary = import_from(tmp_path / "b.sqlite3", tmp_path / "file")
    assert (summary.masked, summary.imported.messages) == (1, 1)
    assert "export them again with codes revealed" in describe_import(summary)


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9])
def test_cut_tar(tmp_path: Path, cut: float) -> None:
    """The whole deliveries of a cut tar are imported, and the cut is reported."""
    source, target = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    fill(source)
    data = export(source, tmp_path / "raw", Format.RAW).read_bytes()
    (tmp_path / "cut").write_bytes(data[: int(len(data) * cut)])

    try:
        summary = import_from(target, tmp_path / "cut")
    except ImportFailed:
        assert cut < 0.2
    else:
        assert summary.imported.messages == count_verified(target)
        assert summary.skipped == (summary.imported.deliveries < 6)
    import_from(target, tmp_path / "raw")
    assert count_verified(target) == 7


@pytest.mark.slow
def test_cancelled_import(tmp_path: Path) -> None:
    """A cancelled import keeps what it has stored, and the next one adds the rest."""
    source, target = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    with Archive(source) as archive:
        for start in range(0, 6_000, 1_000):
            body = encode({"results": [{"messageId": str(start + n)} for n in range(1_000)]})
            archive.decode(archive.add_forwards([arrival(body)]))
    file = export(source, tmp_path / "file", Format.JSONL)

    def stop(progress: Progress) -> None:
        if progress.done > progress.total / 2:
            raise JobCancelled("stopped")

    with Archive(target) as archive, pytest.raises(JobCancelled):
        FileImport(file, archive).run(stop)
    assert 0 < count_verified(target) < 6_000
    import_from(target, file)
    assert count_verified(target) == 6_000


def test_long_line(tmp_path: Path) -> None:
    """A line beyond the limit is skipped, so that memory is bounded."""
    source = tmp_path / "a" / "a.sqlite3"
    fill(source)
    file = export(source, tmp_path / "file", Format.JSONL)
    file.write_bytes(b'{"a":"' + b"x" * 20_000 + b'"}\n' + file.read_bytes())

    with Archive(tmp_path / "b.sqlite3") as archive:
        summary = FileImport(file, archive, longest=4_000).run(lambda _: None)
    assert (summary.skipped, summary.imported.messages) == (1, 7)
