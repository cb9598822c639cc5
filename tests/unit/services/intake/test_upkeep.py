"""The log is copied into the file, and new messages are indexed, behind what is written."""

import asyncio
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.errors import ArchiveUnwritable
from ibconsole.services.intake.archive_writer import ArchiveWriter
from ibconsole.services.intake.upkeep import Checkpoints, Indexing
from ibconsole.services.intake.write_queue import WriterLimits
from ibconsole.tasks import Tasks
from tests.unit.archive.deliveries import arrival, batch


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "archive.sqlite3"


def fail(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error


def receive(path: Path, count: int) -> None:
    """Store forwards with one message each, which no index has yet."""
    bodies = [batch({"messageId": str(number), "text": "planted"}) for number in range(count)]
    with Archive(path) as archive:
        archive.decode(archive.add_forwards([arrival(body) for body in bodies]))


def has_message(path: Path) -> bool:
    """Return whether a message is in the file itself."""
    return b"planted" in path.read_bytes()


async def test_the_log_is_copied_after_a_write(path: Path) -> None:
    """What is written is soon in the file itself, while the log is still open."""
    tasks = Tasks(fail)
    checkpoints = Checkpoints(path, tasks, WriterLimits(checkpoint_interval=0.0))
    with Archive(path) as archive:  # closing the last connection would copy it
        await checkpoints.open()
        receive(path, 1)
        assert not has_message(path)

        checkpoints.note_write()
        await tasks.settled()
        assert has_message(path)

        checkpoints.stop()
        checkpoints.note_write()
        assert not tasks.running("checkpoint")
        await checkpoints.close()
        archive.probe()


async def test_new_messages_are_indexed(path: Path) -> None:
    """New messages are indexed in the background, many at a time while nothing waits."""
    receive(path, 300)
    tasks = Tasks(fail)
    async with ArchiveWriter(path, tasks, lambda _: None):
        await tasks.settled()

    with Archive(path) as archive:
        assert not archive.index(1)


@pytest.mark.slow
async def test_closing_does_not_wait_for_the_index(path: Path) -> None:
    """Closing interrupts the indexing, which goes on when the archive is opened again."""
    receive(path, 600)
    tasks, limits = Tasks(fail), WriterLimits(index_batch=10)
    async with ArchiveWriter(path, tasks, lambda _: None, limits=limits):
        pass
    with Archive(path) as archive:
        assert archive.index(1)

    async with ArchiveWriter(path, tasks, lambda _: None, limits=limits):
        await tasks.settled()
    with Archive(path) as archive:
        assert not archive.index(1)


async def test_an_archive_that_is_written_to_is_indexed_in_small_parts() -> None:
    """Senders wait meanwhile; and a full disk ends the indexing, which no search needs."""
    limits = WriterLimits(idle=0.0, max_index_delay=0.0)
    tasks, parts, left = Tasks(fail), [True, False], [True, True, False]
    asked: list[int] = []

    async def index(limit: int) -> bool:
        asked.append(limit)
        await asyncio.sleep(0)
        return left.pop(0)

    indexing = Indexing(tasks, limits, index, lambda: parts.pop(0) if parts else False)
    indexing.start()
    indexing.start()
    await tasks.settled()
    assert asked == [limits.busy_index_batch, limits.index_batch, limits.index_batch]

    async def fail_to_index(limit: int) -> bool:
        asked.append(limit)
        raise ArchiveUnwritable("The disk is full.")

    Indexing(tasks, limits, fail_to_index, lambda: False).start()
    await tasks.settled()
    assert len(asked) == 4
