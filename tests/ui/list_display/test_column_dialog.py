"""The dialog of a column offers paths, names the column, and shows its values or its problem."""

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.services.connections import JsonColumn
from ibconsole.services.list_display import InvalidColumn
from ibconsole.ui.list_display.column_dialog import ColumnDialog
from ibconsole.ui.toolkit.theme import Theme


def opened(qtbot: QtBot, theme: Theme, column: JsonColumn | None = None) -> ColumnDialog:
    dialog = ColumnDialog(column, theme)
    qtbot.addWidget(dialog)
    dialog.show()
    return dialog


def has_error(dialog: ColumnDialog) -> bool:
    return dialog.path.error_mark is not None


def test_a_new_column(qtbot: QtBot, theme: Theme) -> None:
    """The name follows the path until the user types one; the paths of the message are offered."""
    dialog = opened(qtbot, theme)
    assert not dialog.keep.isEnabled()
    dialog.offer(["$.text", "$.customPayload.order"])

    with qtbot.waitSignal(dialog.changed) as changed:
        dialog.path.setText("$.customPayload.order")
    assert changed.args == [JsonColumn("", "$.customPayload.order")]
    dialog.suggest("order")
    assert dialog.column == JsonColumn("order", "$.customPayload.order")
    dialog.name.clear()
    qtbot.keyClicks(dialog.name, "No. ")
    dialog.suggest("other")
    assert dialog.column.name == "No."

    dialog.path.clear()
    qtbot.keyClick(dialog.path, Qt.Key.Key_Down)
    popup = dialog.path.completer().popup()
    assert popup
    assert popup.isVisible()
    assert popup.model().rowCount() == 2
    popup.hide()
    qtbot.waitUntil(lambda: dialog.preview.text() == "")


def test_values_and_problems(qtbot: QtBot, theme: Theme) -> None:
    """A problem is at a character of the path, and the column cannot be kept until it is gone."""
    dialog = opened(qtbot, theme, JsonColumn("", "$.x["))
    assert dialog.windowTitle() == "Add a column from a JSON path"
    dialog.show_problem(InvalidColumn("Unexpected end.", 4))
    assert (dialog.keep.isEnabled(), dialog.preview.text()) == (False, "Unexpected end.")
    assert has_error(dialog)

    dialog.path.setText("$.x")
    dialog.show_preview("In the selected message: 5")
    assert not has_error(dialog)
    with qtbot.waitSignal(dialog.chosen) as chosen:
        dialog.keep.click()
    assert chosen.args == [JsonColumn("", "$.x")]


def test_editing_a_column(qtbot: QtBot, theme: Theme) -> None:
    """A column that is edited keeps its name when its path changes."""
    dialog = opened(qtbot, theme, JsonColumn("Order", "$.order"))
    dialog.path.setText("$.x")
    dialog.suggest("x")

    assert (dialog.windowTitle(), dialog.keep.text()) == ("Edit the column", "Save")
    assert dialog.column == JsonColumn("Order", "$.x")
