"""What the tests of the window stand on: no display, the light palette, tasks that end."""

import os

# Before anything imports Qt: it looks only once.
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from collections.abc import AsyncIterator, Iterator

import pytest
from PySide6.QtWidgets import QApplication

from ibconsole.ui.tasks import UiTasks
from ibconsole.ui.theme import Scheme, Theme


@pytest.fixture
def theme(qapp: QApplication) -> Iterator[Theme]:
    """The look of the window, light."""
    theme = Theme(qapp)
    theme.apply(Scheme.LIGHT)
    yield theme
    theme.deleteLater()


@pytest.fixture
async def tasks(qapp: QApplication) -> AsyncIterator[UiTasks]:
    """The holder of tasks; a failure that nobody expected fails the test."""
    tasks = UiTasks()
    failures: list[object] = []
    tasks.failed.connect(lambda _name, error: failures.append(error))
    yield tasks
    await tasks.close()
    assert failures == []
