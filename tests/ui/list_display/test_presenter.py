"""Columns and rules of a connection are shown, edited and kept; extras follow the rows in sight."""

from collections.abc import Sequence
from typing import TypeVar

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QDialog, QMenu
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from ibconsole.archive.records import StoredMessage
from ibconsole.errors import UserError
from ibconsole.model.application import read_application
from ibconsole.services.connections import HighlightRule, JsonColumn, ListChoices
from ibconsole.services.list_display import DisplayRequest, RowExtras, extras_of
from ibconsole.services.protection import ShownCodes
from ibconsole.services.runtime.status import ConnectionStatus, Status
from ibconsole.ui.list_display.column_dialog import ColumnDialog
from ibconsole.ui.list_display.highlight_dialog import HighlightDialog
from ibconsole.ui.list_display.presenter import ListDisplayPresenter
from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.sample_records import CODE, message

D = TypeVar("D", bound=QDialog)
CALLBACK = JsonColumn("Ticket", "$.callbackData")
KEYWORD, APP = HighlightRule("keyword:KEYWORD", "ok", "Keyword"), HighlightRule("app:Shop", "info")


class FakeSource:
    """Messages with the platform's example as JSON, or a record that cannot be read."""

    def __init__(self) -> None:
        self.broken = False
        self.asked: list[int] = []

    async def extras(self, ids: Sequence[int], request: DisplayRequest) -> Sequence[RowExtras]:
        if self.broken:
            raise UserError("The archive cannot be read.")
        self.asked += ids
        return extras_of(map(message, ids), request, ShownCodes())

    async def message(self, one: int) -> StoredMessage | None:
        return message(one)


class FakeChoices:
    """Keeps choices in memory, or refuses to."""

    def __init__(self) -> None:
        self.kept = {"a": ListChoices("a", (CALLBACK,), (KEYWORD,)), "b": ListChoices("b")}
        self.broken = False

    async def load(self, connection: str) -> ListChoices:
        if self.broken:
            raise UserError("The settings cannot be read.")
        return self.kept[connection]

    async def save(self, choices: ListChoices) -> ListChoices:
        if self.broken:
            raise UserError("The settings cannot be written.")
        self.kept[choices.connection] = choices
        return choices


def opened(connection: str) -> Status:
    return replace(Status(), connection=ConnectionStatus(connection, id=connection))


@pytest.fixture
def source() -> FakeSource:
    return FakeSource()


@pytest.fixture
def kept() -> FakeChoices:
    return FakeChoices()


@pytest.fixture
async def display(
    pane: MessagesPane,
    source: FakeSource,
    kept: FakeChoices,
    names: ApplicationNames,
    tasks: UiTasks,
    theme: Theme,
) -> ListDisplayPresenter:
    """The presenter, on a list of a hundred messages of which the newest is selected."""
    pane.table.selectRow(0)
    display = ListDisplayPresenter(pane, source, kept, names, tasks, theme)
    display.show_status(opened("a"))
    await tasks.settled()
    pane.grab()
    await tasks.settled()
    return display


def newest(pane: MessagesPane) -> list[str]:
    return [pane.model.index(0, column).data() for column in range(11, pane.model.columnCount())]


def dialog_of(pane: MessagesPane, kind: type[D]) -> D:
    """Return the dialog that was opened last."""
    return pane.window().findChildren(kind)[-1]


async def test_extras_follow(
    display: ListDisplayPresenter, pane: MessagesPane, source: FakeSource, tasks: UiTasks
) -> None:
    """The columns and rules of the open connection are shown for the rows in sight alone."""
    assert newest(pane) == ["Keyword", "ticket 7"]
    assert len(source.asked) == len(set(source.asked)) < 100
    assert pane.extras.json == (CALLBACK,)
    assert pane.selected_count == 1
    assert pane.table.isColumnHidden(11)

    display.show_status(opened("b"))
    await tasks.settled()
    assert newest(pane) == []
    display.show_status(opened("b"))
    assert not tasks.running("list choices")


async def test_failures(
    display: ListDisplayPresenter,
    pane: MessagesPane,
    source: FakeSource,
    kept: FakeChoices,
    tasks: UiTasks,
) -> None:
    """A record or settings that cannot be read are said where they are, and nothing is lost."""
    source.broken = True
    pane.model.forget_extras()
    newest(pane)
    await tasks.settled()
    assert newest(pane) == ["…", "…"]

    kept.broken = True
    display.remove_column(0)
    await tasks.settled()
    assert pane.toolbar.problem.text() == "The settings cannot be written."
    assert display.choices.columns == (CALLBACK,)
    display.show_status(opened("b"))
    await tasks.settled()
    assert pane.toolbar.problem.text() == "The settings cannot be read."
    assert display.choices == ListChoices("b")


