"""The pane of a thread."""

from collections.abc import Mapping
from pathlib import Path

from ibconsole.archive.archive import Archive
from ibconsole.errors import UserError
from ibconsole.services.messages.message_reader import on_disk
from ibconsole.services.threads.opened_thread import ThreadSource
from ibconsole.services.threads.subjects import ThreadKind
from ibconsole.ui.threads.columns import TEXT
from ibconsole.ui.threads.pane import ThreadPane
from ibconsole.ui.threads.presenter import ThreadPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.ui.threads.shown import cells, stored
from tests.unit.archive.deliveries import forward
from tests.unit.services.threads.records import message


async def no_names() -> Mapping[str, str]:
    raise UserError("The settings are damaged.")


async def test_silences_are_rows_between_the_messages(
    tmp_path: Path, pane: ThreadPane, tasks: UiTasks
) -> None:
    """A silence is no message: it cannot be inspected, and its tooltip says what is usual."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive:
        for minute in (*range(8), 900):
            time = f"2026-01-01T{minute // 60:02}:{minute % 60:02}:00.000+0000"
            forward(archive, message(str(minute), receivedAt=time, subscriberId="anna"))
    presenter = ThreadPresenter(pane, ThreadSource(on_disk(path), path), tasks, no_names)

    presenter.follow(stored(path, 1), ThreadKind.SUBSCRIBER)
    await tasks.settled()

    texts = cells(pane, TEXT)
    assert texts[8:10] == ["Silence of 14 h 53 min", "900"]
    assert texts[-1].startswith("Silent for ")
    pane.table.selectRow(8)
    assert pane.selected_id is None
    tooltip = pane.table.tooltip_of(pane.table.model().index(8, TEXT))
    assert "three of four gaps are 1 min or shorter" in tooltip
    presenter.leave()
    await tasks.settled()
