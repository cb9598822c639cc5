"""The inspector offers the commands of the list for the message that it shows."""

from collections.abc import Sequence

import pytest
from PySide6.QtCore import QPoint
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import Filter, MessageRow, StoredMessage
from ibconsole.ui.inspector.inspector import Inspector
from ibconsole.ui.inspector.message_menu import MessageMenu
from ibconsole.ui.inspector.presenter import InspectorPresenter
from ibconsole.ui.messages.copying import Copying
from ibconsole.ui.messages.message_commands import Field, Part
from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.inspector.fakes import MemoryArchive
from tests.ui.sample_records import CODE, delivery, message


class Archive(MemoryArchive):
    def rows(self, ids: Sequence[int]) -> list[MessageRow]:
        return []


class Lookup:
    async def messages(self, ids: Sequence[int]) -> Sequence[StoredMessage]:
        return [message(one) for one in ids]


@pytest.fixture
def inspector(qtbot: QtBot, theme: Theme) -> Inspector:
    inspector = Inspector(theme)
    qtbot.addWidget(inspector)
    inspector.show()
    return inspector


@pytest.fixture
def presenter(inspector: Inspector, tasks: UiTasks) -> InspectorPresenter:
    archive = MemoryArchive({7: message(7)}, {1: delivery(1)})
    return InspectorPresenter(inspector, archive, ApplicationNames(), tasks)


@pytest.fixture
def messages(qtbot: QtBot, theme: Theme) -> MessagesPane:
    pane = MessagesPane(Archive(), ApplicationNames(), theme)
    qtbot.addWidget(pane)
    return pane


@pytest.fixture
def menu(
    inspector: Inspector, presenter: InspectorPresenter, messages: MessagesPane, tasks: UiTasks
) -> MessageMenu:
    copying = Copying(Lookup(), tasks, messages.succeeded.emit, inspector)
    return MessageMenu(inspector, presenter, messages, copying)


async def test_only_for_messages(
    inspector: Inspector, presenter: InspectorPresenter, menu: MessageMenu, tasks: UiTasks
) -> None:
    """The menu is there while a message is shown, by button and right click, not for requests."""
    assert inspector.more.isHidden()
    presenter.inspect_message(7)
    await tasks.settled()
    assert not inspector.more.isHidden()
    assert [one.text() for one in inspector.menu.actions() if one.text()] == [
        "Copy text",
        "Copy JSON",
        "Copy message ID",
        "Filter by this sender",
        "Filter by this application",
        "Filter by this keyword",
        "Test with this message",
        "Resend selected messages…",
    ]
    reason = QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(inspector, QContextMenuEvent(reason, QPoint(5, 5), QPoint(5, 5)))
    assert inspector.menu.isVisible()
    inspector.menu.close()

    presenter.inspect_request(1)
    await tasks.settled()
    assert inspector.more.isHidden()
    QApplication.sendEvent(inspector, QContextMenuEvent(reason, QPoint(5, 5), QPoint(5, 5)))
    assert not inspector.menu.isVisible()


async def test_copies_follow_the_eye(
    inspector: Inspector, presenter: InspectorPresenter, menu: MessageMenu, tasks: UiTasks
) -> None:
    """Codes are masked in a copy until the inspector shows them."""
    presenter.inspect_message(7)
    await tasks.settled()
    for clear in (False, True):
        inspector.reveal.setChecked(clear)
        menu.commands.copies[Part.JSON].trigger()
        await tasks.settled()
        assert (CODE in QGuiApplication.clipboard().text()) is clear


async def test_filter_and_test(
    presenter: InspectorPresenter,
    menu: MessageMenu,
    messages: MessagesPane,
    tasks: UiTasks,
    qtbot: QtBot,
) -> None:
    """The list is filtered by the shown message's value, and the test takes that message."""
    presenter.inspect_message(7)
    await tasks.settled()
    with qtbot.waitSignals([menu.filtered, messages.filter_changed]):
        menu.commands.filters[Field.KEYWORD].trigger()
    assert messages.filter == Filter(keyword="KEYWORD")

    with qtbot.waitSignal(messages.test_requested) as tested:
        menu.commands.test.trigger()
    assert tested.args == [7]
