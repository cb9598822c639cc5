"""Export, import, retention, backup, verification and decoding, as a user meets them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import pytest
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget
from pytestqt.qtbot import QtBot

from ibconsole.archive.archive import Archive
from ibconsole.archive.reader import Reader
from ibconsole.archive.records import Filter, Progress, RetentionPolicy
from ibconsole.services.connections import JsonColumn
from ibconsole.services.evidence.har import HarTransfer
from ibconsole.services.intake.archive_writer import ArchiveWriter
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
from ibconsole.ui.widgets.progress_dialog import ProgressDialog
from tests.unit.archive.deliveries import arrival, batch
from tests.unit.services.evidence.har.samples import entry, har

D = TypeVar("D", bound=QDialog)


@dataclass
class Listed:
    filter: Filter = field(default_factory=Filter)
    count: int = 2
    selected_ids: Sequence[int] = ()
    json_columns: Sequence[JsonColumn] = ()


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
        services = ArchiveServices(
            TransferJobs(path), lambda: HarTransfer(path), Maintenance(path), retention
        )
        yield ArchiveCommands(listed, services, tasks, theme, window)


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


async def test_an_http_archive_is_imported(
    commands: ArchiveCommands, window: QWidget, tasks: UiTasks, path: Path, tmp_path: Path
) -> None:
    """Messages that another tool recorded are imported; what cannot be read is a warning."""
    source = tmp_path / "capture.har"
    posted = batch({"messageId": "3", "text": "recorded"}).decode()
    source.write_bytes(har(entry(postData={"text": posted}), {}))

    commands.import_()
    choose_file(window, source)
    await tasks.settled()

    done = open_dialog(window, ProgressDialog)
    assert messages(path) == 3
    assert "1 message imported" in done.sentence.text()
    assert "number 2" in done.sentence.text()
    done.button.click()


async def test_export_and_import(
    commands: ArchiveCommands, window: QWidget, tasks: UiTasks, path: Path, tmp_path: Path
) -> None:
    """The chosen messages are exported; importing them adds only the missing ones."""
    commands.export()
    dialog = open_dialog(window, ExportDialog)
    assert not dialog.listed.isEnabled()
    dialog.revealed.setChecked(True)
    dialog.proceed.click()
    target = tmp_path / "out.jsonl"
    choose_file(window, target)
    await tasks.settled()
    done = open_dialog(window, ProgressDialog)
    assert done.sentence.text() == f"2 messages are in {target}."
    assert target.read_bytes().count(b"\n") == 2
    done.button.click()

    with Archive(path) as archive:
        while archive.delete_batch_below(2)[0]:
            pass
    commands.import_()
    choose_file(window, target)
    await tasks.settled()
    done = open_dialog(window, ProgressDialog)
    assert "1 message imported" in done.sentence.text()
    assert messages(path) == 2


async def test_export_of_the_selected_messages(
    commands: ArchiveCommands, window: QWidget, tasks: UiTasks, listed: Listed, tmp_path: Path
) -> None:
    """Only the selected messages are exported, whatever the filter; none is not all."""
    listed.filter = Filter(text="old")
    commands.export_selected()
    dialog = open_dialog(window, ExportDialog)
    assert dialog.options.criteria == Filter(text="old")
    dialog.cancel.click()

    listed.filter, listed.selected_ids = Filter(text="old"), [2]
    commands.export_selected()
    open_dialog(window, ExportDialog).proceed.click()
    target = tmp_path / "out.jsonl"
    choose_file(window, target)
    await tasks.settled()

    sentence = open_dialog(window, ProgressDialog).sentence.text()
    assert sentence.startswith(f"1 message is in {target}.")
    assert b'"text":"new"' in target.read_bytes()


async def test_cancelled_export_asks_for_no_file(
    commands: ArchiveCommands, window: QWidget, listed: Listed
) -> None:
    """The list's filter is offered; cancelling exports nothing."""
    listed.filter, listed.count = Filter(text="old"), 1
    commands.export()
    dialog = open_dialog(window, ExportDialog)
    assert dialog.options.criteria.text == "old"

    dialog.cancel.click()

    assert not window.findChildren(QFileDialog)


async def test_failure_is_shown(
    commands: ArchiveCommands, window: QWidget, tasks: UiTasks, tmp_path: Path
) -> None:
    """A file that cannot be written is reported in the dialog."""
    commands.back_up()
    choose_file(window, tmp_path / "missing" / "copy.sqlite3")
    await tasks.settled()

    assert "cannot be written" in open_dialog(window, ProgressDialog).sentence.text()


async def test_verify_and_back_up(
    commands: ArchiveCommands, window: QWidget, tasks: UiTasks, tmp_path: Path
) -> None:
    """A verification is reported in a sentence, with the numbers as details."""
    commands.verify()
    await tasks.settled()
    done = open_dialog(window, ProgressDialog)
    assert "The archive is undamaged: 2 deliveries and 2 messages" in done.sentence.text()
    assert "2  whole" in done.details.toPlainText()
    done.button.click()

    commands.back_up()
    choose_file(window, tmp_path / "copy.sqlite3")
    await tasks.settled()
    assert "The backup is" in open_dialog(window, ProgressDialog).sentence.text()
    assert messages(tmp_path / "copy.sqlite3") == 2


async def test_decoding_again(commands: ArchiveCommands, window: QWidget, tasks: UiTasks) -> None:
    """Decoding all bodies again needs a confirmation, and is reported."""
    commands.redecode()
    open_dialog(window, ConfirmDialog).proceed.click()
    await tasks.settled()
    assert "2 bodies read again" in open_dialog(window, ProgressDialog).sentence.text()


async def test_retention(
    commands: ArchiveCommands, window: QWidget, tasks: UiTasks, path: Path
) -> None:
    """Nothing can be deleted before a preview of it was shown."""
    commands.commands[2].trigger()
    await tasks.settled()
    dialog = open_dialog(window, RetentionDialog)
    assert dialog.policy == RetentionPolicy()
    dialog.days.box.setChecked(True)
    assert not dialog.proceed.isEnabled()

    dialog._settle.timeout.emit()
    await tasks.settled()
    assert "1 message of 1 pull or forward would be deleted" in dialog.preview.text()
    assert dialog.proceed.text() == "Delete now"
    assert messages(path) == 2
    dialog.proceed.click()
    await tasks.settled()
    assert "1 message was deleted" in open_dialog(window, ProgressDialog).sentence.text()
    assert messages(path) == 1


async def test_stopped(qtbot: QtBot, window: QWidget, theme: Theme) -> None:
    """Closing the dialog stops the work; progress reported afterwards is ignored."""
    dialog = ProgressDialog("Work", "safe", theme, window)
    dialog.open()
    dialog.show_progress(Progress("Going", 1, 4))
    assert (dialog.progress.maximum(), dialog.progress.value()) == (1000, 250)
    assert dialog.stage.text() == "Going…"
    with qtbot.waitSignal(dialog.stopped):
        dialog.close()
    dialog.show_progress(Progress("Going", 2, 4))
    await asyncio.sleep(0)
