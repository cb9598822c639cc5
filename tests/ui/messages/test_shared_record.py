"""The list shows a team's record while that is there, and this disk's while it is away."""

from array import array
from collections.abc import Sequence

import pytest
from msgspec.structs import replace
from pytestqt.modeltest import ModelTester
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import Filter, Listing, MessageRow, Order, Place
from ibconsole.errors import Severity
from ibconsole.services.team.reading.record_source import RecordSource, RecordState, team_id
from ibconsole.team_archive.address import TeamAddress
from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.messages.presenter import MessagesPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.messages.steps import FakeArchive, arrive, numbers, texts
from tests.ui.sample_records import row

ADDRESS = TeamAddress("postgresql://db.example.com/team", "acme")
TEAM = RecordSource(RecordState.TEAM, ADDRESS, mark=500)
AWAY = RecordSource(RecordState.AWAY, ADDRESS, since=1, problem="The server closed the connection.")


class TwoRecords(FakeArchive):
    """This disk's messages, and a team's: (time, number), those from `new` on since the mark."""

    def __init__(self) -> None:
        super().__init__()
        self.team = [(at, at) for at in range(1, 1001)]
        self.new: list[tuple[int, int]] = []
        self.shared = False

    def rows(self, ids: Sequence[int]) -> list[MessageRow] | None:  # type: ignore[override]
        return None if self.shared else super().rows(ids)

    async def fetch_rows(self, ids: Sequence[int]) -> list[MessageRow]:
        rows = [row(one, text=f"team {one - team_id(0)}") for one in ids]
        return [replace(one, source="anna") for one in rows]

    async def search(
        self, criteria: Filter, *, order: Order, after: int = 0, limit: int | None = None
    ) -> Listing:
        if not self.shared:
            return await super().search(criteria, order=order, after=after, limit=limit)
        return self._team_listing(self.new if after else self.team[-(limit or 0) :])

    async def search_older(
        self, criteria: Filter, before: Place, *, order: Order, newest: int
    ) -> Listing:
        if not self.shared:
            return await super().search_older(criteria, before, order=order, newest=newest)
        found = self._team_listing([one for one in self.team if one[0] < before.key][-400:])
        return replace(found, rest=found.place if found.keys[0] > 1 else None)

    def _team_listing(self, found: Sequence[tuple[int, int]]) -> Listing:
        ids, keys = (team_id(number) for _, number in found), (at for at, _ in found)
        return Listing(array("q", ids), array("q", keys), 500 + len(self.new))


@pytest.fixture
def archive() -> TwoRecords:
    return TwoRecords()


@pytest.fixture
def pane(qtbot: QtBot, archive: TwoRecords, theme: Theme) -> MessagesPane:
    pane = MessagesPane(archive, ApplicationNames(), theme)
    pane.resize(1000, 400)
    qtbot.addWidget(pane)
    return pane


async def share(
    presenter: MessagesPresenter, archive: TwoRecords, tasks: UiTasks, source: RecordSource = TEAM
) -> None:
    archive.shared = source.is_shared
    presenter.show_source(source)
    await tasks.settled()


async def test_first_rows_come_filled(
    pane: MessagesPane,
    presenter: MessagesPresenter,
    archive: TwoRecords,
    tasks: UiTasks,
    qtmodeltester: ModelTester,
) -> None:
    """The newest messages of a team are there with their list; the older ones when in sight."""
    await arrive(presenter, archive, tasks, 3)
    await share(presenter, archive, tasks)

    filled = [pane.model.index(row, 6).data() for row in range(64)]
    assert filled == [f"team {number}" for number in range(1000, 936, -1)]
    assert pane.model.rowCount() == 1000
    assert pane.model.index(64, 6).data() == ""
    await tasks.settled()
    assert pane.model.index(64, 6).data() == "team 936"
    assert pane.model.index(64, 9).data() == "anna"
    qtmodeltester.check(pane.model)
    await tasks.settled()


