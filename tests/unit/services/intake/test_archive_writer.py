import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import ArchiveUnwritable
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import DecodingResult, Filter
from ibconsole.model.message import Arrival
from ibconsole.services.intake.archive_writer import ArchiveBusy, ArchiveWriter
from ibconsole.tasks import Tasks


class Seen(list[DecodingResult]):
    def __call__(self, decoded: Sequence[DecodingResult]) -> None:
        self.extend(decoded)


def forward(number: int) -> Arrival:
    body = b'{"results":[{"messageId":"%d","text":"t"}]}' % number
    return Arrival(
        connection=None,
        arrived_at=1_700_000_000_000,
        method="POST",
        target="/in",
        headers=(),
        body=body,
        raw=b"POST /in HTTP/1.1\r\n\r\n" + body,
        peer="127.0.0.1",
        status=200,
        problem="",
    )


def full(_: Sequence[object]) -> list[int]:
    raise ArchiveUnwritable("The disk is full.")


@pytest.fixture
def seen() -> Seen:
    return Seen()


def fail(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error


@pytest.fixture
async def writer(tmp_path: Path, seen: Seen) -> AsyncIterator[ArchiveWriter]:
    async with ArchiveWriter(tmp_path / "archive.sqlite3", Tasks(fail), seen) as writer:
        yield writer


async def test_forwards_are_stored_together_and_decoded(
    writer: ArchiveWriter, seen: Seen, tmp_path: Path
) -> None:
    """Whoever waits is told after the commit; all become messages, in order of arrival."""
    ids = await asyncio.gather(*(writer.add_forward(forward(number)) for number in range(600)))

    with Reader(tmp_path / "archive.sqlite3") as reader:
        assert list(reader.find_deliveries("forward")) == list(ids) == sorted(ids)
        await writer._tasks.settled()
        assert len(reader.find(Filter())) == 600
    assert [one.delivery for one in seen] == list(ids)


async def test_a_sender_is_turned_away_when_too_many_wait(
    writer: ArchiveWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded: beyond the bound the platform is asked to try again."""
    monkeypatch.setattr(ArchiveWriter, "WAITING", 3)

    outcomes = await asyncio.gather(
        *(writer.add_forward(forward(number)) for number in range(5)), return_exceptions=True
    )

    assert [type(outcome) for outcome in outcomes] == [int, int, int, ArchiveBusy, ArchiveBusy]


async def test_large_ones_are_turned_away_sooner(
    writer: ArchiveWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded in bytes, too; but a single one always passes, however large."""
    monkeypatch.setattr(ArchiveWriter, "WAITING_BYTES", 100)
    large = replace(forward(1), raw=b"r" * 300)

    async def outcomes(*arrivals: Arrival) -> list[type[object]]:
        added = (writer.add_forward(arrival) for arrival in arrivals)
        return [type(one) for one in await asyncio.gather(*added, return_exceptions=True)]

    assert await outcomes(large, forward(2), large) == [int, ArchiveBusy, ArchiveBusy]
    assert await outcomes(large) == [int]
    assert writer._held == 0


async def test_while_the_archive_fails_nobody_waits_in_vain(
    writer: ArchiveWriter, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All who wait hear of a failure at once, those behind included; then it works again."""
    monkeypatch.setattr(ArchiveWriter, "TOGETHER", 2)
    monkeypatch.setattr(writer._open, "add_forwards", full)
    outcomes = await asyncio.gather(
        *(writer.add_forward(forward(number)) for number in range(5)), return_exceptions=True
    )
    assert [type(outcome) for outcome in outcomes] == [ArchiveUnwritable] * 5
    assert writer._held == 0

    monkeypatch.undo()
    assert await writer.add_forward(forward(9))


async def test_what_cannot_be_decoded_yet_is_later(
    writer: ArchiveWriter,
    seen: Seen,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A disk that fills up behind a forward costs neither it nor those that come after it."""
    monkeypatch.setattr(writer._open, "decode", full)
    first = await writer.add_forward(forward(1))
    await writer._tasks.settled()
    assert (list(seen), len(caplog.records)) == ([], 1)

    monkeypatch.undo()
    second = await writer.add_forward(forward(2))
    await writer._tasks.settled()
    assert [one.delivery for one in seen] == [first, second]
    caplog.clear()


async def test_a_stranger_is_not_decoded(writer: ArchiveWriter, seen: Seen, tmp_path: Path) -> None:
    """What came on a wrong path is kept, and that is all."""
    await writer.add_forward(replace(forward(1), unmatched=True, status=404, problem="No."))
    await writer._tasks.settled()

    assert list(seen) == []


async def test_a_pull_is_stored_piece_by_piece(writer: ArchiveWriter, tmp_path: Path) -> None:
    """Intent, pieces, whole: each step is on disk when it returns."""
    delivery = await writer.begin_pull(connection="c", base_url="https://a", limit=2)
    await writer.append_body(delivery, b'{"results":[{"messageId":"1"},')
    with Reader(tmp_path / "archive.sqlite3") as reader:
        assert reader.delivery_body(delivery) == b'{"results":[{"messageId":"1"},'

        await writer.append_body(delivery, b'{"messageId":"2"}]}')
        decoded = await writer.finish_pull(
            delivery, status=200, headers=(), complete=True, problem=""
        )

        assert len(decoded.message_ids) == 2
        found = reader.delivery(delivery)
        assert found is not None
        assert (found.state, found.complete) == ("decoded", True)


async def test_what_was_stored_last_is_decoded_at_the_end(tmp_path: Path, seen: Seen) -> None:
    """Closing the writer leaves no forward undecoded."""
    path = tmp_path / "archive.sqlite3"
    async with ArchiveWriter(path, Tasks(fail), seen) as writer:
        await writer.add_forward(forward(1))

    with Reader(path) as reader:
        assert len(reader.find(Filter())) == 1


async def test_what_arrived_is_indexed_behind(writer: ArchiveWriter, tmp_path: Path) -> None:
    """Without anybody asking, and also what an earlier program left."""
    await asyncio.gather(*(writer.add_forward(forward(number)) for number in range(300)))
    await writer._tasks.settled()

    with Archive(tmp_path / "archive.sqlite3") as archive:
        assert not archive.index(1)


async def test_closing_does_not_wait_for_the_index(tmp_path: Path, seen: Seen) -> None:
    """A long way behind, the index goes on when the archive is opened again."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive:
        for start in range(0, 600, 200):
            group = [forward(number) for number in range(start, start + 200)]
            archive.decode(archive.add_forwards(group))
    tasks = Tasks(fail)

    class Slowly(ArchiveWriter):
        INDEXED = 10

    async with Slowly(path, tasks, seen):
        pass
    with Archive(path) as archive:
        assert archive.index(1)

    async with Slowly(path, tasks, seen):
        await tasks.settled()
    with Archive(path) as archive:
        assert not archive.index(1)
