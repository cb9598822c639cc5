"""The list of changes that can be undone."""

import pytest
from msgspec.structs import replace
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from ibconsole.errors import UserError
from ibconsole.services.setup.plans.acts import SetupAct, UndoState
from ibconsole.ui.plans.acts_dialog import ActsDialog
from ibconsole.ui.toolkit.theme import Theme

DELETED = SetupAct(
    id="a1",
    at=1_780_000_000_000,
    user="ada@desk",
    place="Delete action",
    what="Delete action of Bora Bank",
    state=UndoState.DONE,
)
UNDONE = replace(
    DELETED,
    id="a0",
    at=1_770_000_000_000,
    what="Create configuration of Shop",
    state=UndoState.UNDONE,
    reason="It was undone already.",
)


@pytest.fixture
def dialog(theme: Theme, qtbot: QtBot) -> ActsDialog:
    dialog = ActsDialog("Acme · https://x", theme, None)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, on=False)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def texts(dialog: ActsDialog, column: int = 2) -> list[str]:
    model = dialog.table.model()
    return [model.index(row, column).data() for row in range(model.rowCount())]


def test_enter_opens_the_newest_that_can_be_undone(dialog: ActsDialog, qtbot: QtBot) -> None:
    """The newest change is on top and chosen; Enter asks for its plan."""
    dialog.show_reading()
    assert dialog.line.busy
    dialog.show_acts([DELETED, UNDONE])
    assert texts(dialog) == [DELETED.what, UNDONE.what]
    assert texts(dialog, 3) == ["done", "undone"]

    with qtbot.waitSignal(dialog.undo_requested) as undo:
        QTest.keyClick(dialog.table, Qt.Key.Key_Return)

    assert undo.args == [DELETED]


def test_a_change_that_cannot_be_undone_says_why(dialog: ActsDialog, qtbot: QtBot) -> None:
    dialog.show_acts([DELETED, UNDONE])
    QTest.keyClick(dialog.table, Qt.Key.Key_Down)

    assert not dialog.undo.isEnabled()
    assert dialog.reason.text() == "It was undone already."
    with qtbot.assertNotEmitted(dialog.undo_requested):
        dialog._on_undo()
    with qtbot.waitSignal(dialog.rejected):
        QTest.keyClick(dialog.table, Qt.Key.Key_Return)


def test_the_list_is_filtered(dialog: ActsDialog) -> None:
    dialog.show_acts([DELETED, UNDONE])
    dialog.filter.setText("shop")
    assert texts(dialog) == [UNDONE.what]


def test_an_empty_list_says_so(dialog: ActsDialog) -> None:
    dialog.show_acts([])
    assert "Nothing was changed" in dialog.table.placeholder
    assert not dialog.undo.isEnabled()


def test_a_list_that_cannot_be_read_says_why(dialog: ActsDialog) -> None:
    dialog.show_reading()
    dialog.show_failed(UserError("The archive cannot be read."))
    assert dialog.banner.text.text() == "The archive cannot be read."
    assert not dialog.line.busy