async def test_live_rows_come_filled(
    pane: MessagesPane, presenter: MessagesPresenter, archive: TwoRecords, tasks: UiTasks
) -> None:
    """What others receive is listed in the order of its arrival, whatever its number is."""
    archive.team = [(10, 8), (20, 9)]
    await share(presenter, archive, tasks)
    archive.new = [(15, 7), (30, 10)]
    await share(presenter, archive, tasks, replace(TEAM, mark=502))

    assert texts(pane) == ["team 10", "team 9", "team 7", "team 8"]
    assert len(pane.model.take_wanted()) == 0


async def test_corrected_rows_are_read_again(
    pane: MessagesPane, presenter: MessagesPresenter, archive: TwoRecords, tasks: UiTasks
) -> None:
    """A message that changed its place, or matches no more, is listed as it is now."""
    archive.team = [(10, 8), (20, 9)]
    await share(presenter, archive, tasks)
    archive.team = [(20, 9), (25, 8)]
    await share(presenter, archive, tasks, replace(TEAM, mark=502, revisions=1))

    assert texts(pane) == ["team 8", "team 9"]


async def test_away(
    pane: MessagesPane, presenter: MessagesPresenter, archive: TwoRecords, tasks: UiTasks
) -> None:
    """While the team's archive is away, this disk's messages are listed and a line says so."""
    await arrive(presenter, archive, tasks, 2)
    assert pane.record_line.isHidden()
    await share(presenter, archive, tasks)
    assert pane.record_line.text.text() == "Messages of the team: acme in db.example.com/team."
    assert pane.record_line.severity is Severity.MUTED
    pane.table.selectRow(0)
    await share(presenter, archive, tasks, AWAY)

    assert texts(pane) == ["text 2", "text 1"]
    assert pane.selected_count == 0
    assert "is away since" in pane.record_line.text.text()
    assert (pane.record_line.severity, pane.record_line.toolTip()) == (
        Severity.WARNING,
        "The server closed the connection.",
    )
    await arrive(presenter, archive, tasks, 3)
    assert texts(pane)[0] == "text 3"
    await share(presenter, archive, tasks)
    assert texts(pane)[0] == "team 1000"


async def test_nothing_on_this_disk(
    pane: MessagesPane, presenter: MessagesPresenter, archive: TwoRecords, tasks: UiTasks
) -> None:
    """An empty list in the place of a team's does not say that nothing was received."""
    await share(presenter, archive, tasks, AWAY)

    assert "received on this computer" in pane.page.notice.sentence.text()


async def test_who_received_it_is_shown_for_a_team_alone(
    pane: MessagesPane, presenter: MessagesPresenter, archive: TwoRecords, tasks: UiTasks
) -> None:
    """A list of this disk has no column for who received a message."""
    columns = pane.table.columns
    assert 9 not in columns.visible
    await share(presenter, archive, tasks)
    assert 9 in columns.visible
    await share(presenter, archive, tasks, RecordSource())
    assert 9 not in columns.visible


async def test_a_list_is_capped(pane: MessagesPane, archive: TwoRecords, tasks: UiTasks) -> None:
    """A list of a large team ends at what the window's memory may hold, and says so."""
    presenter = MessagesPresenter(pane, archive, tasks, max_shared=500)
    await share(presenter, archive, tasks)

    assert (pane.model.rowCount(), pane.count) == (656, None)
    assert "The newest 656 messages are listed" in pane.record_line.text.text()


async def test_this_disk_is_searched_in_place_of_the_team_if_wanted(
    pane: MessagesPane, archive: TwoRecords, tasks: UiTasks
) -> None:
    """All connections are on this disk alone: the line says which record is listed."""
    disk = FakeArchive()
    presenter = MessagesPresenter(pane, archive, tasks, disk=disk)
    await arrive(presenter, disk, tasks, 3)
    pane.scope.use("uuid", has_team=True)
    await share(presenter, archive, tasks)
    assert pane.model.rowCount() == 1000
    assert "Messages of the team" in pane.record_line.text.text()

    pane.scope.command.trigger()
    await tasks.settled()

    assert numbers(pane) == [3, 2, 1]
    assert pane.record_line.text.text().startswith("Messages of all connections on this disk.")
    await share(presenter, archive, tasks, replace(TEAM, mark=501))
    assert numbers(pane) == [3, 2, 1]
    pane.scope.command.trigger()
    await tasks.settled()
    assert pane.model.rowCount() == 1000
    assert "Messages of the team" in pane.record_line.text.text()
