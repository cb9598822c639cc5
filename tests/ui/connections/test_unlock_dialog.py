"""The dialog that unlocks a connection."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.services.protection import CallKind
from ibconsole.ui.connections.unlock_dialog import UnlockDialog, Unlocking
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.connections.locked import PRODUCTION, TEST


def test_production_is_unlocked_by_its_name(theme: Theme, qtbot: QtBot) -> None:
    """The name is typed at once, and Enter unlocks what the user was about to do."""
    dialog = UnlockDialog(PRODUCTION, (CallKind.PULL,), theme)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.typed.hasFocus)
    assert not dialog.proceed.isEnabled()

    qtbot.keyClicks(dialog.typed, "Acme")
    dialog.minutes.setValue(3)
    assert dialog.choice == Unlocking((CallKind.PULL,), 3, "Acme")
    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(dialog.typed, Qt.Key.Key_Return)


def test_nothing_chosen_unlocks_nothing(theme: Theme, qtbot: QtBot) -> None:
    """Without a kind there is nothing to unlock, whatever is typed."""
    dialog = UnlockDialog(PRODUCTION, (CallKind.CHANGE,), theme)
    qtbot.addWidget(dialog)
    dialog.typed.setText("Acme")
    assert dialog.proceed.isEnabled()
    dialog.changes.setChecked(False)
    assert not dialog.proceed.isEnabled()
    dialog.pulls.setChecked(True)
    assert dialog.proceed.isEnabled()


def test_what_a_policy_locks_is_not_offered(theme: Theme, qtbot: QtBot) -> None:
    """A test account needs no name; what the administrator forbids stays locked."""
    dialog = UnlockDialog(TEST, (CallKind.CHANGE,), theme)
    qtbot.addWidget(dialog)
    assert dialog.proceed.isEnabled()
    assert not dialog.pulls.isEnabled()
    assert "administrator" in dialog.pulls.toolTip()
