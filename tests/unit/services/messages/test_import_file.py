"""Exports come in again: whole, once, and whatever is wrong with the file."""

import gzip
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import JobCancelled
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, ImportResult, Progress
from ibconsole.model.reading import encode
from ibconsole.services.messages.export import Export, ExportOptions, Format
from ibconsole.services.messages.import_file import Import, ImportFailed, Outcome, describe_import
from tests.unit.archive.deliveries import arrival, batch

FORMATS = [Format.JSONL, Format.RAW]


def fill(path: Path) -> None:
    """Pulls and forwards: whole, cut, odd, of strangers, and without messages."""
    with Archive(path) as archive:
        for body, complete in (
            (batch({"messageId": "1", "text": "Grüße", "n": 1.10}, {"messageId": "2"}), True),
            (batch({"messageId": "1", "text": "again"}, "stranger", {}), True),
            (b'{"results":[{"messageId":"3","text":"x"},{"messageId":"4","te', False),
            (b"<html>502</html>", True),
        ):
            delivery = archive.begin_pull(connection="c", base_url="https://x.example", limit=5)
            archive.append_body(delivery, body)
            archive.finish_pull(
                delivery, status=200, headers=[("A", "b")], complete=complete, problem=""
            )
        archive.decode(archive.add_forwards([arrival(batch({"messageId": "5"})), arrival(b"no")]))


def export(path: Path, target: Path, format_: Format, wanted: Filter | None = None) -> Path:
    with Reader(path) as reader, target.open("wb") as file:
        Export(reader, ExportOptions(format_, wanted or Filter(), revealed=True)).to(
            file, lambda _: None
        )
    return target


def take(path: Path, source: Path) -> Outcome:
    with Archive(path) as archive:
        return Import(source, archive).run(lambda _: None)


def contents(path: Path) -> list[tuple[Any, ...]]:
    """All that is known of each message, without the ids of this archive."""
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


def sound(path: Path) -> int:
    with Reader(path) as reader:
        found = reader.verify(lambda _: None)
    assert found.damages == ()
    return found.messages


@pytest.mark.parametrize("format_", FORMATS)
def test_everything_comes_in(tmp_path: Path, format_: Format) -> None:
    """What was exported is the same in another archive, down to where it stood in its body."""
    here, there = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    fill(here)
    file = export(here, tmp_path / "file", format_)

    outcome = take(there, file)
    assert outcome.taken.messages == sound(there) == sound(here) == 7
    assert outcome.passed_over == 0
    assert contents(there) == contents(here)

    again = take(there, file)
    assert again.taken == ImportResult(0, 0, 7 if format_ is Format.JSONL else 0)
    assert contents(there) == contents(here)
    with Reader(there) as reader:
        assert len(reader.find(Filter())) == reader.counts().messages == 7


@pytest.mark.parametrize("format_", FORMATS)
def test_back_home(tmp_path: Path, format_: Format) -> None:
    """An archive's own export, and what went through another one, adds nothing to it."""
    here, there = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    fill(here)
    take(there, export(here, tmp_path / "out", format_))
    before = contents(here)

    assert take(here, tmp_path / "out").taken.messages == 0
    assert take(here, export(there, tmp_path / "back", format_)).taken.messages == 0
    assert contents(here) == before


@given(order=st.permutations(["1", "2", "again", "x", ""]))
def test_parts_add_up(tmp_path_factory: pytest.TempPathFactory, order: Sequence[str]) -> None:
    """Parts of an export, in any order, and overlapping, make up the whole."""
    directory = tmp_path_factory.mktemp("parts")
    here, there = directory / "a" / "a.sqlite3", directory / "b" / "b.sqlite3"
    fill(here)
    for number, text in enumerate(order):
        take(there, export(here, directory / str(number), Format.JSONL, Filter(text=text)))
    sound(there)
    with Reader(here) as ours, Reader(there) as theirs:
        wanted = sorted(one.body for one in ours.messages(Filter()))
        assert sorted(one.body for one in theirs.messages(Filter())) == wanted


def test_bodies_complete_what_came_without(tmp_path: Path) -> None:
    """Raw bodies bring what a part of an export had left out."""
    here, there = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    fill(here)
    take(there, export(here, tmp_path / "part", Format.JSONL, Filter(text="again")))
    take(there, export(here, tmp_path / "raw", Format.RAW))

    assert sound(there) == 7
    with Reader(there) as reader:
        assert sorted(one.body for one in reader.messages(Filter())) == sorted(
            body for body, *_ in contents(here)
        )
        [first] = reader.find(Filter(text="again"))
        message = reader.message(first)
        assert message
        assert reader.delivery_body(message.delivery)


