"""Copies for Infobip's support: at once with masked codes, or after a dialog."""

from pathlib import Path

from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibconsole.services.evidence.support import SupportFinding
from ibconsole.services.messages.async_reader import AsyncReader
from ibconsole.ui.threads.pane import ThreadPane
from ibconsole.ui.threads.support_copy import SupportCopy
from ibconsole.ui.threads.support_dialog import SupportDialog
from ibconsole.ui.toolkit.codes import CodeDisplay
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from tests.unit.services.threads.records import CODE


async def test_support_gets_masked_codes_until_they_are_chosen(
    path: Path, theme: Theme, tasks: UiTasks, qtbot: QtBot, pane: ThreadPane
) -> None:
    """One command copies at once; the other shows what is copied, and warns of codes."""
    codes = CodeDisplay(pane)
    async with AsyncReader(path) as record:
        copy = SupportCopy(record, tasks, theme, codes, pane, redact=str)
        with qtbot.waitSignal(copy.copied) as copied:
            copy.copy_messages([1, 2])
            await tasks.settled()
        assert copied.args == ["Copied for Infobip support: 2 messages, with masked codes."]
        assert CODE not in QGuiApplication.clipboard().text()

        copy.copy_messages([1], asks=True)
        await tasks.settled()
    [dialog] = pane.window().findChildren(SupportDialog)
    assert dialog.warning.isHidden()
    dialog.with_codes.click()
    dialog.with_texts.click()
    assert not dialog.warning.isHidden()
    assert dialog.copy.text() == "Copy with codes"
    dialog.copy.click()
    text = QGuiApplication.clipboard().text()
    assert f"applicationCode: {CODE}" in text
    assert "text: 1" in text

    finding = SupportFinding(number="IBC-1", sentence="Nothing arrives.")
    with qtbot.waitSignal(copy.copied) as copied:
        copy.copy_items([finding])
    assert copied.args[0].startswith("Copied for Infobip support: 1 finding")
