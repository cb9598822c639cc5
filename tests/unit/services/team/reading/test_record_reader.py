"""The window reads the record of the open connection: its team's while that is there."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from ibconsole.archive.archive import Archive
from ibconsole.archive.records import Filter, Order
from ibconsole.services.comparison import Side, StoredComparer, StoredKind
from ibconsole.services.connections import HighlightRule, TeamAccess
from ibconsole.services.list_display import DisplayRequest
from ibconsole.services.messages import AsyncReader, ExportOptions, TransferJobs
from ibconsole.services.setup.history import TimelineReader
from ibconsole.services.team.reading.record_reader import RecordReader
from ibconsole.services.team.reading.record_source import RecordSource, RecordState, is_team_id
from ibconsole.team_archive import TeamUnavailable
from tests.postgres import TeamDatabase
from tests.unit.archive.deliveries import arrival, batch
from tests.unit.team_archive.team_rows import ShippedMessage, TeamRows

_PATIENCE = 30


class Shown:
    """What a reader shows, and a way to wait for it."""

    def __init__(self, reader: RecordReader) -> None:
        self.states: list[RecordState] = []
        self.source = RecordSource()
        self._changed = asyncio.Event()
        reader.on_change = self._on_change

    def _on_change(self, source: RecordSource) -> None:
        self.source = source
        self.states.append(source.state)
        self._changed.set()

    async def becomes(self, state: RecordState, mark: int = 0) -> None:
        async with asyncio.timeout(_PATIENCE):
            while self.source.state is not state or self.source.mark < mark:
                self._changed.clear()
                await self._changed.wait()


@pytest.fixture
async def disk(tmp_path: Path) -> AsyncIterator[AsyncReader]:
    """This disk's archive, with one message."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive:
        archive.decode(archive.add_forwards([arrival(batch({"text": "disk"}))]))
    async with AsyncReader(path) as reader:
        yield reader


@pytest.fixture
async def record(disk: AsyncReader) -> AsyncIterator[RecordReader]:
    async with RecordReader(disk, deadline=1, pulse=0.2) as reader:
        yield reader


async def texts(record: RecordReader) -> list[str]:
    ids = (await record.search(Filter())).ids
    return [row.text for row in await record.fetch_rows(ids)]


async def test_a_team_that_is_there(
    record: RecordReader, team: TeamDatabase, tmp_path: Path
) -> None:
    """A connection that names a team shows what its members received, also what they do now."""
    anna, shown = TeamRows(team.db()), Shown(record)
    anna.ship(1, ShippedMessage(text="one"))
    assert await texts(record) == ["disk"]
    record.use(TeamAccess(team.address("reader")), "uuid")
    await shown.becomes(RecordState.TEAM)
    found = await record.search(Filter(), limit=9)
    assert await texts(record) == ["one"]
    assert record.rows(found.ids) is None

    anna.ship(2, ShippedMessage(text="two"))
    await shown.becomes(RecordState.TEAM, mark=found.newest + 1)
    [number] = (await record.search(Filter(), after=found.newest)).ids
    message = await record.message(number)
    assert message is not None
    [same] = await record.messages([number])
    request = DisplayRequest(rules=(HighlightRule("two", "ok"),))
    extras = await record.extras([number, found.ids[0]], request)
    assert [(one.id, one.rule) for one in extras] == [(number, 0), (found.ids[0], -1)]
    delivery = await record.delivery(message.delivery)
    assert delivery is not None
    assert (message.text, same, delivery.source) == ("two", message, "anna@desk")
    assert await record.find_message("id", "app") == found.ids[0]
    assert (await record.slice(delivery.id, 0, 1)).data == b"["
    assert await record.trailing_bytes(delivery.id) == b""
    assert await record.save_body(delivery.id, tmp_path / "body", lambda _: None) == delivery.size
    older = await record.search_older(
        Filter(), found.place, order=Order.ARRIVAL, newest=found.newest
    )
    assert list(older.ids) == []
    assert (await record.messages([]), await record.forward_tests(1)) == ([], [])
    assert shown.states[:2] == [RecordState.CONNECTING, RecordState.TEAM]


async def test_another_connection(record: RecordReader, team: TeamDatabase) -> None:
    """A connection without a team shows this disk, where no message of a team is looked for."""
    anna, shown = TeamRows(team.db()), Shown(record)
    anna.ship(1, ShippedMessage(text="one"))
    access = TeamAccess(team.address("reader"))
    record.use(access, "uuid")
    await shown.becomes(RecordState.TEAM)
    record.use(access, "uuid")
    [number] = (await record.search(Filter())).ids
    record.use(None)

    assert shown.source == RecordSource()
    assert await texts(record) == ["disk"]
    assert is_team_id(number)
    with pytest.raises(TeamUnavailable, match="not open now"):
        await record.message(number)


