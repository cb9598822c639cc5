"""Exports on cases on the disk."""

import asyncio
import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMainWindow
from pytestqt.qtbot import QtBot

from ibconsole.services.evidence.async_cases import AsyncExports
from ibconsole.services.evidence.redaction import KnownSecrets, TextChoice
from ibconsole.ui.evidence.export_dialog import CaseExportDialog
from ibconsole.ui.evidence.export_presenter import CaseExportPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.toasts import Toasts
from tests.ui.evidence.harness import Evidence, Texts, decoded


class Exporting:
    """The presenter over a window; `problems` are of the keyring."""

    def __init__(
        self, evidence: Evidence, folder: Path, window: QMainWindow, theme: Theme, tasks: UiTasks
    ) -> None:
        self.evidence, self.tasks = evidence, tasks
        self.problems: tuple[str, ...] = ()
        self.texts = Texts(case_export_folder=str(folder), case_export="rubbish")
        self.presenter = CaseExportPresenter(
            lambda: evidence.cases,
            lambda: AsyncExports(evidence.store, self.gather),
            tasks,
            Toasts(window, theme),
            window,
            self.texts,
        )

    async def gather(self) -> KnownSecrets:
        return KnownSecrets(problems=self.problems)

    async def open(self) -> CaseExportDialog:
        self.presenter.open(self.evidence.case.id)
        await self.tasks.settled()
        assert self.presenter.dialog
        return self.presenter.dialog


@pytest.fixture
def exporting(tmp_path: Path, plain_window: QMainWindow, theme: Theme, tasks: UiTasks) -> Exporting:
    return Exporting(Evidence(tmp_path), tmp_path, plain_window, theme, tasks)


async def test_enter_exports(exporting: Exporting, qtbot: QtBot, tmp_path: Path) -> None:
    """The dialog is ready at once: Enter writes the bundle, and the choices are remembered."""
    dialog = await exporting.open()
    target = tmp_path / "Nothing-arrives-at-Kestrel.zip"
    assert dialog.fields.path == target
    assert dialog.replacements.total > 10
    assert "1 picture will be left out" in dialog.remarks.text()
    dialog.fields.texts.setCurrentIndex(dialog.fields.texts.findData(TextChoice.REMOVED))
    dialog.preview_wanted.emit()
    qtbot.keyClick(dialog, Qt.Key.Key_Return)
    await exporting.tasks.settled()
    assert dialog.bundle
    with zipfile.ZipFile(target) as bundle:
        assert "case.html" in bundle.namelist()
    dialog.done_button.click()

    dialog = await exporting.open()
    assert dialog.fields.choices.texts is TextChoice.REMOVED
    assert dialog.fields.path == tmp_path / "Nothing-arrives-at-Kestrel-2.zip"
    assert decoded(exporting.texts, "case_export") == {
        "texts": "removed", "payloads": "masked", "other_bodies": "masked",
        "message_ids": False, "pictures": False, "raw": True,
    }  # fmt: skip
    dialog.fields.folder.click()
    await exporting.tasks.settled()
    dialog.export.click()
    await exporting.tasks.settled()
    assert (tmp_path / "Nothing-arrives-at-Kestrel" / "manifest.json").exists()
    dialog.reject()


async def test_what_fails(exporting: Exporting, tmp_path: Path) -> None:
    """A keyring that gave nothing needs consent; a target that exists is not replaced."""
    dialog = await exporting.open()
    exporting.problems = ("The API key of Acme is not searched for.",)
    dialog.export.click()
    await exporting.tasks.settled()
    assert "API key of Acme" in dialog.banner.text.text()
    dialog.banner.action.click()
    await exporting.tasks.settled()
    assert dialog.bundle
    dialog.done_button.click()

    dialog = await exporting.open()
    dialog.fields.target.setText(str(tmp_path / "Nothing-arrives-at-Kestrel.zip"))
    exporting.problems = ()
    dialog.export.click()
    await exporting.tasks.settled()
    assert "exists already" in dialog.banner.text.text()
    assert not dialog.banner.action.isVisible()
    dialog.reject()
    await exporting.tasks.settled()


async def test_an_export_is_stopped(exporting: Exporting, tmp_path: Path) -> None:
    """Stop leaves nothing of it, and the dialog says so; another export can follow."""
    dialog = await exporting.open()
    dialog.export.click()
    await asyncio.sleep(0)
    dialog.preview_wanted.emit()  # of a choice just before
    assert dialog.is_exporting
    dialog.cancel.click()
    await exporting.tasks.settled()
    assert dialog.banner.text.text() == "Stopped. Nothing was exported."
    assert not list(tmp_path.glob("*.zip"))  # noqa: ASYNC240
    dialog.export.click()
    await exporting.tasks.settled()
    assert dialog.bundle
    dialog.reject()


async def test_a_damaged_case_is_said_in_the_preview(exporting: Exporting) -> None:
    """A case that lost a file has no preview, and the dialog says why."""
    store = exporting.evidence.store
    for blob in (store.folder / store.current() / "blobs").iterdir():
        blob.unlink()
    dialog = await exporting.open()
    assert "cannot be read" in dialog.banner.text.text()
    dialog.reject()
