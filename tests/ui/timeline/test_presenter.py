"""The presenter of the Timeline tab."""

import asyncio

import pytest
from msgspec.structs import replace
from pytestqt.qtbot import QtBot

from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.model.application import Application, read_application
from ibconsole.services.runtime.status import ConnectionStatus, Status
from ibconsole.services.setup.history.timeline_events import (
    ChangesSinceItWorked,
    Timeline,
)
from ibconsole.ui.timeline.pane import TimelinePane
from ibconsole.ui.timeline.presenter import TimelinePresenter
from ibconsole.ui.timeline.range_choice import TimelineRange
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.ui.timeline.samples import CHANGES, DAY, EVENTS, TIMELINE

BANK = read_application({"applicationCode": "code", "name": "Bora Bank"})
SHOP = read_application({"applicationCode": "shop", "name": "Shop"})
STATUS = Status(connection=ConnectionStatus("Acme", "http://127.0.0.1:1", id="c"))


class Source:
    """An archive with one timeline; it counts the reads."""

    def __init__(self) -> None:
        self.number = 1
        self.reads: list[tuple[str, int | None]] = []
        self.timeline_of = TIMELINE
        self.changes = CHANGES
        self.error: UserError | None = None

    async def version(self) -> int:
        return self.number

    async def timeline(self, connection: str, application: str, since: int | None) -> Timeline:
        self.reads.append((application, since))
        await asyncio.sleep(0)
        if self.error:
            raise self.error
        return replace(self.timeline_of, connection=connection, application=application)

    async def what_changed_since_it_worked(self, *_of: str) -> ChangesSinceItWorked:
        return self.changes


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
async def presenter(pane: TimelinePane, source: Source, tasks: UiTasks) -> TimelinePresenter:
    presenter = TimelinePresenter(pane, source, tasks, interval_ms=1)
    presenter.show_status(STATUS)
    presenter.select_application(BANK)
    await tasks.settled()
    return presenter


async def test_the_tab_follows_the_selection(
    presenter: TimelinePresenter, pane: TimelinePane, source: Source, tasks: UiTasks
) -> None:
    """Another application is read at once, and no old marks are shown as its own."""
    assert source.reads[-1][0] == "code"
    assert pane.views.events.total == len(EVENTS)
    source.timeline_of = replace(TIMELINE, events=EVENTS[:1])

    presenter.select_application(SHOP)
    await tasks.settled()

    assert source.reads[-1][0] == "shop"
    assert pane.views.events.total == 1
    presenter.select_application(None)
    assert "Choose an application" in pane.notice.sentence.text()
    presenter.show_status(Status())
    assert "Open a connection" in pane.notice.sentence.text()


async def test_a_hidden_tab_reads_nothing(
    presenter: TimelinePresenter, pane: TimelinePane, source: Source, tasks: UiTasks
) -> None:
    """While another tab is in front nothing is read; what is new is read when it returns."""
    pane.hide()
    before = len(source.reads)
    source.number += 1
    presenter.show_status(STATUS)
    presenter.select_application(SHOP)
    await tasks.settled()
    assert len(source.reads) == before

    pane.show()
    await tasks.settled()

    assert source.reads[-1][0] == "shop"


async def test_new_rows_are_read_after_a_moment(
    presenter: TimelinePresenter, pane: TimelinePane, source: Source, tasks: UiTasks, qtbot: QtBot
) -> None:
    """A commit of any process is noticed; without one nothing is read again."""
    pane.chart.picked.emit(("failed",), False)  # noqa: FBT003
    before = len(source.reads)
    presenter.show_status(STATUS)
    qtbot.waitUntil(lambda: tasks.running("timeline"))
    await tasks.settled()
    assert len(source.reads) == before

    source.number += 1
    presenter.show_status(STATUS)
    qtbot.waitUntil(lambda: tasks.running("timeline"))
    await tasks.settled()

    assert len(source.reads) == before + 1
    assert [event.identity for event in pane.selected_events] == ["failed"]


async def test_what_changed_is_asked_in_one_step(
    presenter: TimelinePresenter, pane: TimelinePane, source: Source, tasks: UiTasks
) -> None:
    """The period becomes long enough to show when it worked, and the answer is shown."""
    source.changes = replace(CHANGES, worked_at=now_ms() - 10 * DAY)

    pane.worked.trigger()
    await tasks.settled()

    assert pane.changes == source.changes
    assert pane.chosen_range is TimelineRange.MONTH
    assert pane.answer.text() == CHANGES.answer

    source.changes = replace(CHANGES, answer="It works again.")
    source.number += 1
    await presenter.read(BANK)
    assert pane.answer.text() == "It works again."

    source.changes = ChangesSinceItWorked(answer="No message ever arrived.")
    pane.worked.trigger()
    await tasks.settled()
    assert pane.range.currentText() == "All"


async def test_without_an_application_there_is_nothing_to_ask(
    presenter: TimelinePresenter, pane: TimelinePane, source: Source
) -> None:
    """The question without an application asks to choose one."""
    presenter.select_application(None)

    pane.worked.trigger()

    assert "Choose an application" in pane.notice.sentence.text()


async def test_another_period_is_read(
    presenter: TimelinePresenter, pane: TimelinePane, source: Source, tasks: UiTasks
) -> None:
    """Choosing a period reads it; everything has no beginning."""
    pane.range.setCurrentIndex(pane.range.findData(TimelineRange.ALL.name))
    await tasks.settled()

    assert source.reads[-1] == ("code", None)


@pytest.mark.parametrize(
    ("recorded_from", "words"), [(None, "Nothing is known"), (1, "Nothing happened")]
)
async def test_an_empty_timeline_says_why(
    presenter: TimelinePresenter,
    pane: TimelinePane,
    source: Source,
    tasks: UiTasks,
    recorded_from: int | None,
    words: str,
) -> None:
    """Nothing in this period differs from nothing at all."""
    source.timeline_of = replace(TIMELINE, events=(), hours=(), recorded_from=recorded_from)

    presenter.select_application(SHOP)
    await tasks.settled()

    assert words in pane.notice.sentence.text()


async def test_a_failure_keeps_what_was_read(
    presenter: TimelinePresenter, pane: TimelinePane, source: Source, tasks: UiTasks
) -> None:
    """The old timeline stays, dimmed; without one the sentence and Retry are shown."""
    source.error = UserError("The archive cannot be read.")
    source.number += 1
    await presenter.read(BANK)
    assert pane.has_content
    assert pane.dimmed

    presenter.select_application(SHOP)
    await tasks.settled()
    assert "cannot be read" in pane.notice.sentence.text()
    assert not pane.notice.retry.isHidden()

    source.error = None
    pane.notice.retry.click()
    await tasks.settled()
    assert pane.has_content
    assert not pane.dimmed


async def test_a_comparison_names_its_application(
    presenter: TimelinePresenter, pane: TimelinePane, qtbot: QtBot
) -> None:
    """Two points are compared of the application whose timeline is shown."""
    pane.chart.picked.emit(("replaced",), False)  # noqa: FBT003

    with qtbot.waitSignal(presenter.comparison_requested) as signal:
        pane.compare.trigger()

    assert signal.args is not None
    application = signal.args[0]
    assert isinstance(application, Application)
    assert application.code == "code"
