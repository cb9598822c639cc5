"""The list of messages on a fake archive."""

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.ui.messages.pane import MessagesPane
from ibconsole.ui.messages.presenter import MessagesPresenter
from ibconsole.ui.messages.pull_bar import PullBar
from ibconsole.ui.messages.pull_presenter import PullPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.toolkit.theme import Theme
from tests.ui.messages.pulls import CONNECTED, Display, FakePlatform
from tests.ui.messages.steps import FakeArchive, arrive


@pytest.fixture
def archive() -> FakeArchive:
    return FakeArchive()


@pytest.fixture
def names() -> ApplicationNames:
    return ApplicationNames()


@pytest.fixture
def pane(qtbot: QtBot, archive: FakeArchive, names: ApplicationNames, theme: Theme) -> MessagesPane:
    pane = MessagesPane(archive, names, theme)
    pane.resize(1000, 400)
    qtbot.addWidget(pane)
    return pane


@pytest.fixture
def presenter(pane: MessagesPane, archive: FakeArchive, tasks: UiTasks) -> MessagesPresenter:
    return MessagesPresenter(pane, archive, tasks)


@pytest.fixture
async def long_list(
    pane: MessagesPane,
    presenter: MessagesPresenter,
    archive: FakeArchive,
    tasks: UiTasks,
    qtbot: QtBot,
) -> MessagesPane:
    """The pane on the screen with a hundred messages."""
    with qtbot.waitExposed(pane):
        pane.show()
    await arrive(presenter, archive, tasks, 100)
    return pane


@pytest.fixture
def platform() -> FakePlatform:
    return FakePlatform()


@pytest.fixture
def display() -> Display:
    return Display()


@pytest.fixture
def bar(qtbot: QtBot, theme: Theme) -> PullBar:
    bar = PullBar(theme)
    qtbot.addWidget(bar)
    bar.show()
    return bar


@pytest.fixture
def pull_presenter(
    bar: PullBar, display: Display, platform: FakePlatform, tasks: UiTasks
) -> PullPresenter:
    pull_presenter = PullPresenter(
        bar, display, platform, platform, tasks, lambda: ["Shop", "Bank"]
    )
    pull_presenter.show_status(CONNECTED)
    return pull_presenter
