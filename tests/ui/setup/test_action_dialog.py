"""The dialog of a new action."""

import json

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity
from ibconsole.model.application import ActionDraft
from ibconsole.ui.setup.action_dialog import ActionContext, NewActionDialog
from ibconsole.ui.toolkit.theme import Theme

CONTEXT = ActionContext(
    "Bora Bank", "AB3F", existing="1 action", listener_url="http://127.0.0.1:1/in"
)
URL = "https://example.com/in/9f8a"


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot) -> NewActionDialog:
    dialog = NewActionDialog(CONTEXT, theme)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.open()
    return dialog


def test_the_preview_shows_the_draft(dialog: NewActionDialog, qtbot: QtBot) -> None:
    """The preview shows exactly the draft that is emitted, without spaces around the URL."""
    dialog.form.url.setText(f" {URL} ")
    dialog.form.callback.setPlainText('{"a":1}')

    with qtbot.waitSignal(dialog.create_requested) as emitted:
        qtbot.mouseClick(dialog.submit, Qt.MouseButton.LeftButton)

    draft = ActionDraft(type="HTTP_FORWARD", forward_url=URL, callback_data='{"a":1}')
    assert emitted.args == [draft]
    assert json.loads(dialog.preview.toPlainText()) == draft.raw


def test_a_pull_action_has_no_url(dialog: NewActionDialog) -> None:
    """A pull action needs no URL, and a URL that was typed before is not sent."""
    dialog.form.url.setText("nonsense")
    assert not dialog.submit.isEnabled()
    assert "https://" in dialog.form.remark.text()

    dialog.form.pull.setChecked(True)

    assert not dialog.form.url.isVisible()
    assert dialog.submit.isEnabled()
    assert dialog.form.draft == ActionDraft(type="PULL")


def test_a_request_in_progress_keeps_the_dialog_open(dialog: NewActionDialog, qtbot: QtBot) -> None:
    """A request that was sent cannot be cancelled; the dialog explains that and stays open."""
    dialog.form.url.setText(URL)
    dialog.show_busy()

    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    dialog.close()

    assert dialog.isVisible()
    assert "cannot be taken back" in dialog.banner.text.text()
    assert not dialog.submit.isEnabled()

    dialog.show_failed("The platform said no.", "status 400")
    assert dialog.submit.isEnabled()
    assert dialog.banner.severity == Severity.DANGER
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_long_callback_data_is_shortened_in_the_preview(dialog: NewActionDialog) -> None:
    """The preview shortens a very long text and states its length."""
    dialog.form.url.setText(URL)

    dialog.form.callback.setPlainText("x" * 100_000)

    assert len(dialog.preview.toPlainText()) < 5_000
    assert "characters" in dialog.preview.toPlainText()
