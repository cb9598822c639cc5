"""A thread over a real archive, in its pane: it grows, follows what arrives, and fails politely."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ibconsole.archive.archive import Archive
from ibconsole.services.messages.message_reader import on_disk
from ibconsole.services.threads.opened_thread import ThreadSource
from ibconsole.services.threads.subjects import ThreadKind
from ibconsole.ui.threads.columns import ANSWER, CONNECTION, REMARKS, TEXT
from ibconsole.ui.threads.pane import ThreadPane
from ibconsole.ui.threads.presenter import ThreadPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.ui.threads.shown import cells, stored
from tests.unit.archive.deliveries import forward
from tests.unit.services.threads.records import CODE, message


async def names() -> Mapping[str, str]:
    return {"c": "Acme"}


async def test_a_thread_is_shown_and_stays_up_to_date(
    path: Path, pane: ThreadPane, tasks: UiTasks, qtbot: QtBot
) -> None:
    """The followed message is selected, arrivals join it, and Esc goes back."""
    presenter = ThreadPresenter(pane, ThreadSource(on_disk(path), path), tasks, names)
    selected: list[int] = []
    pane.message_selected.connect(selected.append)

    presenter.follow(stored(path, 2), ThreadKind.INSTALLATION)
    await tasks.settled()

    assert cells(pane, TEXT) == ["1", "2", "1", "4"]
    assert cells(pane, ANSWER) == ["200", "200", "", ""]
    assert cells(pane, REMARKS) == ["", "", "both ways", ""]
    assert cells(pane, CONNECTION) == ["", "", "Acme", "Acme"]
    assert (pane.title.text(), pane.selected_id) == ("Installation device", 2)
    assert pane.state.text() == "4 messages, 1 came by both ways."
    assert selected == []  # the inspector shows it already
    pane.table.selectRow(0)
    assert selected == [1]

    with Archive(path) as archive:
        forward(archive, message("9", text=f"hello {CODE}"))
    presenter.notice_arrivals()
    qtbot.waitUntil(lambda: tasks.running("thread"))
    await tasks.settled()
    assert "hello 2336…8b53" in cells(pane, TEXT)
    assert pane.selected_id == 1
    with qtbot.waitSignal(pane.inspect_requested):
        pane.table.activated.emit(pane.table.currentIndex())
    with qtbot.waitSignal(pane.back_requested):
        qtbot.keyClick(pane.table, Qt.Key.Key_Escape)
    presenter.leave()
    await tasks.settled()
    await presenter.close()


async def test_a_thread_that_cannot_be_read_says_why(
    path: Path, pane: ThreadPane, tasks: UiTasks
) -> None:
    """What failed is said in place of the rows, and Retry reads it."""
    missing = path.with_name("missing")
    presenter = ThreadPresenter(pane, ThreadSource(on_disk(missing), missing), tasks, names)

    presenter.follow(stored(path, 1), ThreadKind.PAIR)
    await tasks.settled()

    assert pane.table.total == 0
    assert pane.state.text() == ""
    await asyncio.to_thread(path.rename, missing)
    pane.page.retry_requested.emit()
    await tasks.settled()
    assert cells(pane, TEXT) == ["1", "2", "1", "4"]
    await presenter.close()
