import asyncio

from PySide6.QtWidgets import QApplication, QMessageBox
from pytestqt.qtbot import QtBot

from ibconsole.ui.shell.error_dialogs import UnexpectedDialog, fatal_dialog, show_fatal_dialog
from ibconsole.ui.toolkit.theme import Theme


def test_the_sentence_is_plain_text(qtbot: QtBot) -> None:
    """Markup in the sentence is shown as it is."""
    box = fatal_dialog("<b>The archive</b> cannot be read.")
    qtbot.addWidget(box)

    assert box.text() == "<b>The archive</b> cannot be read."
    assert box.textFormat().name == "PlainText"


async def test_a_fatal_dialog_waits_for_the_user(qapp: QApplication) -> None:
    """The program continues once the dialog is closed."""
    waiting = asyncio.get_running_loop().create_task(show_fatal_dialog("ibconsole must close."))
    await asyncio.sleep(0)
    (box,) = [one for one in qapp.topLevelWidgets() if isinstance(one, QMessageBox)]
    assert not waiting.done()

    box.accept()

    await asyncio.wait_for(waiting, 5)


def test_further_errors_are_counted(theme: Theme, qtbot: QtBot) -> None:
    """While a report is shown, the dialog counts further errors; without a log it offers none."""
    dialog = UnexpectedDialog("the report", theme)
    qtbot.addWidget(dialog)
    assert dialog.repeats.isHidden()

    for text in ("1 more error since then", "2 more errors since then"):
        dialog.count_another()
        assert dialog.repeats.text().startswith(text)

    assert dialog.report.toPlainText() == "the report"
    assert dialog.show_log.isHidden()
