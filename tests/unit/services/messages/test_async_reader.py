import asyncio
import re
import threading
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.records import Filter, Via
from ibconsole.services.console.console import Console
from ibconsole.services.messages.async_reader import AsyncReader, open_reader
from ibconsole.services.runtime.paths import Paths
from ibconsole.tasks import Tasks
from tests.unit.archive.deliveries import arrival, batch


def test_reading_finishes_what_a_crash_left(tmp_path: Path) -> None:
    """`messages list` after a crash shows the messages that were on disk already."""
    paths = Paths(tmp_path / "data")
    crashed = Archive(paths.archive)
    delivery = crashed.begin_pull(connection=None, base_url="https://a", limit=None)
    crashed.append_body(delivery, b'{"results":[{"messageId":"1"},{"mess')
    crashed.close()

    told: list[str] = []
    with open_reader(paths.data, told.append) as reader:
        assert reader.counts().messages == 1
    [sentence] = told
    assert re.fullmatch(
        r"1 pull was interrupted at \d{4}-\d\d-\d\d \d\d:\d\d:\d\d \w+;"
        r" 1 message was recovered from the bytes on disk\.",
        sentence,
    )


def test_several_interruptions_are_told_together(tmp_path: Path) -> None:
    """Each is kept; the last one's time is told."""
    paths = Paths(tmp_path / "data")
    for _ in range(2):
        crashed = Archive(paths.archive)
        crashed.begin_pull(connection=None, base_url="https://a", limit=None)
        crashed.close()

    told: list[str] = []
    with open_reader(paths.data, told.append):
        pass
    assert told[0].startswith("2 pulls were interrupted, the last one at ")


def test_there_need_not_be_an_archive(tmp_path: Path) -> None:
    """The first command of all may be a look at what is stored: nothing."""
    with open_reader(tmp_path / "new", pytest.fail) as reader:
        assert reader.counts().messages == 0


async def test_the_window_reads_what_the_engine_wrote(console: Console, paths: Paths) -> None:
    """Searches, pages and bodies show what is committed, through connections of their own."""
    async with AsyncReader(paths.archive) as browsing:
        before = browsing.version()
        report = await console.pull(4)

        ids = (await browsing.search(Filter())).ids
        assert tuple(ids) == report.message_ids
        assert [row.id for row in browsing.rows(ids)] == list(ids)
        assert browsing.version() != before
        message = await browsing.message(ids[0])
        assert message is not None
        assert message.delivery == report.delivery
        [pull] = await browsing.find_deliveries(Via.PULL)
        found = await browsing.delivery(pull)
        assert found is not None
        assert [found] == browsing.deliveries([pull])
        part = await browsing.slice(pull, 1, 9)
        assert (part.data, part.start, part.total) == (b'"results"', 1, found.size)
        assert (await browsing.slice(pull, 0, 9, raw=True)).total == 0
        assert await browsing.rest(pull) == b""
        assert await browsing.named(message.message_id, message.application_code) == ids[0]
        assert await browsing.named("nobody", "") is None
        target = paths.data / "body"
        assert await browsing.save(pull, target, lambda _: None) == found.size
        assert target.stat().st_size == found.size
        assert (await browsing.counts()).messages == 4


async def test_a_search_that_nobody_waits_for_is_given_up(tmp_path: Path) -> None:
    """Cancelling ends the search itself: what comes behind it need not wait for its end."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive:
        archive.decode(
            archive.add_forwards([arrival(batch(*({"text": "t"} for _ in range(9_000))))])
        )
    begun, given_up = threading.Event(), threading.Event()
    compared = 0

    def compare(*_: object) -> bool:
        nonlocal compared
        compared += 1
        begun.set()
        given_up.wait(10)
        return False

    tasks = Tasks(fail)
    async with AsyncReader(path) as browsing:
        reader = browsing._searches._opened
        assert reader
        reader._db.create_scalar_function("contains", compare)

        async def search() -> None:
            await browsing.search(Filter(text="\u00fc"))

        tasks.start("search", search)
        await asyncio.to_thread(begun.wait)
        tasks.cancel("search")
        await tasks.settled()
        given_up.set()
        assert len((await browsing.search(Filter(), most=7)).ids) == 7
    assert compared < 9_000


def fail(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error
