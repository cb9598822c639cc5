"""The audit is listed while its tab is shown: what is there, and what any process adds."""

import json
from pathlib import Path

import apsw
import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from ibconsole.archive import AuditEntry, append_audit
from ibconsole.archive.audit.calls import PAGE
from ibconsole.errors import Severity
from ibconsole.model import read_application
from ibconsole.services.runtime import ArchiveStatus, Status
from ibconsole.ui.audit.pane import AuditPane
from ibconsole.ui.audit.presenter import AuditPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.widgets.progress_dialog import ProgressDialog
from tests.ui.audit.conftest import CODE, OUTCOME, REASON, WHAT, cells, create, pull


async def _show(pane: AuditPane, tasks: UiTasks) -> None:
    pane.show()
    await tasks.settled()


async def _commit(presenter: AuditPresenter, tasks: UiTasks) -> None:
    """Say that the archive has changed."""
    presenter.show_status(Status(archive=ArchiveStatus()))
    await tasks.settled()


async def test_nothing_is_read_before_the_tab_is_shown(
    presenter: AuditPresenter, pane: AuditPane, path: Path, tasks: UiTasks
) -> None:
    create(path)
    await _commit(presenter, tasks)
    assert pane.model.rowCount() == 0
    await _show(pane, tasks)
    assert cells(pane, WHAT) == ["Create action: pull"]


async def test_an_empty_audit_says_what_it_is(
    presenter: AuditPresenter, pane: AuditPane, tasks: UiTasks
) -> None:
    await _show(pane, tasks)
    assert "recorded here before it is sent" in pane.page.notice.sentence.text()


async def test_what_other_processes_add_is_listed(
    presenter: AuditPresenter, pane: AuditPane, path: Path, tasks: UiTasks
) -> None:
    """The newest first, in words; an outcome appears when it is known."""
    under_way = create(path, ended=False)
    await _show(pane, tasks)
    pane.table.selectRow(0)
    await tasks.settled()
    assert pane.details.summary.lead.text() == "not known"

    pull(path)
    append_audit(path, AuditEntry("", "", '{"state": "done", "status": 201}', under_way))
    await _commit(presenter, tasks)

    assert cells(pane, WHAT) == ["Pull up to 1,000 messages", "Create action: pull"]
    assert cells(pane, OUTCOME) == ["refused (401)", "done (201)"]
    assert cells(pane, REASON) == ["", "ticket 7"]
    assert pane.call
    assert pane.call.is_ended
    await tasks.settled()
    assert pane.details.summary.lead.text() == "done (201)"


async def test_pages_follow_near_the_end(
    presenter: AuditPresenter, pane: AuditPane, path: Path, tasks: UiTasks, qtbot: QtBot
) -> None:
    """A page is listed, then older ones; more than a page of new calls replaces all."""
    number = create(path)
    _multiply(path, PAGE + 20)
    await _show(pane, tasks)
    assert (pane.model.rowCount(), pane.toolbar.count.text()) == (PAGE, f"{PAGE}+")

    pane.table.scrollToBottom()
    await tasks.settled()
    assert (pane.model.rowCount(), pane.toolbar.count.text()) == (PAGE + 21, str(PAGE + 21))
    assert pane.model.id_at(PAGE + 20) == number

    _multiply(path, PAGE + 1)
    await _commit(presenter, tasks)
    assert (pane.model.rowCount(), pane.rest is None) == (PAGE, False)


def _multiply(path: Path, count: int) -> None:
    """Add calls with another program; the audit is not verified here."""
    db = apsw.Connection(str(path))
    db.execute(
        "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < ?)"
        " INSERT INTO audit SELECT (SELECT max(id) FROM audit) + n, NULL, 1, 'a', '', '{}', ''"
        " FROM n",
        (count,),
    )
    db.execute("UPDATE fact SET value = value || 'x' WHERE name = 'audit'")
    db.close()


async def test_filters(
    presenter: AuditPresenter,
    pane: AuditPane,
    path: Path,
    tasks: UiTasks,
    names: ApplicationNames,
) -> None:
    """By account, application, period and text; what matches nothing offers to clear them."""
    create(path)
    pull(path)
    names.add([read_application({"applicationCode": CODE, "name": "Kestrel"})])
    await _show(pane, tasks)
    bar = pane.toolbar
    assert [bar.account.itemText(n) for n in range(3)] == ["All accounts", "Acme", "Bora"]
    assert [bar.application.itemText(n) for n in range(2)] == ["All applications", "Kestrel"]

    for choose, what in (
        (lambda: bar.account.setCurrentIndex(2), ["Pull up to 1,000 messages"]),
        (lambda: bar.account.setCurrentIndex(1), ["Create action: pull"]),
        (lambda: bar.application.setCurrentIndex(1), ["Create action: pull"]),
        (lambda: bar.period.setCurrentIndex(1), ["Create action: pull"]),
        (lambda: bar.search.setText("TICKET"), ["Create action: pull"]),
        (lambda: bar.search.setText("nothing"), []),
    ):
        choose()
        await tasks.settled()
        assert cells(pane, WHAT) == what

    assert pane.page.notice.action.text() == "Clear filter"
    pane.page.notice.action.click()
    await tasks.settled()
    assert pane.model.rowCount() == 2


