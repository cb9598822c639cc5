"""A walk through the window where nobody watches: what a user would do first, and a picture.

Acts through the widgets alone, so the picture shows what a user would see.
"""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from PySide6.QtWidgets import QDialog

from ibconsole.errors import UserError
from ibconsole.ui.shell.main_window import MainWindow
from ibconsole.ui.tables import RecordRole, RecordsTable
from ibconsole.ui.widgets import ConfirmDialog

_SECONDS = 30
_LOOK = 0.02


class TourFailed(UserError):
    """The window did not come to show what it should."""


async def tour(
    window: MainWindow, picture: Path, code: str, arrive: Callable[[], Awaitable[None]]
) -> None:
    """Choose the application of this code, pull, receive a forward, and save a picture of it all.

    `arrive` lets messages arrive at the sandbox. Raises TourFailed if something does not
    happen within 30 s, or if the picture cannot be written.
    """
    table = window.setup.applications_pane.table
    await _until(lambda: table.total > 0, "no application was listed")
    _choose(table, code)
    await _until(lambda: window.setup.actions_pane.has_content, "no action was shown")
    window.messages.toolbar.pulling.pull.click()
    await _until(lambda: _question(window) is not None, "the pull did not ask")
    question = _question(window)
    if question:
        question.proceed.click()
    await _until(lambda: window.messages.model.rowCount() > 0, "nothing was pulled")
    before = window.listener.model.rowCount()
    await arrive()
    await _until(lambda: window.listener.model.rowCount() > before, "no forward arrived")
    window.messages.table.selectRow(0)
    await _until(lambda: window.inspector.shows_something, "no message was shown")
    if not window.grab().save(str(picture), "PNG"):
        raise TourFailed(f"The picture could not be saved as {picture}.")


def _choose(table: RecordsTable, code: str) -> None:
    model = table.model()
    for row in range(model.rowCount()):
        if model.index(row, 0).data(RecordRole).code == code:
            table.selectRow(row)


def _question(window: MainWindow) -> ConfirmDialog | None:
    dialogs = window.findChildren(QDialog)
    return next(
        (one for one in dialogs if isinstance(one, ConfirmDialog) and one.isVisible()), None
    )


async def _until(happened: Callable[[], bool], otherwise: str) -> None:
    try:
        async with asyncio.timeout(_SECONDS):
            while not happened():  # noqa: ASYNC110 a user looks, too
                await asyncio.sleep(_LOOK)
    except TimeoutError:
        raise TourFailed(f"The demo stopped after {_SECONDS} s: {otherwise}.") from None
