"""The demo's tour of the window, which ends with a screenshot.

It acts through the widgets alone, so that the picture shows what a user would see.
"""

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtCore import QBuffer
from PySide6.QtWidgets import QDialog

from ibconsole.errors import UserError
from ibconsole.files import save
from ibconsole.ui.shell import MainWindow
from ibconsole.ui.tables import RecordRole, RecordsTable
from ibconsole.ui.widgets import ConfirmDialog

_TIMEOUT = 30
_POLL_INTERVAL = 0.02


class DemoFailed(UserError):
    """A step of the demo did not happen in time, or the screenshot could not be saved."""


def new_screenshot_path() -> Path:
    """Create an empty temporary file for a screenshot and return its path."""
    descriptor, name = tempfile.mkstemp(prefix="ibconsole-demo-", suffix=".png")
    os.close(descriptor)
    return Path(name)


async def take_screenshot(
    window: MainWindow, picture: Path, code: str, send_messages: Callable[[], Awaitable[None]]
) -> None:
    """Select the application with this code, pull, receive a forward, and save a screenshot.

    `send_messages` sends messages to that application. Raises DemoFailed if a step takes more than
    30 s, or if the picture cannot be written.
    """
    table, requests = window.setup.applications_pane.table, window.listener.model
    await _wait_until(lambda: table.total > 0, "no application was listed")
    _select_application(table, code)
    await _wait_until(lambda: window.setup.actions_pane.has_content, "no action was shown")
    window.messages.toolbar.pulling.pull.click()
    await _wait_until(lambda: _question(window) is not None, "the pull did not ask")
    question = _question(window)
    if question:
        question.proceed.click()
    messages = window.messages
    await _wait_until(lambda: messages.model.rowCount() > 0, "nothing was pulled")
    before, pulled = requests.rowCount(), messages.model.rowCount()
    await send_messages()
    await _wait_until(lambda: requests.rowCount() > before, "no forward arrived")
    await _wait_until(lambda: messages.model.rowCount() > pulled, "no forward was listed")
    health = window.setup.applications_pane.health
    await _wait_until(
        lambda: health.isVisible() and health.pause_button.isHidden(),
        "the health of the applications was not known",
    )
    messages.table.show_newest()
    messages.table.selectRow(0)
    await _wait_until(lambda: window.inspector.shows_something, "no message was shown")
    messages.table.columns.measure()  # else it follows a moment later
    buffer = QBuffer()
    window.grab().save(buffer, "PNG")
    try:
        save(picture, bytes(buffer.data().data()))
    except OSError as error:
        raise DemoFailed(
            f"The picture could not be saved as {picture}: {error.strerror}."
        ) from error


def _select_application(table: RecordsTable, code: str) -> None:
    model = table.model()
    for row in range(model.rowCount()):
        if model.index(row, 0).data(RecordRole).code == code:
            table.selectRow(row)


def _question(window: MainWindow) -> ConfirmDialog | None:
    dialogs = window.findChildren(QDialog)
    return next(
        (one for one in dialogs if isinstance(one, ConfirmDialog) and one.isVisible()), None
    )


async def _wait_until(condition: Callable[[], bool], failure: str) -> None:
    try:
        async with asyncio.timeout(_TIMEOUT):
            while not condition():  # noqa: ASYNC110 as a user does, it looks at the widgets
                await asyncio.sleep(_POLL_INTERVAL)
    except TimeoutError:
        raise DemoFailed(f"The demo stopped after {_TIMEOUT} s: {failure}.") from None