async def test_a_saved_account_is_chosen_once_it_is_known(
    presenter: AuditPresenter, pane: AuditPane, path: Path, tasks: UiTasks
) -> None:
    create(path)
    pull(path)
    pane.toolbar.restore("b", 7)
    assert (pane.toolbar.account_id, pane.toolbar.days) == ("b", 7)
    await _show(pane, tasks)
    await tasks.settled()
    assert cells(pane, WHAT) == ["Pull up to 1,000 messages"]
    assert pane.toolbar.account.currentText() == "Bora"


async def test_an_archive_that_cannot_be_read_says_so(
    presenter: AuditPresenter, pane: AuditPane, path: Path, tasks: UiTasks
) -> None:
    """The pane offers to retry."""
    path.unlink()  # noqa: ASYNC240
    await _show(pane, tasks)
    assert "There is no archive" in pane.page.notice.sentence.text()

    create(path)
    pane.page.notice.retry.click()
    await tasks.settled()
    assert pane.model.rowCount() == 1


async def test_details_and_their_copy_are_masked(
    presenter: AuditPresenter, pane: AuditPane, path: Path, tasks: UiTasks
) -> None:
    create(path)
    await _show(pane, tasks)
    assert not pane.copy_call.isEnabled()
    pane.table.selectRow(0)
    await tasks.settled()

    pane.copy_call.trigger()
    copied = json.loads(QGuiApplication.clipboard().text())
    assert (copied["reason"], CODE in str(copied)) == ("ticket 7", False)
    assert '"type": "PULL"' in pane.details.after.text.toPlainText()
    assert pane.details.summary.title.text() == "Create action: pull"


async def test_verification_is_shown_with_what_to_keep(
    presenter: AuditPresenter, pane: AuditPane, path: Path, tasks: UiTasks
) -> None:
    """A sentence of green or red, and the hash for the clipboard."""
    create(path)
    await _show(pane, tasks)
    pane.verify.trigger()
    await tasks.settled()
    banner = pane.page.banner
    assert (banner.severity, "The audit is whole: 2 rows" in banner.text.text()) == (
        Severity.OK,
        True,
    )
    banner.action.click()
    assert QGuiApplication.clipboard().text().startswith("2:")

    db = apsw.Connection(str(path))
    db.execute("DROP TRIGGER audit_changed; UPDATE audit SET at = 0").fetchall()
    db.close()
    pane.verify.trigger()
    await tasks.settled()
    assert banner.severity is Severity.DANGER
    assert "broken at row 1" in banner.text.text()


async def test_the_filtered_calls_are_exported(
    presenter: AuditPresenter, pane: AuditPane, path: Path, tasks: UiTasks, qtbot: QtBot
) -> None:
    create(path)
    pull(path)
    await _show(pane, tasks)
    pane.toolbar.search.setText("ticket")
    await tasks.settled()
    target = path.with_name("audit.jsonl")

    pane.export.trigger()
    dialog = pane.findChild(QFileDialog)
    assert isinstance(dialog, QFileDialog)
    dialog.fileSelected.emit(str(target))
    dialog.done(0)
    await tasks.settled()

    [line] = target.read_text().splitlines()
    assert json.loads(line)["reason"] == "ticket 7"
    for shown in pane.window().findChildren(ProgressDialog):
        assert "1 call in" in shown.sentence.text()
        shown.done(0)


@pytest.mark.parametrize("ended", [True, False])
async def test_the_filter_is_read_when_the_tab_is_shown_again(
    presenter: AuditPresenter, pane: AuditPane, path: Path, tasks: UiTasks, *, ended: bool
) -> None:
    create(path, ended=ended)
    await _show(pane, tasks)
    pane.hide()
    pane.toolbar.search.setText("nothing")
    await tasks.settled()
    assert pane.model.rowCount() == 1
    await _show(pane, tasks)
    assert pane.model.rowCount() == 0
