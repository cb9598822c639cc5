"""The list of messages on a made-up archive."""

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.ui.messages.messages import MessagesPane, MessagesPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.messages.steps import MadeUpArchive, arrive


@pytest.fixture
def archive() -> MadeUpArchive:
    return MadeUpArchive()


@pytest.fixture
def names() -> ApplicationNames:
    return ApplicationNames()


@pytest.fixture
def pane(
    qtbot: QtBot, archive: MadeUpArchive, names: ApplicationNames, theme: Theme
) -> MessagesPane:
    pane = MessagesPane(archive, names, theme)
    pane.resize(1000, 400)
    qtbot.addWidget(pane)
    return pane


@pytest.fixture
def presenter(pane: MessagesPane, archive: MadeUpArchive, tasks: UiTasks) -> MessagesPresenter:
    return MessagesPresenter(pane, archive, tasks)


@pytest.fixture
async def long_list(
    pane: MessagesPane,
    presenter: MessagesPresenter,
    archive: MadeUpArchive,
    tasks: UiTasks,
    qtbot: QtBot,
) -> MessagesPane:
    """The pane on the screen with a hundred messages."""
    with qtbot.waitExposed(pane):
        pane.show()
    await arrive(presenter, archive, tasks, 100)
    return pane
