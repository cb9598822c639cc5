from ibconsole.services import Browsing, Console, Filter, Places


async def test_the_window_reads_what_the_engine_wrote(console: Console, places: Places) -> None:
    """Searches, pages and bodies show what is committed, through connections of their own."""
    async with Browsing(places.archive) as browsing:
        before = browsing.version()
        report = await console.pull(4)

        ids = await browsing.find(Filter())
        assert tuple(ids) == report.message_ids
        assert [row.id for row in browsing.rows(ids)] == list(ids)
        assert browsing.version() != before
        message = await browsing.message(ids[0])
        assert message is not None
        assert message.delivery == report.delivery
        [pull] = await browsing.find_deliveries("pull")
        found = await browsing.delivery(pull)
        assert [found] == browsing.deliveries([pull])
        assert b"results" in await browsing.body(pull)
        assert await browsing.raw(pull) == b""
        assert (await browsing.counts()).messages == 4