OURS = b'{"_ibconsole":{"origin":"' + b"a" * 32 + b':1","position":'
BROKEN = [
    b"\n",
    b"not JSON\n",
    b"[1,2]\n",
    b'{"text":"no ours"}\n',
    b'{"_ibconsole":{"origin":"x","position":0,"source":{"via":"pull","beganAt":1}}}\n',
    OURS + b'0,"source":{"via":"no","beganAt":1}}}\n',
    OURS + b'9e99,"source":{}}}\n',
    OURS + b'99999999999999999999,"source":{"via":"pull","beganAt":1}}}\n',
    b"\xff\xfe\n",
    b"[" * 100_000 + b"\n",
]  # fmt: skip


def test_broken_lines_cost_nothing_else(tmp_path: Path) -> None:
    """Lines that say nothing are passed over, and named; those between come in."""
    here, there = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    fill(here)
    good = export(here, tmp_path / "good", Format.JSONL).read_bytes().splitlines(keepends=True)
    mixed = tmp_path / "mixed"
    mixed.write_bytes(b"".join(one + BROKEN[number % 10] for number, one in enumerate(good * 2)))

    outcome = take(there, mixed)
    assert outcome.taken.messages == sound(there) == 7
    assert outcome.passed_over == 12  # of 14, two are empty lines
    assert "line 4" in outcome.places
    assert "12 entries could not be understood and passed over: line 4" in describe_import(outcome)


@pytest.mark.parametrize("content", [b"", b"not JSON\n", gzip.compress(b"hello")])
def test_what_is_no_export(tmp_path: Path, content: bytes) -> None:
    """A file that is none of ours changes nothing, and that is said."""
    (tmp_path / "file").write_bytes(content)
    if content:
        with pytest.raises(ImportFailed, match="no export of this program"):
            take(tmp_path / "a.sqlite3", tmp_path / "file")
    else:
        assert take(tmp_path / "a.sqlite3", tmp_path / "file") == Outcome(ImportResult())
    with pytest.raises(ImportFailed, match="cannot be read"):
        take(tmp_path / "a.sqlite3", tmp_path / "missing")


def test_masked_messages_stay_out(tmp_path: Path) -> None:
    """A masked code is not what was received: such a line is no message to keep."""
    here = tmp_path / "a" / "a.sqlite3"
    with Archive(here) as archive:
        body = batch({"applicationCode": "233623e3c860b49e", "text": "t"}, {"text": "u"})
        archive.decode(archive.add_forwards([arrival(body)]))
    with Reader(here) as reader, (tmp_path / "file").open("wb") as file:
        Export(reader, ExportOptions()).to(file, lambda _: None)

    outcome = take(tmp_path / "b.sqlite3", tmp_path / "file")
    assert (outcome.masked, outcome.taken.messages) == (1, 1)
    assert "export them again with codes revealed" in describe_import(outcome)


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9])
def test_a_tar_that_is_cut(tmp_path: Path, cut: float) -> None:
    """What was whole of it comes in, and that it was cut is said."""
    here, there = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    fill(here)
    data = export(here, tmp_path / "raw", Format.RAW).read_bytes()
    (tmp_path / "cut").write_bytes(data[: int(len(data) * cut)])

    try:
        outcome = take(there, tmp_path / "cut")
    except ImportFailed:
        assert cut < 0.2
    else:
        assert outcome.taken.messages == sound(there)
        assert outcome.passed_over == (outcome.taken.deliveries < 6)
    take(there, tmp_path / "raw")
    assert sound(there) == 7


def test_stopped_and_done_again(tmp_path: Path) -> None:
    """Stopped half-way, what came in stays, and the next time brings the rest."""
    here, there = tmp_path / "a" / "a.sqlite3", tmp_path / "b" / "b.sqlite3"
    with Archive(here) as archive:
        for start in range(0, 6_000, 1_000):
            body = encode({"results": [{"messageId": str(start + n)} for n in range(1_000)]})
            archive.decode(archive.add_forwards([arrival(body)]))
    file = export(here, tmp_path / "file", Format.JSONL)

    def stop(progress: Progress) -> None:
        if progress.done > progress.total / 2:
            raise JobCancelled("stopped")

    with Archive(there) as archive, pytest.raises(JobCancelled):
        Import(file, archive).run(stop)
    assert 0 < sound(there) < 6_000
    take(there, file)
    assert sound(there) == 6_000


def test_too_long_a_line_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long a line is, it takes no more memory than is allowed."""
    monkeypatch.setattr("ibconsole.services.messages.import_file._LONGEST", 4_000)
    here = tmp_path / "a" / "a.sqlite3"
    fill(here)
    file = export(here, tmp_path / "file", Format.JSONL)
    file.write_bytes(b'{"a":"' + b"x" * 20_000 + b'"}\n' + file.read_bytes())

    outcome = take(tmp_path / "b.sqlite3", file)
    assert (outcome.passed_over, outcome.taken.messages) == (1, 7)
