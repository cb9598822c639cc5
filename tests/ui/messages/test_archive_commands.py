"""Export, import, bounds, verify, back up and reread, as their user meets them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Progress, RetentionPolicy
from ibconsole.services.intake.archive_writer import ArchiveWriter
from ibconsole.services.messages.export import Format
from ibconsole.services.messages.jobs import TransferJobs
from ibconsole.services.messages.maintenance import Maintenance
from ibconsole.services.messages.retention import Retention
from ibconsole.tasks import Tasks
from ibconsole.ui.messages.archive_commands import ArchiveCommands, ArchiveServices
from ibconsole.ui.messages.export_dialog import ExportDialog
from ibconsole.ui.messages.retention_dialog import RetentionDialog
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.widgets.confirm import ConfirmDialog
from ibconsole.ui.widgets.progress_dialog import WorkDialog
from tests.unit.archive.processes import arrival, batch

D = TypeVar("D", bound=QDialog)


@dataclass
class Listed:
    filter: Filter = field(default_factory=Filter)
    count: int = 2


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "data" / "archive.sqlite3"
    with Archive(path) as archive:
        old = arrival(batch({"messageId": "1", "text": "old"}), arrived_at=1_000)
        new = arrival(batch({"messageId": "2", "text": "new"}), arrived_at=9_999_999_999_999)
        archive.decode(archive.add_forwards([old, new]))
    return path


@pytest.fixture
def window(qtbot: QtBot) -> QWidget:
    window = QWidget()
    qtbot.addWidget(window)
    return window


def fail(name: str, error: BaseException) -> None:
    raise AssertionError(name) from error


@pytest.fixture
def listed() -> Listed:
    return Listed()


@pytest.fixture
async def commands(
    path: Path, window: QWidget, tasks: UiTasks, theme: Theme, listed: Listed
) -> AsyncIterator[ArchiveCommands]:
    async with ArchiveWriter(path, Tasks(fail), lambda _: None) as writer:
        retention = Retention(path.with_name("settings.json"), writer)
        hands = ArchiveServices(TransferJobs(path), Maintenance(path), retention)
        yield ArchiveCommands(listed, hands, tasks, theme, window)


def open_dialog(window: QWidget, kind: type[D]) -> D:
    [dialog] = [one for one in window.findChildren(kind) if one.isVisible()]
    return dialog


def choose_file(window: QWidget, path: Path) -> None:
    dialog = open_dialog(window, QFileDialog)
    dialog.fileSelected.emit(str(path))
    dialog.close()


def messages(path: Path) -> int:
    with Reader(path) as reader:
        return len(reader.find(Filter()))


async def test_export_and_import(
    commands: ArchiveCommands, window: QWidget, tasks: UiTasks, path: Path, tmp_path: Path
) -> None:
    """What was chosen is in the file, and comes in again only where it is missing."""
    commands.export()
    asked = open_dialog(window, ExportDialog)
    assert not asked.listed.isEnabled()
    asked.revealed.setChecked(True)
    asked.proceed.click()
    target = tmp_path / "out.jsonl"
    choose_file(window, target)
    await tasks.settled()
    done = open_dialog(window, WorkDialog)
    assert done.sentence.text() == f"2 messages are in {target}."
    assert target.read_bytes().count(b"\n") == 2
    done.button.click()

    with Archive(path) as archive:
        while archive.delete_batch_below(2)[0]:
            pass
    commands.import_()
    choose_file(window, target)
    await tasks.settled()
    done = open_dialog(window, WorkDialog)
    assert "1 message imported" in done.sentence.text()
    assert messages(path) == 2


async def test_export_of_what_is_listed(
    commands: ArchiveCommands, window: QWidget, tasks: UiTasks, listed: Listed, tmp_path: Path
) -> None:
    """The list's filter is offered first; a time narrows it down."""
    listed.filter, listed.count = Filter(text="old"), 1
    commands.export()
    asked = open_dialog(window, ExportDialog)
    assert asked.listed.text() == "The 1 that are listed"
    asked.format.setCurrentText("CSV for spreadsheets")
    asked.since.setChecked(True)
    wish = asked.wish
    assert wish.format is Format.CSV
    assert wish.wanted.text == "old"
    assert wish.wanted.since is not None
    assert wish.wanted.until is None
    assert (asked.suffix, wish.revealed) == ("csv", False)

    asked.format.setCurrentText("Raw bodies (.tar)")
    assert asked.wish.revealed
    assert not asked.revealed.isEnabled()
    asked.cancel.click()
    assert not window.findChildren(QFileDialog)


async def test_what_fails_is_said(
    commands: ArchiveCommands, window: QWidget, tasks: UiTasks, tmp_path: Path
) -> None:
    """A place that cannot be written to is a sentence in the dialog."""
    commands.back_up()
    choose_file(window, tmp_path / "missing" / "copy.sqlite3")
    await tasks.settled()

    assert "cannot be written" in open_dialog(window, WorkDialog).sentence.text()


async def test_verify_and_back_up(
    commands: ArchiveCommands, window: QWidget, tasks: UiTasks, tmp_path: Path
) -> None:
    """What was found is said in a sentence, and in numbers below it."""
    commands.verify()
    await tasks.settled()
    done = open_dialog(window, WorkDialog)
    assert "The archive is undamaged: 2 deliveries and 2 messages" in done.sentence.text()
    assert "2  whole" in done.details.toPlainText()
    done.button.click()

    commands.back_up()
    choose_file(window, tmp_path / "copy.sqlite3")
    await tasks.settled()
    assert "The backup is" in open_dialog(window, WorkDialog).sentence.text()
    assert messages(tmp_path / "copy.sqlite3") == 2


async def test_reading_again(commands: ArchiveCommands, window: QWidget, tasks: UiTasks) -> None:
    """It is asked before, and told after."""
    commands.redecode()
    open_dialog(window, ConfirmDialog).proceed.click()
    await tasks.settled()
    assert "2 bodies read again" in open_dialog(window, WorkDialog).sentence.text()


async def test_how_much_is_kept(
    commands: ArchiveCommands, window: QWidget, tasks: UiTasks, path: Path
) -> None:
    """Nothing can be deleted before its user saw what would go."""
    commands.commands[2].trigger()
    await tasks.settled()
    asked = open_dialog(window, RetentionDialog)
    assert asked.keep == RetentionPolicy()
    asked.days.box.setChecked(True)
    assert not asked.proceed.isEnabled()

    asked._calm.timeout.emit()
    await tasks.settled()
    assert "1 message of 1 pull or forward would be deleted" in asked.preview.text()
    assert asked.proceed.text() == "Delete them now"
    assert messages(path) == 2
    asked.proceed.click()
    await tasks.settled()
    assert "1 messages were deleted" in open_dialog(window, WorkDialog).sentence.text()
    assert messages(path) == 1


async def test_stopped(qtbot: QtBot, window: QWidget, theme: Theme) -> None:
    """Closing the dialog stops the work; what it says afterwards is heard by nobody."""
    dialog = WorkDialog("Work", "safe", theme, window)
    dialog.open()
    dialog.show_progress(Progress("Going", 1, 4))
    assert (dialog.progress.maximum(), dialog.progress.value()) == (1000, 250)
    assert dialog.stage.text() == "Going…"
    with qtbot.waitSignal(dialog.stopped):
        dialog.close()
    dialog.show_progress(Progress("Going", 2, 4))
    await asyncio.sleep(0)