async def test_a_server_that_stops_and_returns(record: RecordReader, team: TeamDatabase) -> None:
    """While the database is away this disk is shown, with the reason, and then the team's again."""
    TeamRows(team.db()).ship(1, ShippedMessage(text="one"))
    shown = Shown(record)
    record.use(TeamAccess(team.address("reader")), "uuid")
    await shown.becomes(RecordState.TEAM)
    team.server.stop()
    await shown.becomes(RecordState.AWAY)
    since = shown.source.since
    assert await texts(record) == ["disk"]
    assert "unharmed" in shown.source.problem
    team.server.start()
    await shown.becomes(RecordState.TEAM)

    assert await texts(record) == ["one"]
    assert since > 0


async def test_a_server_that_hangs(record: RecordReader, team: TeamDatabase) -> None:
    """A database that no longer answers, although its connection stands, is away after a while."""
    TeamRows(team.db()).ship(1, ShippedMessage(text="one"))
    shown = Shown(record)
    record.use(TeamAccess(team.address("reader")), "uuid")
    await shown.becomes(RecordState.TEAM)
    await record.search(Filter())
    with team.server.frozen():
        await shown.becomes(RecordState.AWAY)
        assert "has not answered for 1 s" in shown.source.problem
        assert await texts(record) == ["disk"]
    await shown.becomes(RecordState.TEAM)

    assert await texts(record) == ["one"]


async def test_a_server_that_is_slow_to_answer(disk: AsyncReader, team: TeamDatabase) -> None:
    """A database that hangs from the start is said to be away after a short patience."""
    async with RecordReader(disk, patience=0.05) as record:
        shown = Shown(record)
        with team.server.frozen():
            record.use(TeamAccess(team.address("reader")), "uuid")
            await shown.becomes(RecordState.AWAY)
        assert shown.source.problem.endswith("has not answered yet.")


async def test_a_password_that_is_missing(record: RecordReader, team: TeamDatabase) -> None:
    """Without the password from the keyring nothing is tried, and the reason is shown."""
    shown = Shown(record)
    record.use(TeamAccess(team.address("reader"), problem="The keyring is locked."), "uuid")

    assert (shown.states, shown.source.problem) == ([RecordState.AWAY], "The keyring is locked.")
    assert await texts(record) == ["disk"]


async def test_the_record_of_some_messages(
    record: RecordReader, disk: AsyncReader, team: TeamDatabase, tmp_path: Path
) -> None:
    """Exports come from the record that is listed, and ids from the record that has them."""
    TeamRows(team.db()).ship(1, ShippedMessage(text="one"), ShippedMessage(text="two"))
    shown = Shown(record)
    record.use(TeamAccess(team.address("reader")), "uuid")
    await shown.becomes(RecordState.TEAM)
    jobs = TransferJobs(tmp_path / "archive.sqlite3", record.locate)
    [first, _] = (await record.search(Filter())).ids

    async def exported(*ids: int) -> bytes:
        target = tmp_path / "export.jsonl"
        options = ExportOptions(criteria=Filter(ids=ids))
        await jobs.export(target, options, lambda _: None, replace=True)
        return target.read_bytes()

    assert (await exported()).count(b"\n") == 2
    assert b'"one"' in await exported(first)
    assert b'"disk"' in await exported(1)
    compared = await StoredComparer(record.locate).compare(StoredKind.MESSAGE, first, first)
    assert not [row for row in compared.rows if row.side is not Side.EQUAL]
    record.use(None)
    assert b'"disk"' in await exported()
    with pytest.raises(TeamUnavailable):
        await exported(first)


async def test_the_timeline_of_a_team(
    record: RecordReader, team: TeamDatabase, tmp_path: Path
) -> None:
    """A timeline is read from the team's record while that is shown, and anew when it grew."""
    anna, shown = TeamRows(team.db()), Shown(record)
    anna.ship(1, ShippedMessage())
    async with TimelineReader(tmp_path / "archive.sqlite3", record) as reader:
        assert (await reader.timeline("uuid", "app", None)).hours == ()
        before = await reader.version()
        record.use(TeamAccess(team.address("reader")), "uuid")
        await shown.becomes(RecordState.TEAM)

        assert await reader.version() != before
        assert [one.forwarded for one in (await reader.timeline("uuid", "app", None)).hours] == [1]
        assert (await reader.what_changed_since_it_worked("uuid", "app")).worked_at is not None
        assert (await reader.timeline("another", "app", None)).hours == ()
    record.use(None)
    with pytest.raises(TeamUnavailable):
        await record.ask_history(lambda source: source.exists)
