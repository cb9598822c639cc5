import asyncio
from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import Progress
from ibconsole.errors import Severity, UserError
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.progress_dialog import JobResult, ProgressDialog

Report = Callable[[Progress], None]


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot) -> ProgressDialog:
    dialog = ProgressDialog("Export", "Stopping leaves no file behind.", theme)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    return dialog


async def test_result(dialog: ProgressDialog, tasks: UiTasks) -> None:
    """A job shows its progress, then its result with details, and a button that closes."""

    async def job(report: Report) -> JobResult:
        report(Progress("Reading", 1, 4))
        assert (dialog.stage.text(), dialog.progress.value()) == ("Reading…", 250)
        return JobResult("4 messages are in the file.", "a\nb", Severity.WARNING)

    dialog.begin("export", job, tasks)
    assert dialog.button.text() == "Stop"
    await tasks.settled()

    assert dialog.sentence.text() == "4 messages are in the file."
    assert dialog.sentence.property("tone") == Severity.WARNING
    assert dialog.details.toPlainText() == "a\nb"
    assert dialog.button.text() == "Close"


async def test_failure(dialog: ProgressDialog, tasks: UiTasks) -> None:
    """A job that fails shows the error and its details, and is not reported elsewhere."""

    async def job(_report: Report) -> JobResult:
        raise UserError("The disk is full.", details="errno 28")

    dialog.begin("export", job, tasks)
    await tasks.settled()

    assert dialog.sentence.text() == "The disk is full."
    assert dialog.sentence.property("tone") == Severity.DANGER
    assert dialog.details.toPlainText() == "errno 28"


async def test_stopping(dialog: ProgressDialog, tasks: UiTasks, qtbot: QtBot) -> None:
    """Closing the dialog in any way stops the job, once."""

    async def job(_report: Report) -> JobResult:
        await asyncio.Event().wait()
        return JobResult("")

    dialog.begin("export", job, tasks)
    await asyncio.sleep(0)
    with qtbot.waitSignal(dialog.stopped):
        qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    await tasks.settled()

    assert not tasks.running("export")
    with qtbot.assertNotEmitted(dialog.stopped):
        dialog.done(0)
