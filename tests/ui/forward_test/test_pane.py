"""The request and the result of a forward test, as the pane shows them."""

import json
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ibconsole.errors import Severity
from ibconsole.model import read_application
from ibconsole.services.forward_test.payloads import PayloadVariant
from ibconsole.ui.forward_test.pane import ForwardTestPane
from ibconsole.ui.forward_test.presenter import ForwardTestPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.widgets.confirm import ConfirmDialog
from tests.ui.forward_test.conftest import Hook


@pytest.mark.parametrize(
    ("typed", "kind", "usable"),
    [("example.com/in", Severity.DANGER, False), ("http://127.0.0.1:1/in", Severity.WARNING, True)],
)
def test_url_is_checked_while_typing(
    pane: ForwardTestPane, typed: str, kind: str, usable: bool
) -> None:
    """A URL is checked as in the dialog of a new action; a correction is one click away."""
    pane.url.setText(typed)

    assert pane.remark.property("tone") == kind
    assert pane.send.isEnabled() is usable
    if not usable:
        pane.use_correction.click()
        assert pane.url.text() == "https://example.com/in"


async def test_former_test_is_used_again(
    pane: ForwardTestPane, presenter: ForwardTestPresenter, tasks: UiTasks, hook: Hook, url: str
) -> None:
    """URL and payload of a previous test can be used again."""
    pane.test_url(url)
    pane.payload.show_payload(b'{"mine":1}', "My payload")
    pane.send_command.trigger()
    await tasks.settled()
    pane.url.clear()
    pane.payload.use_sample()

    pane.results.previous_tests.selectRow(0)
    assert pane.again_command.isEnabled()
    pane.again_command.trigger()

    assert pane.url.text() == url
    assert '"mine"' in pane.payload.editor.toPlainText()


def test_the_url_follows_the_selected_action(pane: ForwardTestPane, qtbot: QtBot) -> None:
    """The URL is that of the selected action until the user enters one; then it is offered."""
    pane.follow_url("https://a.io/in")
    pane.follow_url("https://b.io/in")
    assert pane.url.text() == "https://b.io/in"

    qtbot.keyClicks(pane.url, "x")
    pane.follow_url("https://c.io/in")
    assert "x" in pane.url.text()
    assert pane.use_selected.isVisible()

    pane.use_selected.click()
    assert pane.url.text() == "https://c.io/in"
    assert not pane.use_selected.isVisible()
    pane.follow_url("https://d.io/in")
    assert pane.url.text() == "https://d.io/in"


def test_an_emptied_url_follows_again(pane: ForwardTestPane, qtbot: QtBot) -> None:
    """Clearing the field gives up what was entered."""
    qtbot.keyClicks(pane.url, "https://mine.io")
    pane.url.selectAll()
    qtbot.keyClick(pane.url, Qt.Key.Key_Delete)

    pane.follow_url("https://a.io/in")

    assert pane.url.text() == "https://a.io/in"


def test_the_sandbox_reaches_this_computer(pane: ForwardTestPane) -> None:
    """Remarks on an address of this computer depend on where the platform runs."""
    pane.url.setText("http://127.0.0.1:8484/in")
    assert pane.remark.property("tone") == Severity.WARNING

    pane.set_sandbox(on=True)
    assert pane.remark.property("tone") == Severity.OK


async def test_results_are_copied_and_saved(
    pane: ForwardTestPane,
    presenter: ForwardTestPresenter,
    tasks: UiTasks,
    url: str,
    tmp_path: Path,
) -> None:
    """The shown result can be copied as text, JSON and cURL, and saved as a file."""
    text, as_json, curl, save = pane.exports
    assert not any(command.isEnabled() for command in pane.exports)
    pane.test_url(url)
    pane.send_command.trigger()
    await tasks.settled()
    assert all(command.isEnabled() for command in pane.exports)

    copied = []
    for command in (text, as_json, curl):
        command.trigger()
        copied.append(QGuiApplication.clipboard().text())
    assert copied[0].startswith(f"POST {url}: 200")
    assert json.loads(copied[1])["status"] == 200
    assert "curl -X POST" in copied[2]

    pane.save_requested.emit(pane.results.shown, str(tmp_path / "test.json"))
    await tasks.settled()
    assert json.loads((tmp_path / "test.json").read_text())["url"] == url

    pane.save_requested.emit(pane.results.shown, str(tmp_path / "test.har"))
    await tasks.settled()
    assert json.loads((tmp_path / "test.har").read_text())["log"]["version"] == "1.2"
    pane.save_requested.emit(pane.results.shown, str(tmp_path / "none" / "test.json"))
    await tasks.settled()
    assert "could not be written" in pane.banner.text.text()
    assert save.name == "Save result…"


def test_the_last_message_is_of_the_selected_application(
    pane: ForwardTestPane, qtbot: QtBot
) -> None:
    """The last message is that of the selected application, or of any without one."""
    pane.follow_application(read_application({"applicationCode": "abc"}))
    with qtbot.waitSignal(pane.last_message_requested) as asked:
        pane.payload.use_variant(PayloadVariant.LAST)
    assert asked.args == ["abc"]
    pane.show_no_message()
    assert "the selected application" in pane.banner.text.text()

    pane.follow_application(None)
    with qtbot.waitSignal(pane.last_message_requested) as asked:
        pane.payload.use_variant(PayloadVariant.LAST)
    assert asked.args == [""]


def test_ten_at_once_are_asked_about(pane: ForwardTestPane, qtbot: QtBot) -> None:
    """Requests at once go out only after a confirmation."""
    pane.test_url("https://a.io/in")
    pane.options.parallel.setChecked(True)
    with qtbot.assertNotEmitted(pane.send_requested):
        pane.send_command.trigger()
    dialog = next(one for one in pane.window().findChildren(ConfirmDialog) if one.isVisible())

    with qtbot.waitSignal(pane.send_requested) as sent:
        dialog.accept()

    assert sent.args[2].parallel


def test_the_focus_stays_at_the_buttons_of_a_test(pane: ForwardTestPane, qtbot: QtBot) -> None:
    """After Test the focus is at Stop while the test goes on, and at Test again after it."""
    pane.test_url("https://hooks.example.com/in")
    pane.show()
    pane.activateWindow()
    qtbot.waitUntil(pane.isActiveWindow)
    pane.send.setFocus()
    pane.show_busy()
    assert pane.stop.hasFocus()

    pane.show_stopped()
    assert pane.send.hasFocus()
