import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ibconsole.services.connections.connection import Connection, Environment
from ibconsole.simulator.running import RunningSimulator
from ibconsole.ui.connections.connections_dialog import ConnectionsDialog
from ibconsole.ui.connections.remove_dialog import RemoveConnectionDialog
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.connections.harness import Harness


def test_a_secret_of_this_session_is_in_memory(theme: Theme, qtbot: QtBot) -> None:
    """The dialog speaks of the keyring only where the secret is there, and has no empty room."""
    texts = []
    for session_only in (False, True):
        connection = Connection("", "Acme", "https://x", session_only=session_only)
        dialog = RemoveConnectionDialog(connection, 0, theme)
        qtbot.addWidget(dialog)
        texts.append("\n".join(label.text() for label in dialog.findChildren(QLabel)))
        layout = dialog.layout()
        assert layout is not None
        assert dialog.height() <= layout.totalMinimumHeightForWidth(dialog.width()) + 1

    assert ["keyring" in text for text in texts] == [True, False]


async def test_deleting_messages_requires_the_name(
    harness: Harness, running: RunningSimulator, qtbot: QtBot
) -> None:
    """Messages are kept by default; to delete them, the connection name must be typed."""
    saved = await harness.save(running)
    await harness.presenter.start(name="Acme")
    await harness.settle()
    await harness.engine.call(harness.console.pulls.pull, 5)
    harness.presenter.manage.trigger()
    await harness.settle()
    listed = harness.dialog(ConnectionsDialog)
    listed.remove.click()
    await harness.settle()
    dialog = harness.dialog(RemoveConnectionDialog)

    assert dialog.keep_messages.isChecked()
    assert "5 messages" in dialog.keep_messages.text()
    dialog.delete_messages.setChecked(True)
    assert not dialog.proceed.isEnabled()
    qtbot.keyClicks(dialog.typed, "Acme")
    dialog.proceed.click()
    await harness.settle()

    assert await harness.service.messages_of(saved.id) == 0
    assert listed.banner.text.text() == "Acme was removed. 5 messages deleted."
    listed.reject()


@pytest.mark.parametrize("environment", Environment)
def test_production_requires_the_name(theme: Theme, qtbot: QtBot, environment: Environment) -> None:
    """A production connection is removed only after its name was typed."""
    connection = Connection("", "Acme", "https://xxxxx.api.infobip.com", environment=environment)
    dialog = RemoveConnectionDialog(connection, 0, theme)
    qtbot.addWidget(dialog)
    is_production = environment is Environment.PRODUCTION
    assert dialog.proceed.isEnabled() is not is_production

    dialog.typed.setText(" Acme ")

    with qtbot.waitSignal(dialog.remove_requested) as emitted:
        dialog.proceed.click()
    assert emitted.args == [False]


def test_enter_cancels(theme: Theme, qtbot: QtBot) -> None:
    """Enter, pressed without reading, removes nothing."""
    dialog = RemoveConnectionDialog(Connection("", "Acme", "https://x.example"), 3, theme)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.open()

    with qtbot.assertNotEmitted(dialog.remove_requested):
        qtbot.keyClick(dialog, Qt.Key.Key_Return)

    assert not dialog.isVisible()
