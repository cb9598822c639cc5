import asyncio
from pathlib import Path

import pytest
from msgspec.structs import replace
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import Via
from ibconsole.ui.inspector.inspector import Inspector
from ibconsole.ui.inspector.presenter import InspectorPresenter
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.viewers.facts import RecordKind
from ibconsole.ui.viewers.raw_view import PART
from ibconsole.ui.widgets.progress_dialog import ProgressDialog
from tests.ui.inspector.fakes import RAW, MemoryArchive
from tests.ui.sample_records import CODE, delivery, message


@pytest.fixture
def archive() -> MemoryArchive:
    return MemoryArchive({1: message(1), 2: message(2, text="another")}, {1: delivery(1)})


@pytest.fixture
def inspector(qtbot: QtBot, theme: Theme) -> Inspector:
    inspector = Inspector(theme)
    qtbot.addWidget(inspector)
    return inspector


@pytest.fixture
def presenter(inspector: Inspector, archive: MemoryArchive, tasks: UiTasks) -> InspectorPresenter:
    return InspectorPresenter(inspector, archive, ApplicationNames(), tasks)


async def test_message(inspector: Inspector, presenter: InspectorPresenter, tasks: UiTasks) -> None:
    """A message has a summary, and its JSON is shown as it was sent."""
    presenter.inspect_message(1)
    await tasks.settled()

    assert inspector.summary.lead.text() == "KEYWORD text"
    assert '"messageId": "1561984815238926404"' in inspector.json.text.toPlainText()
    shown = [row for row in inspector.summary.rows if not row.isHidden()]
    codes = {row.label.text(): row.code.value for row in shown if row.code}
    assert codes["Application code"] == CODE


async def test_request(inspector: Inspector, presenter: InspectorPresenter, tasks: UiTasks) -> None:
    """A request has a summary too, without facts of the message shown before."""
    presenter.inspect_message(1)
    await tasks.settled()
    presenter.inspect_request(1)
    await tasks.settled()
    labels = {
        row.label.text()
        for row in inspector.summary.rows
        if not row.isHidden() and not row.label.isHidden()
    }

    assert inspector.summary.title.text() == "Forwarded request 1"
    assert "Content-Type" in labels
    assert "Application code" not in labels
    inspector.tabs.setCurrentWidget(inspector.delivery)
    assert inspector.delivery.title.text() == "Answer to request 1"
    assert inspector.summary.lead.isHidden()


async def test_last_selection_wins(
    inspector: Inspector, presenter: InspectorPresenter, archive: MemoryArchive, tasks: UiTasks
) -> None:
    """A slow answer never replaces a record that was selected later."""
    archive.slow = asyncio.Event()
    presenter.inspect_message(1)
    await asyncio.sleep(0)
    presenter.inspect_message(2)
    archive.slow.set()
    await tasks.settled()

    assert inspector.summary.lead.text() == "another"


async def test_nothing_selected(
    inspector: Inspector, presenter: InspectorPresenter, tasks: UiTasks
) -> None:
    """Without a selection the inspector explains what to select."""
    presenter.inspect_message(1)
    await tasks.settled()
    presenter.clear()

    assert inspector._pages.currentWidget() is inspector.notice
    assert inspector.notice.sentence.text().startswith("Select a message")


@pytest.mark.parametrize("kind", RecordKind)
async def test_missing_record(
    inspector: Inspector, presenter: InspectorPresenter, kind: RecordKind
) -> None:
    """A record that is not in the archive is reported as missing, not shown as empty."""
    await presenter.show(kind, 99)

    assert inspector.notice.sentence.text() == "This record is no longer in the archive."


async def test_broken_archive(
    inspector: Inspector, presenter: InspectorPresenter, archive: MemoryArchive, tasks: UiTasks
) -> None:
    """An error is shown in place of the record, and can be retried."""
    archive.broken = True
    presenter.inspect_message(1)
    await tasks.settled()
    assert inspector.notice.sentence.text() == "The archive cannot be read."

    archive.broken = False
    inspector.notice.retry.click()
    await tasks.settled()
    assert inspector._pages.currentWidget() is inspector.tabs


async def test_raw_bytes_are_read_on_demand(
    inspector: Inspector, presenter: InspectorPresenter, archive: MemoryArchive, tasks: UiTasks
) -> None:
    """Raw bytes are read only while their tab is visible, then for each selected record."""
    presenter.inspect_message(1)
    await tasks.settled()
    assert archive.raw_reads == 0

    inspector.tabs.setCurrentWidget(inspector.raw)
    await tasks.settled()
    assert inspector.raw.view.text.toPlainText().startswith("POST /inbound/secret")

    presenter.inspect_message(2)
    await tasks.settled()
    assert archive.raw_reads == 2


