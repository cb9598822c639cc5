"""A pane of threads, and an archive with a conversation."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pytestqt.qtbot import QtBot

from ibconsole.archive.archive import Archive
from ibconsole.ui.threads.pane import ThreadPane
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.unit.services.threads.records import fill

if TYPE_CHECKING:  # pytest-qt has not chosen its binding yet
    from pytestqt.modeltest import ModelTester


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive:
        fill(archive)
    return path


@pytest.fixture
def pane(qtbot: QtBot, theme: Theme, qtmodeltester: "ModelTester") -> ThreadPane:
    pane = ThreadPane(ApplicationNames(), theme, TimeDisplay())
    qtbot.addWidget(pane)
    qtmodeltester.check(pane.model)
    pane.resize(1000, 400)
    pane.show()
    return pane
