"""A record is read on threads of its own, wherever it is."""

import asyncio
import threading
from functools import partial
from pathlib import Path

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter
from ibconsole.services.connections import HighlightRule, JsonColumn
from ibconsole.services.list_display import DisplayRequest, RowExtras
from ibconsole.services.messages.threaded_reader import ThreadedReader
from ibconsole.tasks import Tasks
from tests.unit.archive.deliveries import arrival, batch


async def test_cancelled_search(tmp_path: Path) -> None:
    """A cancelled search is interrupted, so that the next one need not wait."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive:
        archive.decode(
            archive.add_forwards([arrival(batch(*({"text": "\u00e9"} for _ in range(9_000))))])
        )
    begun, released = threading.Event(), threading.Event()
    compared = 0

    def compare(*_: object) -> bool:
        nonlocal compared
        compared += 1
        begun.set()
        released.wait(10)
        return False

    tasks = Tasks(fail)
    async with ThreadedReader(partial(Reader, path)) as reader:
        search_reader = reader._searches._reader
        assert search_reader
        search_reader._db.create_scalar_function("contains", compare, 2)

        async def search() -> None:
            await reader.search(Filter(text="\u00fc"))

        tasks.start("search", search)
        await asyncio.to_thread(begun.wait)
        tasks.cancel("search")
        await tasks.settled()
        released.set()
        assert len((await reader.search(Filter(), limit=7)).ids) == 7
    assert compared < 9_000


def fail(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error


async def test_pages_are_fetched(tmp_path: Path) -> None:
    """Rows are read on the thread of a reader that the opener made there, never on the caller's."""
    path, threads = tmp_path / "archive.sqlite3", set[str]()
    with Archive(path) as archive:
        archive.decode(archive.add_forwards([arrival(batch({"text": "1"}, {"text": "2"}))]))

    def open_reader() -> Reader:
        threads.add(threading.current_thread().name)
        return Reader(path)

    async with ThreadedReader(open_reader) as reader:
        rows = await reader.fetch_rows([2, 1, 3])

    assert [row.text for row in rows] == ["2", "1"]
    assert threads == {"search", "details"}


async def test_extras_of_rows(tmp_path: Path) -> None:
    """Columns and rules are computed in the order of the ids, which may be gone; or not at all."""
    path = tmp_path / "archive.sqlite3"
    bodies = ({"text": "go", "order": 7}, {"text": "stop"})
    with Archive(path) as archive:
        archive.decode(archive.add_forwards([arrival(batch(*bodies))]))
    request = DisplayRequest(
        columns=(JsonColumn("Order", "$.order"),), rules=(HighlightRule("stop", "ok"),)
    )

    async with ThreadedReader(partial(Reader, path)) as reader:
        found = await reader.extras([2, 3, 1], request)
        assert await reader.extras([], request) == []
        given_up = asyncio.ensure_future(reader.extras([1], request))  # noqa: TID251 cancelled below
        waiting = asyncio.ensure_future(reader.message(1))  # noqa: TID251 awaited below
        await asyncio.sleep(0)
        given_up.cancel()
        assert await waiting

    assert found == [RowExtras(id=2, texts=("",), rule=0), RowExtras(id=1, texts=("7",))]
