"""The list of messages over a fake archive, on the screen with a hundred messages."""

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.messages.presenter import MessagesPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.messages.steps import FakeArchive, arrive


@pytest.fixture
def names() -> ApplicationNames:
    return ApplicationNames()


@pytest.fixture
async def pane(qtbot: QtBot, names: ApplicationNames, theme: Theme, tasks: UiTasks) -> MessagesPane:
    archive = FakeArchive()
    pane = MessagesPane(archive, names, theme)
    pane.resize(1000, 400)
    qtbot.addWidget(pane)
    with qtbot.waitExposed(pane):
        pane.show()
    await arrive(MessagesPresenter(pane, archive, tasks), archive, tasks, 100)
    return pane
