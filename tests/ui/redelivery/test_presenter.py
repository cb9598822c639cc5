"""The tab follows the archive: jobs of any process, their messages, and decisions about them."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from ibconsole.archive.ledger.jobs import JobWriter
from ibconsole.archive.ledger.records import Decision, ItemState, Outcome, RedeliveryState
from ibconsole.errors import UserError
from ibconsole.services.redelivery.async_ledger import AsyncLedger, RedeliveryRows
from ibconsole.ui.redelivery.job_commands import DecisionRequest
from ibconsole.ui.redelivery.pane import RedeliveryPane
from ibconsole.ui.redelivery.presenter import RedeliveryPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.ui.redelivery.conftest import JobBook
from tests.ui.redelivery.rows import URL, job_row

FOREVER = 3600.0


class Control:
    """Writes decisions into the archive, and notes what else is asked of it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.asked: list[object] = []
        self.error: UserError | None = None

    def run(self, job: int, url: str) -> None:
        self.asked.append(("run", job, url))

    async def pause(self, job: int) -> None:
        self.asked.append(("pause", job))
        if self.error:
            raise self.error

    async def cancel(self, job: int) -> None:
        self.asked.append(("cancel", job))

    async def decide(
        self, job: int, decision: Decision, items: Sequence[int] | None, state: ItemState
    ) -> int:
        with JobWriter(self._path) as writer:
            if items is None:
                return writer.decide_all(job, decision, state, by="anna")
            return writer.decide(decision, items, by="anna")


@pytest.fixture
def control(path: Path) -> Control:
    return Control(path)


@pytest.fixture
async def presenter(
    pane: RedeliveryPane, ledger: AsyncLedger, control: Control, tasks: UiTasks
) -> RedeliveryPresenter:
    return RedeliveryPresenter(pane, ledger, control, tasks, pause=FOREVER)


async def settle(presenter: RedeliveryPresenter, tasks: UiTasks) -> None:
    """Wait until what is selected is shown; the watch itself never ends."""
    tasks.cancel("redelivery")
    await tasks.settled()
    await presenter.refresh()
    await tasks.settled()


def states(pane: RedeliveryPane) -> list[str]:
    feed = pane.items.feed
    return [feed.index(row, 2).data() for row in range(feed.rowCount())]


async def test_nothing_was_sent_yet(
    pane: RedeliveryPane, presenter: RedeliveryPresenter, tasks: UiTasks
) -> None:
    """An empty tab says what it is for."""
    await settle(presenter, tasks)

    assert "given back" in pane.page.notice.sentence.text()


async def test_the_newest_job_is_shown_with_its_messages(
    pane: RedeliveryPane, presenter: RedeliveryPresenter, tasks: UiTasks, book: JobBook
) -> None:
    """The newest job is selected; its messages are listed in the order of sending."""
    book.make(1)
    book.send(book.make(3), Outcome.ACKNOWLEDGED, Outcome.REFUSED)

    await settle(presenter, tasks)

    assert [row.id for row in pane.jobs.records] == [2, 1]
    assert states(pane) == ["acknowledged", "undelivered", "waiting"]
    assert "1 of 3 messages acknowledged, 1 undelivered, 1 waiting." in pane.bar.sentence.text()
    assert "pw" not in pane.bar.sentence.text()


async def test_what_happens_elsewhere_is_followed(
    pane: RedeliveryPane, presenter: RedeliveryPresenter, tasks: UiTasks, book: JobBook
) -> None:
    """Progress and new jobs of any process appear; what is selected stays so."""
    job = book.make(2)
    await settle(presenter, tasks)
    pane.items.selectRow(1)

    book.send(job, Outcome.ACKNOWLEDGED, Outcome.UNKNOWN)
    book.make(1)
    await settle(presenter, tasks)

    assert pane.job is not None
    assert (pane.job.id, len(pane.jobs.records)) == (job, 2)
    assert states(pane) == ["acknowledged", "unknown"]
    assert pane.details.summary.title.text() == "Unknown"
    assert "1 message is unknown" in pane.bar.remark.text()


async def test_messages_of_one_state_are_listed(
    pane: RedeliveryPane, presenter: RedeliveryPresenter, tasks: UiTasks, book: JobBook
) -> None:
    """The list of one state loses and gains messages as their states change."""
    job = book.make(3)
    book.send(job, Outcome.ACKNOWLEDGED)
    await settle(presenter, tasks)

    pane.bar.choose_state(ItemState.WAITING)
    await settle(presenter, tasks)
    before = states(pane)
    book.send(job, Outcome.ACKNOWLEDGED)
    await settle(presenter, tasks)

    assert (before, states(pane)) == (["waiting", "waiting"], ["waiting"])


