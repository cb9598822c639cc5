"""The presenter of the cases, on cases on the disk."""

import shutil
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QMainWindow
from pytestqt.qtbot import QtBot

from ibconsole.services.evidence.cases.values import NoteContent
from ibconsole.ui.evidence.cases_dialog import CasesDialog
from ibconsole.ui.evidence.pin_dialog import NoteDialog
from ibconsole.ui.evidence.presenter import CasesPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.toolkit.times import TimeDisplay
from ibconsole.ui.widgets.confirm import ConfirmDialog
from tests.ui.evidence.harness import Evidence


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    return Evidence(tmp_path)


@pytest.fixture
def presenter(
    evidence: Evidence, plain_window: QMainWindow, theme: Theme, tasks: UiTasks
) -> CasesPresenter:
    display = TimeDisplay(plain_window)
    return CasesPresenter(
        lambda: evidence.cases, tasks, theme, plain_window, display, suggested_title=lambda: "Acme"
    )


async def opened(presenter: CasesPresenter, tasks: UiTasks) -> CasesDialog:
    presenter.open_cases.trigger()
    presenter.open_cases.trigger()
    await tasks.settled()
    assert presenter.dialog
    return presenter.dialog


async def test_items_are_changed_and_taken_back(
    presenter: CasesPresenter, evidence: Evidence, tasks: UiTasks, qtbot: QtBot
) -> None:
    """Quick changes are all kept, in their order; a removed item comes back to its place."""
    dialog = await opened(presenter, tasks)
    assert "Where is my parcel?" in dialog.details.text.toPlainText()
    for _ in range(4):
        qtbot.keyClick(dialog.items, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(dialog.items, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    dialog.details.comment.setPlainText("Look")
    dialog.details.flush()
    await tasks.settled()
    ids = [one.id for one in evidence.case.items]
    assert ids == ["i-2", "i-3", "i-4", "i-1", "i-5", "i-6", "i-7", "i-8", "i-9"]
    assert evidence.case.items[3].comment == "Look"

    qtbot.keyClick(dialog.items, Qt.Key.Key_Delete)
    await tasks.settled()
    assert len(evidence.case.items) == 8
    assert dialog.items.item is not None
    assert dialog.items.item.id == "i-5"
    dialog.banner.action.click()
    await tasks.settled()
    assert [one.id for one in evidence.case.items] == ids
    assert dialog.items.item.id == "i-1"
    dialog.undo.trigger()  # there is nothing more to take back
    dialog.items.selectRow(8)
    await tasks.settled()
    assert dialog.details.picture.isVisible()
    dialog.reject()
    assert presenter.dialog is None


async def test_cases_are_created_and_renamed(
    presenter: CasesPresenter, evidence: Evidence, tasks: UiTasks
) -> None:
    """A new case is the current one, and waits for its title."""
    current: list[str] = []
    presenter.current_changed.connect(lambda: current.append(evidence.store.current()))
    dialog = await opened(presenter, tasks)
    dialog.new.click()
    await tasks.settled()
    assert dialog.title.text() == "Acme"
    dialog.title.setText("ZD-4711")
    dialog.title.editingFinished.emit()
    await tasks.settled()
    second = evidence.case.id
    assert evidence.case.title == "ZD-4711"
    assert dialog.cases.records[0].title == "ZD-4711"

    await tasks.settled()
    assert current[:2] == [second, second]


async def test_notes_and_deleted_cases(
    presenter: CasesPresenter, evidence: Evidence, tasks: UiTasks, plain_window: QMainWindow
) -> None:
    """A note is a new item; a deleted case can be restored as long as the dialog is open."""
    first, second = evidence.case.id, evidence.store.create("ZD-4711").id
    dialog = await opened(presenter, tasks)
    dialog.note.trigger()
    [note] = [one for one in plain_window.findChildren(NoteDialog) if one.isVisible()]
    note.text.setPlainText("It began on Monday.")
    note.add.click()
    await tasks.settled()
    assert [one.content for one in evidence.case.items] == [NoteContent(text="It began on Monday.")]
    dialog.is_current.click()
    await tasks.settled()
    assert evidence.store.current() == ""

    dialog.delete.click()
    [question] = [one for one in plain_window.findChildren(ConfirmDialog) if one.isVisible()]
    question.proceed.click()
    await tasks.settled()
    assert [one.id for one in evidence.store.list()] == [first]
    assert dialog.case
    assert dialog.case.id == first
    dialog.undo.trigger()
    await tasks.settled()
    assert evidence.store.read(second).items
    assert (dialog.case_id, dialog.banner.isVisible()) == (second, False)


async def test_what_others_change_and_damage(
    presenter: CasesPresenter, evidence: Evidence, tasks: UiTasks
) -> None:
    """A case that is changed, removed or damaged elsewhere is shown as it is, and said."""
    dialog = await opened(presenter, tasks)
    case = evidence.case
    evidence.store.change(case.id, lambda old: old.without_item("i-2"))
    presenter.refresh("another")
    presenter.refresh(case.id)
    await tasks.settled()
    assert len(dialog.items.items_model.rows) == 8
    evidence.store.change(case.id, lambda old: old.without_item("i-1"))
    dialog.remove.trigger()
    await tasks.settled()
    assert "not in the case" in dialog.banner.text.text()
    assert len(dialog.items.items_model.rows) == 7

    folder = evidence.store.folder / case.id
    for blob in (folder / "blobs").iterdir():
        blob.unlink()
    dialog.items.selectRow(6)
    await tasks.settled()
    assert "cannot be read" in dialog.details.text.toPlainText()
    (folder / "case.json").write_text("{}")
    presenter.refresh(case.id)
    await tasks.settled()
    assert "no case that can be read" in dialog.notice.sentence.text()
    shutil.rmtree(evidence.store.folder)
    evidence.store.folder.write_text("no folder")
    dialog.retry_requested.emit()
    await tasks.settled()
    assert "cannot be read" in (dialog.notice.sentence.text() + dialog.banner.text.text())
    evidence.store.folder.unlink()


async def test_a_link_shows_a_case(
    presenter: CasesPresenter, evidence: Evidence, tasks: UiTasks
) -> None:
    """It opens the dialog on its case, or chooses it there; no case is not shown."""
    first, second = evidence.case.id, evidence.store.create("ZD-4711").id

    async def shown(case_id: str) -> str:
        is_there = await presenter.show_case(case_id)
        await tasks.settled()
        assert is_there == (presenter.dialog is not None)
        return presenter.dialog.case_id if presenter.dialog else ""

    assert await shown("3d938015-bdcb-4ce9-9835-962f13b569a8") == ""
    assert await shown(first) == first
    assert await shown(second) == second


async def test_a_bundle_is_chosen(
    presenter: CasesPresenter, tasks: UiTasks, plain_window: QMainWindow
) -> None:
    """The dialog asks for a file, and hands its path over."""
    chosen: list[str] = []
    presenter.run_requested.connect(chosen.append)
    presenter.open_bundle.trigger()
    [dialog] = plain_window.findChildren(QFileDialog)
    dialog.fileSelected.emit("/cases/bundle.zip")
    dialog.reject()
    shown = await opened(presenter, tasks)
    shown.run.click()
    assert chosen == ["/cases/bundle.zip", shown.case_id]
