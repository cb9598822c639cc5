from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.model.message import Arrival
from ibconsole.services.messages.async_reader import read_status
from ibconsole.services.runtime.status import (
    ArchiveStatus,
    ConnectionStatus,
    PullState,
    PullStatus,
    Status,
)
from ibconsole.ui.shell.status_watch import StatusWatch
from ibconsole.ui.toolkit.tasks import UiTasks


class FixedSource:
    status = Status()


class ReaderCounter:
    """An archive's reader with the asynchronous methods that the watch needs."""

    def __init__(self, path: Path) -> None:
        self.reader = Reader(path)

    def version(self) -> int:
        return self.reader.data_version()

    async def status(self, connection: ConnectionStatus) -> ArchiveStatus:
        return read_status(self.reader, Path(), connection)


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Archive]:
    with Archive(tmp_path / "archive.sqlite3") as archive:
        yield archive


@pytest.fixture
def counter(archive: Archive, tmp_path: Path) -> Iterator[ReaderCounter]:
    counter = ReaderCounter(tmp_path / "archive.sqlite3")
    yield counter
    counter.reader.close()


async def test_commits_of_other_processes_are_noticed(
    archive: Archive, counter: ReaderCounter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """A commit by another process and a change of the engine's state are each emitted once."""
    source, seen = FixedSource(), list[Status]()
    watch = StatusWatch(source, counter, tasks, "the path")
    watch.changed.connect(seen.append)
    watch._on_timeout()
    await tasks.settled()
    assert (seen[-1].archive.messages, seen[-1].archive.path) == (0, "the path")

    body = b'{"results":[{"messageId":"1"}]}'
    arrival = Arrival(None, 1, "POST", "/in", (), body, body, "127.0.0.1", 200, "")
    archive.decode(archive.add_forwards([arrival]))
    watch._on_timeout()
    await tasks.settled()
    assert (seen[-1].archive.messages, seen[-1].archive.newest) == (1, 1)

    count = len(seen)
    watch._on_timeout()
    await tasks.settled()
    assert len(seen) == count

    source.status = replace(source.status, pull=PullStatus(state=PullState.PULLING))
    watch._on_timeout()
    assert seen[-1].pull.state == "pulling"
    assert seen[-1].archive.messages == 1


async def test_the_listener_of_another_window(
    counter: ReaderCounter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """It is part of the state as soon as it is known, and each change is emitted once."""
    watch, seen = StatusWatch(FixedSource(), counter, tasks, "the path"), list[str]()
    watch.changed.connect(lambda status: seen.append(status.listener.elsewhere))
    watch.show_listener_elsewhere("127.0.0.1:1")
    watch._on_timeout()
    for address in ("127.0.0.1:1", "", ""):
        watch.show_listener_elsewhere(address)
    await tasks.settled()

    assert [one for one, before in zip(seen, [None, *seen], strict=False) if one != before] == [
        "127.0.0.1:1",
        "",
    ]


async def test_polling_starts_and_stops(
    counter: ReaderCounter, tasks: UiTasks, qtbot: QtBot
) -> None:
    """The first state is emitted at once; after stopping, nothing is emitted."""
    watch = StatusWatch(FixedSource(), counter, tasks, "")
    with qtbot.waitSignal(watch.changed):
        watch.start()
    await tasks.settled()
    watch.stop()
    assert not watch._timer.isActive()


async def test_pulls_of_other_processes_are_part_of_the_state(
    archive: Archive, counter: ReaderCounter, tasks: UiTasks
) -> None:
    """After a restart, and while another process pulls, the archive says what was pulled last."""
    source = FixedSource()
    source.status = Status(connection=ConnectionStatus("Acme", "https://x", id="acme"))
    pull = archive.begin_pull(connection="acme", base_url="https://x", limit=1)
    watch = StatusWatch(source, counter, tasks, "the path")
    watch._on_timeout()
    await tasks.settled()
    assert watch.status.pull.state == PullState.ELSEWHERE.value

    archive.append_answer(pull, b'{"results":[{"messageId":"1"}],"pendingMessageCount":4}')
    archive.finish_pull(pull, status=200, headers=(), complete=True, problem="")
    watch._on_timeout()
    await tasks.settled()
    assert watch.status.pull == replace(
        watch.status.pull, state=PullState.IDLE, pending=4, sentence="1 message pulled."
    )

    source.status = Status(connection=ConnectionStatus("https://x", "https://x", id="derived"))
    watch._on_timeout()
    await tasks.settled()
    assert (watch.status.pull.state, watch.status.pull.pending) == (PullState.IDLE, 4)
    assert "another connection with the same base URL" in watch.status.pull.sentence

    source.status = Status(connection=ConnectionStatus("Beta", "https://y", id="beta"))
    watch._on_timeout()
    assert watch.status.pull == PullStatus()
    await tasks.settled()
    assert watch.status.pull == PullStatus()
    assert watch.status.archive.pulled_at is not None

    source.status = Status()
    watch._on_timeout()
    await tasks.settled()
    assert watch.status.pull.state is PullState.IDLE
    assert watch.status.pull.sentence == "1 message pulled. From https://x."