async def test_long_jobs_are_read_in_pages(
    pane: RedeliveryPane, presenter: RedeliveryPresenter, tasks: UiTasks, book: JobBook
) -> None:
    """Further messages are read when the end of the list is near."""
    book.items *= 50
    book.make(250)
    await settle(presenter, tasks)
    first = pane.items.feed.rowCount()

    pane.items.scrollToBottom()
    await tasks.settled()

    assert (first, pane.items.feed.rowCount(), pane.items_rest) == (200, 250, None)


class ManyJobs(AsyncLedger):
    """A ledger of which a page has two jobs; the newest has this number."""

    newest = 3

    async def version(self) -> int:
        return self.newest

    async def jobs(self, before: int | None = None) -> RedeliveryRows:
        last = self.newest if before is None else before - 1
        ids = range(last, max(last - 2, 0), -1)
        rows = tuple(job_row(RedeliveryState.FINISHED, one) for one in ids)
        return RedeliveryRows(rows, ids[-1] if ids[-1] > 1 else None)


async def test_older_jobs_are_read_in_pages(
    pane: RedeliveryPane, path: Path, control: Control, tasks: UiTasks
) -> None:
    """A new job moves none out of the list, however many there are."""
    ledger = ManyJobs(path)
    presenter = RedeliveryPresenter(pane, ledger, control, tasks, pause=FOREVER)
    await settle(presenter, tasks)
    first = [row.id for row in pane.jobs.records], pane.rest

    pane.older_wanted.emit()
    await tasks.settled()
    ledger.newest = 4
    await settle(presenter, tasks)
    await ledger.close()

    assert first == ([3, 2], 2)
    assert ([row.id for row in pane.jobs.records], pane.rest) == ([4, 3, 2, 1], None)


async def test_decisions_are_recorded_and_shown(
    pane: RedeliveryPane,
    presenter: RedeliveryPresenter,
    tasks: UiTasks,
    book: JobBook,
    control: Control,
) -> None:
    """A decision about one message or about all unknown ones; what is sent again is sent now."""
    job = book.make(3)
    book.send(job, Outcome.UNKNOWN, Outcome.UNKNOWN, Outcome.UNKNOWN)
    await settle(presenter, tasks)
    first = pane.items.feed.id_at(0)

    pane.job_commands.decision_requested.emit(DecisionRequest(job, Decision.ACCEPT, (first,)))
    await tasks.settled()
    said = pane.page.banner.text.text()
    pane.job_commands.decision_requested.emit(DecisionRequest(job, Decision.RESEND))
    await settle(presenter, tasks)

    assert said == "1 message is counted as delivered."
    assert states(pane) == ["counted as delivered", "waiting", "waiting"]
    assert control.asked == [("run", job, URL)]


async def test_commands_reach_the_job(
    pane: RedeliveryPane,
    presenter: RedeliveryPresenter,
    tasks: UiTasks,
    book: JobBook,
    control: Control,
) -> None:
    """A job is resumed and paused from the tab; why it was not is said there."""
    job = book.make(1)
    await settle(presenter, tasks)

    pane.job_commands.resume.trigger()
    control.error = UserError("It is run by another process.")
    pane.job_commands.pause_requested.emit(job)
    await tasks.settled()

    assert control.asked == [("run", job, URL), ("pause", job)]
    assert pane.page.banner.text.text() == "It is run by another process."


async def test_a_job_that_was_just_made_is_selected(
    pane: RedeliveryPane, presenter: RedeliveryPresenter, tasks: UiTasks, book: JobBook
) -> None:
    """Who starts a job sees that one, whatever was selected."""
    book.make(1)
    await settle(presenter, tasks)

    presenter.show_job(2)
    book.make(2)
    await settle(presenter, tasks)

    assert pane.job is not None
    assert pane.job.id == 2
    assert states(pane) == ["waiting", "waiting"]


async def test_an_unreadable_archive_is_said(
    pane: RedeliveryPane, tasks: UiTasks, control: Control, tmp_path: Path
) -> None:
    """A failure is shown in place of the jobs, and Retry reads again."""
    broken = AsyncLedger(tmp_path / "none" / "archive.sqlite3")
    presenter = RedeliveryPresenter(pane, broken, control, tasks, pause=FOREVER)

    await settle(presenter, tasks)
    await broken.close()

    assert not pane.page.notice.retry.isHidden()