async def test_a_preview(display: ListDisplayPresenter, pane: MessagesPane, tasks: UiTasks) -> None:
    """A column is previewed in the selected message and in the newest ones."""
    display.add.trigger()
    dialog = dialog_of(pane, ColumnDialog)
    dialog.path.setText("$.customPayload.key1")
    dialog.changed.emit(dialog.column)
    await tasks.settled()
    assert dialog.name.text() == "key1"
    assert dialog.preview.text() == (
        "In the selected message: 1\nOf the newest 100 messages of the list, 100 have a value."
    )
    dialog.path.setText("$.none")
    dialog.changed.emit(dialog.column)
    await tasks.settled()
    assert dialog.preview.text() == (
        "The selected message has nothing there.\n"
        "Of the newest 100 messages of the list, none has one."
    )
    dialog.changed.emit(JsonColumn("", "$.a["))
    await tasks.settled()
    assert "RFC 9535" in dialog.preview.text()
    dialog.reject()


async def test_columns_are_kept(
    display: ListDisplayPresenter,
    pane: MessagesPane,
    kept: FakeChoices,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """A column is kept under a free name, edited and removed by the menu of its header."""
    display.add_column("$.customPayload.key1")
    dialog = dialog_of(pane, ColumnDialog)
    dialog.chosen.emit(JsonColumn("Text", "$.text"))
    await tasks.settled()
    assert "There is a column Text already" in dialog.preview.text()

    dialog.chosen.emit(JsonColumn("", "$.customPayload.key1"))
    await tasks.settled()
    assert [*kept.kept["a"].columns] == [CALLBACK, JsonColumn("key1", "$.customPayload.key1")]
    newest(pane)
    await tasks.settled()
    assert newest(pane) == ["Keyword", "ticket 7", "1"]

    menu = QMenu(pane)
    display._on_menu_filled(menu, 13)
    edit, remove = menu.actions()[-2:]
    assert [edit.text(), remove.text()] == ["Edit “key1”…", "Remove “key1”"]
    edit.trigger()
    dialog_of(pane, ColumnDialog).chosen.emit(JsonColumn("Key", "$.customPayload"))
    await tasks.settled()
    remove.trigger()
    with qtbot.waitSignal(pane.succeeded):
        await tasks.settled()
    assert [*kept.kept["a"].columns] == [CALLBACK]


async def test_a_dialog_that_is_cancelled(
    display: ListDisplayPresenter, pane: MessagesPane, kept: FakeChoices, tasks: UiTasks
) -> None:
    """What was to be kept is kept, or said to have failed, without the dialog that is gone."""
    assert display._known_values().keywords == ["KEYWORD"]
    for broken in (False, True):
        kept.broken = broken
        display.add_column()
        dialog = dialog_of(pane, ColumnDialog)
        await tasks.settled()
        dialog.chosen.emit(JsonColumn(f"Name {broken}", "$.text"))
        delete(dialog)
        display.edit_rules()
        await tasks.settled()
        rules = dialog_of(pane, HighlightDialog)
        rules.chosen.emit()
        delete(rules)
        await tasks.settled()

    assert [one.name for one in kept.kept["a"].columns] == ["Ticket", "Name False"]
    pane.table.clearSelection()
    display.add_column("$.text")
    await tasks.settled()
    dialog_of(pane, ColumnDialog).reject()


def test_the_menu_of_a_table(display: ListDisplayPresenter, pane: MessagesPane) -> None:
    """Without a mouse, each column is edited and removed in a submenu."""
    menu = QMenu(pane)
    display._on_menu_filled(menu, -1)
    inner = [one.menu() for one in menu.actions()]
    texts = [one.text() for each in inner if isinstance(each, QMenu) for one in each.actions()]

    assert texts == ["Ticket…", "Ticket"]
    other = QMenu(pane)
    display._on_menu_filled(other, 3)
    assert other.actions()[-1] is display.add


async def test_rules(
    display: ListDisplayPresenter,
    pane: MessagesPane,
    source: FakeSource,
    kept: FakeChoices,
    tasks: UiTasks,
) -> None:
    """Rules are counted over the newest messages; those that are wrong are not kept."""
    display.highlight.trigger()
    dialog = dialog_of(pane, HighlightDialog)
    dialog.table.rules.show_rows([APP, KEYWORD, HighlightRule("via:x", "ok")])
    dialog.changed.emit()
    await tasks.settled()
    assert dialog.table.rules.matches == {0: 0, 1: 100}
    assert not dialog.save.isEnabled()
    dialog.chosen.emit()
    await tasks.settled()
    assert "Expected pull or forward" in dialog.state.text()

    source.broken = True
    dialog.changed.emit()
    await tasks.settled()
    assert dialog.state.text() == "The archive cannot be read."
    source.broken = False
    dialog.table.rules.remove(2)
    dialog.chosen.emit()
    await tasks.settled()
    assert kept.kept["a"].rules == (APP, KEYWORD)


async def test_rules_by_names(
    display: ListDisplayPresenter,
    pane: MessagesPane,
    kept: FakeChoices,
    names: ApplicationNames,
    tasks: UiTasks,
) -> None:
    """The first match wins; a rule by the name of an application holds once that is known."""
    kept.kept["b"] = ListChoices("b", rules=(APP, KEYWORD))
    display.show_status(opened("b"))
    await tasks.settled()
    newest(pane)
    await tasks.settled()
    assert newest(pane) == ["Keyword"]

    names.add([read_application({"applicationCode": CODE, "name": "Shop"})])
    newest(pane)
    await tasks.settled()
    assert newest(pane)[0] == "app:Shop"
