"""What opens over the window."""

import json

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.model.application import ActionDraft
from ibconsole.ui.setup.action_dialog import ActionPlace, NewActionDialog
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.confirm import ConfirmDialog, Question

PLACE = ActionPlace("Bora Bank", "AB3F", existing="1 action", listener_url="http://127.0.0.1:1/in")
URL = "https://example.com/in/9f8a"


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot) -> NewActionDialog:
    dialog = NewActionDialog(PLACE, theme)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.open()
    return dialog


def question(theme: Theme, qtbot: QtBot, typed: str = "") -> ConfirmDialog:
    asked = Question("Delete it?", "It cannot be undone.", "Delete", [("Key", "AB3F")], typed)
    dialog = ConfirmDialog(asked, theme)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.open()
    return dialog


def test_enter_is_safe(theme: Theme, qtbot: QtBot) -> None:
    """Enter and Esc, pressed without reading, leave everything as it is."""
    for key in (Qt.Key.Key_Return, Qt.Key.Key_Escape):
        dialog = question(theme, qtbot)
        with qtbot.waitSignal(dialog.rejected), qtbot.assertNotEmitted(dialog.accepted):
            qtbot.keyClick(dialog, key)


def test_verb_goes_on(theme: Theme, qtbot: QtBot) -> None:
    """The button that names the deed does it."""
    dialog = question(theme, qtbot)

    with qtbot.waitSignal(dialog.accepted):
        qtbot.mouseClick(dialog.proceed, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize(
    ("text", "enabled"), [("", False), ("bank", False), ("Bank live", True), (" Bank live ", True)]
)
def test_typed_name(theme: Theme, qtbot: QtBot, text: str, *, enabled: bool) -> None:
    """Where a name has to be typed, nothing else will do."""
    dialog = question(theme, qtbot, "Bank live")

    dialog.typed.setText(text)

    assert dialog.proceed.isEnabled() is enabled


def test_draft(dialog: NewActionDialog, qtbot: QtBot) -> None:
    """What is shown as the request is what is handed over, without spaces around the URL."""
    dialog.url.setText(f" {URL} ")
    dialog.callback.setPlainText('{"a":1}')

    with qtbot.waitSignal(dialog.create_requested) as told:
        qtbot.mouseClick(dialog.submit, Qt.MouseButton.LeftButton)

    draft = ActionDraft(type="HTTP_FORWARD", forward_url=URL, callback_data='{"a":1}')
    assert told.args == [draft]
    assert json.loads(dialog.preview.toPlainText()) == draft.raw


def test_pull_has_no_url(dialog: NewActionDialog) -> None:
    """An action to pull needs no URL, and sends none that was typed before."""
    dialog.url.setText("nonsense")
    assert not dialog.submit.isEnabled()
    assert "https://" in dialog.finding.text()

    dialog.pull.setChecked(True)

    assert not dialog.url.isVisible()
    assert dialog.submit.isEnabled()
    assert dialog.draft == ActionDraft(type="PULL")


def test_listeners_address(dialog: NewActionDialog, qtbot: QtBot) -> None:
    """The listener's own address is one click away, with a word on who can reach it."""
    qtbot.mouseClick(dialog.use_listener, Qt.MouseButton.LeftButton)

    assert dialog.url.text() == PLACE.listener_url
    assert "public address" in dialog.finding.text()
    assert dialog.submit.isEnabled()


def test_no_listener(theme: Theme, qtbot: QtBot) -> None:
    """While nothing listens, no address of it is offered."""
    dialog = NewActionDialog(ActionPlace("Bora Bank", "AB3F"), theme)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.open()

    assert not dialog.use_listener.isVisible()


def test_request_under_way(dialog: NewActionDialog, qtbot: QtBot) -> None:
    """What is on its way cannot be cancelled, and the dialog says so instead of closing."""
    dialog.url.setText(URL)
    dialog.show_busy()

    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    dialog.close()

    assert dialog.isVisible()
    assert "cannot be taken back" in dialog.banner.text.text()
    assert not dialog.submit.isEnabled()

    dialog.show_failed("The platform said no.", "status 400")
    assert dialog.submit.isEnabled()
    assert dialog.banner.kind == "danger"
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()


def test_long_callback_data(dialog: NewActionDialog) -> None:
    """A huge text is not shown whole, and the preview says so."""
    dialog.url.setText(URL)

    dialog.callback.setPlainText("x" * 100_000)

    assert len(dialog.preview.toPlainText()) < 5_000
    assert "characters" in dialog.preview.toPlainText()