async def test_raw_bytes_of_a_pull(
    inspector: Inspector, presenter: InspectorPresenter, archive: MemoryArchive, tasks: UiTasks
) -> None:
    """The raw bytes of a pull are the body of its response."""
    archive.deliveries[1] = delivery(1, via=Via.PULL)
    inspector.tabs.setCurrentWidget(inspector.raw)
    presenter.inspect_message(1)
    await tasks.settled()

    assert inspector.raw.view.text.toPlainText() == '{"results":[]}'


async def test_a_large_body_is_shown_in_parts(
    inspector: Inspector, presenter: InspectorPresenter, archive: MemoryArchive, tasks: UiTasks
) -> None:
    """Of a body of any size only the visible part is read, and each part can be reached."""
    archive.raw_bytes = b"".join(b"%07d\n" % number for number in range(PART // 4))
    presenter.inspect_request(1)
    await tasks.settled()
    inspector.tabs.setCurrentWidget(inspector.raw)
    await tasks.settled()
    raw = inspector.raw
    assert raw.position.text() == "Bytes 0 to 262,144 of 524,288"
    assert not raw.previous.isEnabled()

    raw.next.click()
    await tasks.settled()
    assert raw.view.text.toPlainText().startswith("0032768\n")
    assert not raw.next.isEnabled()
    inspector.as_hex.setChecked(True)
    assert raw.view.text.toPlainText().startswith("00040000  30 30 33 32")
    assert raw.next.isEnabled()
    raw.next.click()
    await tasks.settled()
    assert raw.position.text() == "Bytes 294,912 to 327,680 of 524,288"
    raw.previous.click()
    await tasks.settled()
    assert raw.position.text() == "Bytes 262,144 to 294,912 of 524,288"


@pytest.mark.parametrize("before", [10, 30, 60, 75])
async def test_a_code_between_two_parts_is_masked(
    inspector: Inspector,
    presenter: InspectorPresenter,
    archive: MemoryArchive,
    tasks: UiTasks,
    before: int,
) -> None:
    """A code that two parts divide, or whose name is in the part before, is masked in both."""
    named = f'"applicationCode":"{CODE}"'.encode()
    archive.raw_bytes = b" " * (PART - before) + named + b"end"
    presenter.inspect_request(1)
    inspector.tabs.setCurrentWidget(inspector.raw)
    await tasks.settled()
    shown = [inspector.raw.raw.data.strip() if inspector.raw.raw else b""]
    inspector.raw.next.click()
    await tasks.settled()
    shown.append(inspector.raw.raw.data if inspector.raw.raw else b"")

    pieces = [CODE[start : start + 5].encode() for start in range(len(CODE) - 4)]
    assert not any(piece in part for piece in pieces for part in shown)
    assert shown[0].startswith(b'"applic')
    assert shown[1].endswith(b"end")


async def test_save(
    inspector: Inspector,
    presenter: InspectorPresenter,
    archive: MemoryArchive,
    tasks: UiTasks,
    tmp_path: Path,
) -> None:
    """All bytes are saved unchanged to the file that the user chose."""
    presenter.inspect_request(1)
    await tasks.settled()
    inspector.raw.save.click()
    [dialog] = inspector.findChildren(QFileDialog)
    dialog.fileSelected.emit(str(tmp_path / "file"))
    dialog.close()
    await tasks.settled()
    assert (tmp_path / "file").read_bytes() == RAW
    [done] = inspector.findChildren(ProgressDialog)
    assert f"{len(RAW)} bytes are in" in done.sentence.text()


async def test_an_incomplete_body_has_no_tree(
    inspector: Inspector, presenter: InspectorPresenter, archive: MemoryArchive, tasks: UiTasks
) -> None:
    """A truncated body is shown as text, even if the user chose the tree."""
    archive.body = b'{"results":[{"a":1},{"b'
    archive.cut = b'{"b'
    archive.deliveries[1] = replace(delivery(1), complete=False)
    inspector.as_tree.setChecked(True)
    presenter.inspect_request(1)
    await tasks.settled()
    assert inspector.json_page.currentWidget() is inspector.json
    rows = {row.label.text(): row.text.text() for row in inspector.summary.rows}
    assert rows["Received part"] == '{"b'


async def test_links(
    inspector: Inspector, presenter: InspectorPresenter, archive: MemoryArchive, tasks: UiTasks
) -> None:
    """A message has links to the messages that it answers, and to its delivery."""
    body = b'{"messageId":"m","initialMessageId":"first","pairedMessageId":"gone"}'
    archive.messages[1] = replace(archive.messages[1], body=body)
    archive.names = {"first": 2}
    presenter.inspect_message(1)
    await tasks.settled()
    rows = {row.link.text(): row for row in inspector.summary.rows if not row.link.isHidden()}
    assert set(rows) == {"Message 2", "Request 1"}
    texts = [row.text.text() for row in inspector.summary.rows if not row.text.isHidden()]
    assert "Not in this archive" in texts

    rows["Message 2"].link.click()
    await tasks.settled()
    assert inspector.summary.title.text() == "Message 2"
