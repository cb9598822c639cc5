"""The writer of the archive: forwards stored together, decoded and indexed behind."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from pathlib import Path

import pytest
from msgspec.structs import replace

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import ArchiveUnwritable
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import DecodingResult, Filter, Via
from ibconsole.model.message import Arrival
from ibconsole.services.intake.archive_writer import ArchiveWriter
from ibconsole.services.intake.write_queue import ArchiveBusy, WriterLimits
from ibconsole.tasks import Tasks


class Decoded(list[DecodingResult]):
    def __call__(self, results: Sequence[DecodingResult]) -> None:
        self.extend(results)


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


class FullDisk(Archive):
    """An archive that fails as on a full disk, on demand."""

    storing_fails = decoding_fails = False

    def add_forwards(self, arrivals: Sequence[Arrival]) -> list[int]:
        if self.storing_fails:
            raise ArchiveUnwritable("The disk is full.")
        return super().add_forwards(arrivals)

    def decode(self, deliveries: Sequence[int]) -> list[DecodingResult]:
        if self.decoding_fails:
            raise ArchiveUnwritable("The disk is full.")
        return super().decode(deliveries)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite3"


@pytest.fixture
def decoded() -> Decoded:
    return Decoded()


def fail(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error


def opened(path: Path, **limits: int) -> AbstractAsyncContextManager[ArchiveWriter]:
    return ArchiveWriter(path, Tasks(fail), lambda _: None, limits=WriterLimits(**limits))


@pytest.fixture
async def writer(path: Path, decoded: Decoded) -> AsyncIterator[ArchiveWriter]:
    async with ArchiveWriter(path, Tasks(fail), decoded) as writer:
        yield writer


async def add(writer: ArchiveWriter, arrival: Arrival) -> int:
    """Store a forward; return the id of its delivery, or raise the error."""
    called = asyncio.get_running_loop().create_future()
    writer.add_forward(arrival, called.set_result)
    stored: int | Exception = await called
    if isinstance(stored, Exception):
        raise stored
    return stored


async def outcomes(writer: ArchiveWriter, *arrivals: Arrival) -> list[type[object]]:
    added = (add(writer, arrival) for arrival in arrivals)
    return [type(one) for one in await asyncio.gather(*added, return_exceptions=True)]


async def test_forwards_are_stored_together_and_decoded(
    writer: ArchiveWriter, decoded: Decoded, path: Path
) -> None:
    """A sender is answered after the commit; all forwards are decoded, in order of arrival."""
    ids = await asyncio.gather(*(add(writer, forward(number)) for number in range(600)))

    with Reader(path) as reader:
        assert list(reader.find_deliveries(Via.FORWARD)) == list(ids) == sorted(ids)
        await writer._tasks.settled()
        assert len(reader.find(Filter())) == 600
    assert [one.delivery for one in decoded] == list(ids)


async def test_the_number_of_waiting_forwards_is_limited(path: Path) -> None:
    """Beyond the limit of waiting forwards, senders are asked to try again."""
    async with opened(path, waiting=3) as writer:
        found = await outcomes(writer, *map(forward, range(5)))

    assert found == [int, int, int, ArchiveBusy, ArchiveBusy]


async def test_the_size_of_waiting_forwards_is_limited(path: Path) -> None:
    """The bytes in memory are limited, but a single forward is stored however large it is."""
    large = replace(forward(1), raw=b"r" * 300)
    async with opened(path, waiting_bytes=100) as writer:
        assert await outcomes(writer, large, forward(2), large) == [int, ArchiveBusy, ArchiveBusy]
        assert await outcomes(writer, large) == [int]
        assert await outcomes(writer, large) == [int]


async def test_a_failure_reaches_every_waiting_sender(path: Path) -> None:
    """All waiting senders get the error at once; later forwards are stored again."""
    archives: list[FullDisk] = []

    def open_archive(path: Path) -> Archive:
        archives.append(FullDisk(path))
        return archives[0]

    async with ArchiveWriter(
        path,
        Tasks(fail),
        lambda _: None,
        limits=WriterLimits(batch=2, waiting_bytes=1_000),
        opener=open_archive,
    ) as writer:
        archives[0].storing_fails = True
        assert await outcomes(writer, *map(forward, range(5))) == [ArchiveUnwritable] * 5

        archives[0].storing_fails = False
        assert await outcomes(writer, replace(forward(9), raw=b"r" * 900)) == [int]


async def test_a_failed_decoding_is_repeated(
    path: Path, decoded: Decoded, caplog: pytest.LogCaptureFixture
) -> None:
    """A forward that could not be decoded stays stored, and is decoded with the next one."""
    archives: list[FullDisk] = []

    def open_archive(path: Path) -> Archive:
        archives.append(FullDisk(path))
        return archives[0]

    tasks = Tasks(fail)
    async with ArchiveWriter(path, tasks, decoded, opener=open_archive) as writer:
        archives[0].decoding_fails = True
        first = await add(writer, forward(1))
        await tasks.settled()
        assert (list(decoded), len(caplog.records)) == ([], 1)

        archives[0].decoding_fails = False
        second = await add(writer, forward(2))
        await tasks.settled()
        assert [one.delivery for one in decoded] == [first, second]
    caplog.clear()


async def test_a_deleted_forward_delays_no_other(writer: ArchiveWriter, decoded: Decoded) -> None:
    """A forward that was deleted before it was decoded is left out; the others are decoded."""
    writer._undecoded.add(0)  # no delivery has this id
    stored = await asyncio.gather(*(add(writer, forward(number)) for number in range(3)))
    await writer._tasks.settled()

    assert [one.delivery for one in decoded] == stored


async def test_callbacks_run_in_the_context_of_the_sender(path: Path, decoded: Decoded) -> None:
    """A context variable, such as where output goes, has its value in the callback, too."""
    variable = ContextVar("variable", default="")
    variable.set("here")
    seen = list[str]()

    async with ArchiveWriter(path, Tasks(fail), decoded) as writer:
        writer.add_forward(forward(1), lambda _: seen.append(variable.get()))

    assert seen == ["here"]


async def test_unmatched_requests_are_not_decoded(writer: ArchiveWriter, decoded: Decoded) -> None:
    """A request on an unknown path is stored and never decoded."""
    await add(writer, replace(forward(1), unmatched=True, status=404, problem="No."))
    await writer._tasks.settled()

    assert list(decoded) == []


async def test_a_pull_is_stored_piece_by_piece(writer: ArchiveWriter, path: Path) -> None:
    """Every step of a pull is on disk when its method returns."""
    delivery = await writer.begin_pull(connection="c", base_url="https://a", limit=2)
    await writer.append_answer(delivery, b'{"results":[{"messageId":"1"},')
    with Reader(path) as reader:
        assert reader.delivery_body(delivery) == b'{"results":[{"messageId":"1"},'

        await writer.append_answer(delivery, b'{"messageId":"2"}]}')
        result = await writer.finish_pull(
            delivery, status=200, headers=(), complete=True, problem=""
        )

        assert len(result.message_ids) == 2
        found = reader.delivery(delivery)
        assert found is not None
        assert (found.state, found.complete) == ("decoded", True)


async def test_functions_run_with_the_archive(writer: ArchiveWriter) -> None:
    """A function is called with the open archive, and its result is returned."""
    await add(writer, replace(forward(1), connection="c"))
    await writer._tasks.settled()

    assert await writer.run(Archive.count_messages, "c") == 1
    assert await writer.delete_connection("c") == 1
    assert await writer.run(Archive.count_messages, "c") == 0


async def test_closing_decodes_the_rest(path: Path, decoded: Decoded) -> None:
    """Closing the writer leaves no forward undecoded."""
    async with ArchiveWriter(path, Tasks(fail), decoded) as writer:
        await add(writer, forward(1))

    with Reader(path) as reader:
        assert len(reader.find(Filter())) == 1
