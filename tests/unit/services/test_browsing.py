import asyncio
import threading
from pathlib import Path

from ibconsole.archive import Archive
from ibconsole.services import Browsing, Console, Filter, Places
from ibconsole.tasks import Tasks
from tests.unit.archive.processes import arrival, batch


async def test_the_window_reads_what_the_engine_wrote(console: Console, places: Places) -> None:
    """Searches, pages and bodies show what is committed, through connections of their own."""
    async with Browsing(places.archive) as browsing:
        before = browsing.version()
        report = await console.pull(4)

        ids = (await browsing.search(Filter())).ids
        assert tuple(ids) == report.message_ids
        assert [row.id for row in browsing.rows(ids)] == list(ids)
        assert browsing.version() != before
        message = await browsing.message(ids[0])
        assert message is not None
        assert message.delivery == report.delivery
        [pull] = await browsing.find_deliveries("pull")
        found = await browsing.delivery(pull)
        assert found is not None
        assert [found] == browsing.deliveries([pull])
        part = await browsing.slice(pull, 1, 9)
        assert (part.data, part.start, part.total) == (b'"results"', 1, found.size)
        assert (await browsing.slice(pull, 0, 9, raw=True)).total == 0
        assert await browsing.rest(pull) == b""
        assert await browsing.named(message.message_id, message.application_code) == ids[0]
        assert await browsing.named("nobody", "") is None
        target = places.data / "body"
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
    async with Browsing(path) as browsing:
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
