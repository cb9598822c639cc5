"""What the tests of the window stand on: no display, the light palette, tasks that end."""

import os

# Before anything imports Qt: it looks only once.
os.environ["QT_QPA_PLATFORM"] = "offscreen"

from collections.abc import AsyncIterator, Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from ibconsole.ui.tasks import UiTasks
from ibconsole.ui.theme import Scheme, Theme


@pytest.fixture(scope="session")
def look(qapp: QApplication) -> Theme:
    """One for all tests: dressing the application anew for each took half of their time."""
    look = Theme(qapp)
    look.apply(Scheme.LIGHT)
    return look


@pytest.fixture
def theme(look: Theme) -> Iterator[Theme]:
    """The look of the window, light."""
    # Some tests dress the application by a theme of their own: nothing to do if none did.
    look.apply(Scheme.LIGHT)
    yield look
    # Nobody runs Qt's own loop here, so nobody else deletes the widgets of the test.
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
async def tasks(qapp: QApplication) -> AsyncIterator[UiTasks]:
    """The holder of tasks; a failure that nobody expected fails the test."""
    tasks = UiTasks()
    failures: list[object] = []
    tasks.failed.connect(lambda _name, error: failures.append(error))
    yield tasks
    await tasks.close()
    assert failures == []
