"""The dialog that unlocks a connection."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.services.protection import CallKind
from ibconsole.ui.connections.unlock_dialog import ReasonDialog, UnlockDialog, Unlocking
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.connections.locked import PRODUCTION, TEST


def test_production_is_unlocked_by_its_name(theme: Theme, qtbot: QtBot) -> None:
    """Reason and name are typed at once, and Enter unlocks what the user was about to do."""
    dialog = UnlockDialog(PRODUCTION, (CallKind.PULL,), theme)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.activateWindow()
    qtbot.waitUntil(dialog.reason.hasFocus)

    qtbot.keyClicks(dialog.typed, "Acme")
    assert not dialog.proceed.isEnabled()
    qtbot.keyClicks(dialog.reason, " ")
    assert not dialog.proceed.isEnabled()
    qtbot.keyClicks(dialog.reason, "ticket 7")
    dialog.minutes.setValue(3)
    assert dialog.choice == Unlocking((CallKind.PULL,), 3, "Acme", " ticket 7")
    with qtbot.waitSignal(dialog.accepted):
        qtbot.keyClick(dialog.typed, Qt.Key.Key_Return)


def test_nothing_chosen_unlocks_nothing(theme: Theme, qtbot: QtBot) -> None:
    """Without a kind there is nothing to unlock, whatever is typed."""
    dialog = UnlockDialog(PRODUCTION, (CallKind.CHANGE,), theme)
    qtbot.addWidget(dialog)
    dialog.typed.setText("Acme")
    dialog.reason.setText("ticket 7")
    assert dialog.proceed.isEnabled()
    dialog.changes.setChecked(False)
    assert not dialog.proceed.isEnabled()
    dialog.pulls.setChecked(True)
    assert dialog.proceed.isEnabled()


def test_what_a_policy_locks_is_not_offered(theme: Theme, qtbot: QtBot) -> None:
    """A test account needs neither name nor reason; what the administrator forbids stays locked."""
    dialog = UnlockDialog(TEST, (CallKind.CHANGE,), theme)
    qtbot.addWidget(dialog)
    assert dialog.proceed.isEnabled()
    assert not dialog.pulls.isEnabled()
    assert "administrator" in dialog.pulls.toolTip()


def test_an_open_production_account_asks_for_the_reason_alone(theme: Theme, qtbot: QtBot) -> None:
    dialog = ReasonDialog(PRODUCTION, theme)
    qtbot.addWidget(dialog)
    assert not dialog.proceed.isEnabled()
    dialog.reason.setText(" ")
    assert not dialog.proceed.isEnabled()
    dialog.reason.setText("ticket 7")
    assert dialog.proceed.isEnabled()
