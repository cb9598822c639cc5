"""The commands about the platform as a sender."""

import json
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QMainWindow

from ibconsole.archive.archive import Archive
from ibconsole.files import is_missing
from ibconsole.services.allow_list.published import editions
from ibconsole.ui.sender.allow_list_dialog import AllowListDialog
from ibconsole.ui.sender.commands import SenderCommands
from ibconsole.ui.sender.sender_dialog import SenderDialog
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.toolkit.times import TimeDisplay
from tests.unit.archive.deliveries import arrival, batch

ALL = "\n".join(map(str, editions()[0].networks))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "archive.db"


@pytest.fixture
def sender(
    archive: Path, plain_window: QMainWindow, theme: Theme, tasks: UiTasks
) -> SenderCommands:
    return SenderCommands(archive, tasks, theme, plain_window, TimeDisplay())


@pytest.fixture
async def page(sender: SenderCommands, plain_window: QMainWindow, tasks: UiTasks) -> SenderDialog:
    sender.show_sender()
    await tasks.settled()
    [page] = plain_window.findChildren(SenderDialog)
    return page


def receive(archive: Path) -> None:
    """Store one forward of the platform."""
    body = batch({"messageId": "1"})
    raw = b"POST /in HTTP/1.1\r\nuser-agent: Sender/7\r\ncontent-length: 9\r\n\r\n" + body
    with Archive(archive) as opened:
        opened.decode(opened.add_forwards([replace(arrival(body, arrived_at=9_000), raw=raw)]))


@pytest.fixture
def dialog(sender: SenderCommands, plain_window: QMainWindow) -> AllowListDialog:
    sender.check_rules()
    [dialog] = plain_window.findChildren(AllowListDialog)
    return dialog


def spoil(archive: Path) -> None:
    archive.write_bytes(b"no archive" * 500)


async def test_rules_are_compared_in_the_background(
    dialog: AllowListDialog, tasks: UiTasks
) -> None:
    """The dialog shows the comparison with what was pasted."""
    dialog.check_requested.emit(ALL)
    await tasks.settled()

    assert dialog.verdict.text() == "All 23 published networks may connect."
    dialog.reject()


async def test_rules_that_are_too_large_are_refused(
    dialog: AllowListDialog, tasks: UiTasks
) -> None:
    """10 MB are not compared, and the dialog says why."""
    dialog.check_requested.emit("1.2.3.4\n" * 1_300_000)
    await tasks.settled()

    assert "larger than 4 MiB" in dialog.verdict.text()
    dialog.reject()


async def test_a_file_is_opened(dialog: AllowListDialog, tasks: UiTasks, tmp_path: Path) -> None:
    """The rules of a file are shown; a file that cannot be read is named with the reason."""
    (tmp_path / "rules").write_bytes(ALL.encode("utf-16"))
    dialog.file_chosen.emit(tmp_path / "rules")
    await tasks.settled()
    assert dialog.editor.rules == ALL

    dialog.file_chosen.emit(tmp_path / "missing")
    await tasks.settled()

    assert dialog.verdict.text().endswith("is no file; nothing was compared.")
    dialog.reject()


async def test_closing_ends_the_comparison(dialog: AllowListDialog, tasks: UiTasks) -> None:
    """A comparison of large rules ends when the dialog is closed."""
    dialog.check_requested.emit("-A INPUT -s 1.2.3.4 -j ACCEPT\n" * 100_000)
    assert tasks.running("compare firewall rules")

    dialog.reject()

    await tasks.settled()
    assert not tasks.running("compare firewall rules")


async def test_an_archive_without_forwards_leads_to_the_listener(
    page: SenderDialog, sender: SenderCommands, archive: Path
) -> None:
    """The page says how to learn, creates no archive, and leads to the listener."""
    asked: list[bool] = []
    sender.listener_requested.connect(lambda: asked.append(True))

    assert "Start the listener" in page.notice.sentence.text()
    assert not page.export.isEnabled()
    page.notice.action.click()
    assert asked == [True]
    assert is_missing(archive)


async def test_what_was_learned_is_shown_and_exported(
    page: SenderDialog, archive: Path, tasks: UiTasks, tmp_path: Path
) -> None:
    """A refresh shows new forwards; the export has facts and unknowns."""
    receive(archive)
    page.refresh.click()
    await tasks.settled()
    assert ["user-agent:", "Sender/7", "directly", 1] in [
        [row.name, row.value, row.tunnel or "directly", row.n] for row in page.facts.records
    ]
    assert page.unknowns.total > 8

    page.export_requested.emit(tmp_path / "sender.json")
    await tasks.settled()

    written = json.loads((tmp_path / "sender.json").read_text())
    assert written["observed"] == 1
    assert len(written["unknowns"]) == page.unknowns.total
    assert "sender.json" in page.banner.text.text()
    page.reject()


async def test_a_file_that_cannot_be_written_is_said(
    page: SenderDialog, archive: Path, tasks: UiTasks, tmp_path: Path
) -> None:
    """A failed export is a sentence in the page; nothing else changes."""
    receive(archive)
    page.export_requested.emit(tmp_path)
    await tasks.settled()

    assert "could not be written" in page.banner.text.text()
    page.reject()


async def test_a_damaged_archive_is_said(page: SenderDialog, archive: Path, tasks: UiTasks) -> None:
    """An archive that cannot be read is a sentence in the page."""
    spoil(archive)
    page.refresh.click()
    await tasks.settled()

    assert page.banner.isVisible()
    assert page.refresh.isEnabled()
    page.reject()
