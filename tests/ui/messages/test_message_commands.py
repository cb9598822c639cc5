"""The menu of a message: what it offers, and for which selections."""

import pytest
from PySide6.QtCore import QItemSelectionModel, QObject
from PySide6.QtWidgets import QMenu
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import Filter, MessageRow
from ibconsole.ui.messages.message_commands import (
    MAX_COPIED,
    Field,
    MessageCommands,
    Part,
    value_of,
)
from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.tables.feed_table import FeedTable
from tests.ui.sample_records import BODY, CODE, row


class Targets(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.selected_count = 0
        self.record: MessageRow | None = None


@pytest.mark.parametrize(
    ("count", "record", "usable"),
    [
        (0, None, ()),
        (1, row(1), ("copy", "sender", "application", "keyword", "test", "export")),
        (1, row(1, keyword=""), ("copy", "sender", "application", "test", "export")),
        (2, None, ("copy", "export", "compare")),
        (MAX_COPIED, None, ("copy", "export")),
        (MAX_COPIED + 1, None, ("export",)),
    ],
)
def test_what_a_selection_can_be_used_for(
    qapp: object, count: int, record: MessageRow | None, usable: tuple[str, ...]
) -> None:
    """Each command says why it is disabled; several messages can be copied and exported."""
    targets = Targets()
    targets.selected_count, targets.record = count, record
    commands = MessageCommands(targets, targets)
    by_name = {
        "copy": commands.copies[Part.JSON],
        **{str(field): command for field, command in commands.filters.items()},
        "test": commands.test,
        "export": commands.export,
        "compare": commands.compare,
    }

    assert tuple(name for name, one in by_name.items() if one.isEnabled()) == usable
    assert all(one.isEnabled() or one.disabled_reason.endswith(".") for one in by_name.values())


def test_values() -> None:
    """A filter by a field has the message's own value."""
    assert [value_of(row(1), field) for field in Field] == [BODY["from"], CODE, "KEYWORD"]


def menu_of(table: FeedTable) -> list[str]:
    table._open_menu_by_key()
    [menu] = [one for one in table.findChildren(QMenu) if one.isVisible()]
    menu.close()
    return [action.text() for action in menu.actions()]


async def test_menu_of_the_list(long_list: MessagesPane, qtbot: QtBot) -> None:
    """The menu of a row has the commands in groups, and shows their shortcuts."""
    long_list.table.selectRow(3)
    assert menu_of(long_list.table) == [
        "Copy text",
        "Copy JSON",
        "Copy message ID",
        "",
        "Filter by this sender",
        "Filter by this application",
        "Filter by this keyword",
        "",
        "Test with this message",
        "Resend selected messages…",
        "Compare two messages…",
        "Export selected messages…",
        "",
        "Follow new messages",
        "",
        "Copy row\tCtrl+C",
        "",
        "Columns",
    ]
    keys = [one.shortcut_text() for one in long_list.message_commands.commands]
    assert sorted(filter(None, keys)) == [
        "Ctrl+R", "Ctrl+Shift+E", "Ctrl+Shift+I", "Ctrl+Shift+J", "Ctrl+Shift+T", "Ctrl+T",
    ]  # fmt: skip


async def test_commands_of_the_list(long_list: MessagesPane, qtbot: QtBot) -> None:
    """The commands act on the selected rows, from top to bottom."""
    commands = long_list.message_commands
    assert not commands.test.isEnabled()
    long_list.table.selectRow(3)
    with qtbot.waitSignal(long_list.test_requested) as tested:
        commands.test.trigger()
    assert tested.args == [97]

    with qtbot.waitSignal(long_list.filter_changed) as filtered:
        commands.filters[Field.KEYWORD].trigger()
    assert filtered.args == [Filter(keyword="KEYWORD")]
    with qtbot.waitSignal(long_list.filter_changed) as filtered:
        commands.filters[Field.APPLICATION].trigger()
    assert filtered.args == [Filter(keyword="KEYWORD", application=CODE)]
    assert long_list.toolbar.criteria["application"].text() == "Application 2336…8b53"

    long_list.table.selectAll()
    assert not commands.test.isEnabled()
    with qtbot.waitSignal(long_list.copy_requested) as copied:
        commands.copies[Part.TEXT].trigger()
    assert copied.args == [Part.TEXT]
    assert list(long_list.selected_ids) == list(range(100, 0, -1))
    with qtbot.waitSignal(long_list.export_requested):
        commands.export.trigger()
    with qtbot.waitSignal(long_list.resend_requested) as resent:
        commands.resend.trigger()
    assert list(resent.args[0]) == list(long_list.selected_ids)


async def test_two_messages_are_compared(long_list: MessagesPane, qtbot: QtBot) -> None:
    """The older of the two selected messages is on the left."""
    long_list.table.selectRow(3)
    flags = QItemSelectionModel.SelectionFlag
    index = long_list.model.index(5, 0)
    long_list.table.selectionModel().select(index, flags.Select | flags.Rows)

    with qtbot.waitSignal(long_list.compare_requested) as compared:
        long_list.message_commands.compare.trigger()

    assert compared.args == [95, 97]
