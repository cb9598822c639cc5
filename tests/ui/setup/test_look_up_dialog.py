"""The dialog that looks an application up."""

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.ui.setup.look_up_dialog import LookUpDialog
from ibconsole.ui.toolkit.theme import Theme


@pytest.mark.parametrize("pasted", ['"abc-1"', " abc-1,\n", "<abc-1>", "“abc-1”"])
def test_a_pasted_code_is_cleaned(theme: Theme, qtbot: QtBot, pasted: str) -> None:
    """Quotation marks, brackets and punctuation around a pasted code are removed."""
    dialog = LookUpDialog(theme)
    qtbot.addWidget(dialog)
    asked: list[tuple[str, bool]] = []
    dialog.look_up_requested.connect(lambda code, by_id: asked.append((code, by_id)))
    assert not dialog.submit.isEnabled()

    dialog.code.setText(pasted)
    dialog.by_id.setChecked(True)
    dialog.submit.click()

    assert asked == [("abc-1", True)]


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot) -> LookUpDialog:
    dialog = LookUpDialog(theme)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.open()
    dialog.code.setText("abc-1")
    return dialog


def test_failed_look_up_can_be_repeated(dialog: LookUpDialog) -> None:
    """The dialog stays open after a failure, with the code selected to be replaced."""
    dialog.show_busy()
    assert not dialog.submit.isEnabled()

    dialog.show_failed("There is none.", "status 404")

    assert dialog.banner.text.text() == "There is none."
    assert dialog.code.selectedText() == "abc-1"
    assert dialog.submit.isEnabled()


def test_closing_stops_the_request(dialog: LookUpDialog, qtbot: QtBot) -> None:
    """Closing the dialog during a request asks to stop it; otherwise there is nothing to stop."""
    dialog.show_busy()
    with qtbot.waitSignal(dialog.stop_requested):
        dialog.reject()

    dialog.finish()
    with qtbot.assertNotEmitted(dialog.stop_requested):
        dialog.reject()
