"""The inspector shows all of what was selected last, and nothing of what was selected before."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog
from pytestqt.qtbot import QtBot

from ibconsole.archive.records import Delivery, Flags, Progress, Slice, StoredMessage
from ibconsole.errors import UserError
from ibconsole.model.application import read_applications
from ibconsole.ui.inspector.inspector import Inspector
from ibconsole.ui.inspector.presenter import InspectorPresenter
from ibconsole.ui.inspector.summary import delivery_summary, message_summary
from ibconsole.ui.toolkit.tasks import UiTasks
from ibconsole.ui.toolkit.text import ApplicationNames
from ibconsole.ui.toolkit.theme import Theme
from ibconsole.ui.viewers.facts import Fact, RecordKind, Summary
from ibconsole.ui.viewers.raw_view import HEX_PART, PART, hex_dump, is_text, prepare_raw
from ibconsole.ui.widgets.progress_dialog import ProgressDialog
from tests.ui.made_up import CODE, RECEIVED, delivery, message

RAW = b"POST /inbound/secret HTTP/1.1\r\nHost: x\r\n\r\n{}"
NOW = RECEIVED + 3 * 3_600_000


@dataclass
class Archive:
    """Has what it was given; waits before it answers if it is slow, and counts raw reads."""

    messages: dict[int, StoredMessage] = field(default_factory=dict)
    deliveries: dict[int, Delivery] = field(default_factory=dict)
    raw_bytes: bytes = RAW
    body: bytes = b'{"results":[]}'
    cut: bytes = b""
    names: dict[str, int] = field(default_factory=dict)
    raw_reads: int = 0
    broken: bool = False
    slow: asyncio.Event | None = None

    async def message(self, message: int) -> StoredMessage | None:
        if self.slow and message == 1:
            await self.slow.wait()
        if self.broken:
            raise UserError("The archive cannot be read.")
        return self.messages.get(message)

    async def delivery(self, delivery: int) -> Delivery | None:
        return self.deliveries.get(delivery)

    async def slice(self, delivery: int, start: int, size: int, *, raw: bool = False) -> Slice:
        whole = self.raw_bytes if raw else self.body
        self.raw_reads += raw
        return Slice(whole[start : start + size], start, len(whole))

    async def rest(self, delivery: int) -> bytes:
        return self.cut

    async def named(self, message_id: str, application: str) -> int | None:
        return self.names.get(message_id)

    async def save(
        self, delivery: int, target: Path, watch: Callable[[Progress], None], *, raw: bool = False
    ) -> int:
        await asyncio.to_thread(target.write_bytes, self.raw_bytes if raw else self.body)
        return len(self.raw_bytes if raw else self.body)


@pytest.fixture
def archive() -> Archive:
    return Archive({1: message(1), 2: message(2, text="another")}, {1: delivery(1)})


@pytest.fixture
def names() -> ApplicationNames:
    return ApplicationNames()


@pytest.fixture
def inspector(qtbot: QtBot, theme: Theme) -> Inspector:
    inspector = Inspector(theme)
    qtbot.addWidget(inspector)
    return inspector


@pytest.fixture
def presenter(
    inspector: Inspector, archive: Archive, names: ApplicationNames, tasks: UiTasks
) -> InspectorPresenter:
    return InspectorPresenter(inspector, archive, names, tasks)


def facts(summary: Summary) -> dict[str, Fact]:
    return {fact.label: fact for _, found in summary.sections for fact in found}


def values(summary: Summary, *labels: str) -> list[str]:
    return [facts(summary)[label].value for label in labels]


async def test_message(inspector: Inspector, presenter: InspectorPresenter, tasks: UiTasks) -> None:
    """A message is summed up, and its JSON is shown as it was sent."""
    presenter.inspect_message(1)
    await tasks.settled()

    assert inspector.summary.lead.text() == "KEYWORD text"
    assert '"messageId": "1561984815238926404"' in inspector.json.text.toPlainText()
    shown = [row for row in inspector.summary.rows if not row.isHidden()]
    codes = {row.label.text(): row.code.value for row in shown if row.code}
    assert codes["Application code"] == CODE


async def test_request(inspector: Inspector, presenter: InspectorPresenter, tasks: UiTasks) -> None:
    """A request is summed up, too; rows that the message before had are gone."""
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
    assert inspector.summary.lead.isHidden()


async def test_last_selection_wins(
    inspector: Inspector, presenter: InspectorPresenter, archive: Archive, tasks: UiTasks
) -> None:
    """An answer that comes late never lands on what was selected since."""
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
    """Without a selection the inspector says what it is for."""
    presenter.inspect_message(1)
    await tasks.settled()
    presenter.clear()

    assert inspector._pages.currentWidget() is inspector.notice
    assert inspector.notice.sentence.text().startswith("Select a message")


@pytest.mark.parametrize("kind", RecordKind)
async def test_gone(inspector: Inspector, presenter: InspectorPresenter, kind: RecordKind) -> None:
    """What the archive does not have is not shown as empty."""
    await presenter.show(kind, 99)

    assert inspector.notice.sentence.text() == "This is not in the archive any more."


async def test_broken_archive(
    inspector: Inspector, presenter: InspectorPresenter, archive: Archive, tasks: UiTasks
) -> None:
    """A failure is said where the message would be, and can be tried again."""
    archive.broken = True
    presenter.inspect_message(1)
    await tasks.settled()
    assert inspector.notice.sentence.text() == "The archive cannot be read."

    archive.broken = False
    inspector.notice.retry.click()
    await tasks.settled()
    assert inspector._pages.currentWidget() is inspector.tabs


async def test_raw_bytes_are_read_when_looked_at(
    inspector: Inspector, presenter: InspectorPresenter, archive: Archive, tasks: UiTasks
) -> None:
    """The raw bytes, which may be many, are fetched for those who look, and then for each."""
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
    inspector: Inspector, presenter: InspectorPresenter, archive: Archive, tasks: UiTasks
) -> None:
    """A pull's raw bytes are the body of its answer."""
    archive.deliveries[1] = delivery(1, via="pull")
    inspector.tabs.setCurrentWidget(inspector.raw)
    presenter.inspect_message(1)
    await tasks.settled()

    assert inspector.raw.view.text.toPlainText() == '{"results":[]}'


async def test_bytes_that_are_no_text(
    inspector: Inspector, presenter: InspectorPresenter, archive: Archive, tasks: UiTasks
) -> None:
    """What is no text is shown in hex; either can be had."""
    archive.raw_bytes = b"\x1f\x8b\x00\xff"
    inspector.tabs.setCurrentWidget(inspector.raw)
    presenter.inspect_message(1)
    await tasks.settled()
    assert inspector.as_hex.isChecked()
    assert inspector.raw.view.text.toPlainText().startswith("00000000  1f 8b 00 ff")

    inspector.as_hex.click()
    assert "\\u001f" in inspector.raw.view.text.toPlainText()


async def test_copy(
    inspector: Inspector, presenter: InspectorPresenter, archive: Archive, tasks: UiTasks
) -> None:
    """Copying yields what was sent, not what was made readable."""
    presenter.inspect_message(1)
    inspector.tabs.setCurrentWidget(inspector.json)
    await tasks.settled()
    inspector.copy.click()
    assert QGuiApplication.clipboard().text().encode() == message(1).body

    inspector.tabs.setCurrentWidget(inspector.raw)
    await tasks.settled()
    inspector.copy.click()
    assert QGuiApplication.clipboard().text() == RAW.decode()


def test_summary_of_a_message(names: ApplicationNames) -> None:
    """The summary tells who, when and how it came, times exact and codes as secrets."""
    names.add(read_applications([{"applicationCode": CODE, "name": "Shop"}]))
    forwarded = message(7, via="forward")
    summary = message_summary(forwarded, delivery(1), names, NOW)

    assert values(summary, "Keyword", "Without keyword", "Application", "Callback data") == [
        "KEYWORD",
        "text",
        "Shop",
        "ticket 7",
    ]
    assert values(summary, "Lag", "Age") == ["3 min 12 s", "3 h ago"]
    assert values(summary, "Via", "Request", "Answered") == [
        "Forwarded to the listener, message 2 of 3",
        "POST /inbound/secret",
        "200",
    ]
    assert "12:47:56.221+00:00" in facts(summary)["Received"].tooltip
    assert facts(summary)["Application code"].is_secret
    assert facts(summary)["To"].is_secret
    assert summary.remarks == ()


def test_remarks(names: ApplicationNames) -> None:
    """What is remarkable is said in sentences; an oddity names the field."""
    odd = message(
        7,
        flags=Flags.DUPLICATE | Flags.SALVAGED | Flags.ODD | Flags.NOT_A_MESSAGE,
        duplicate_of=3,
        arrived_at=RECEIVED - 1,
        body=b'{"text": 5}',
    )
    sentences = [remark.sentence for remark in message_summary(odd, None, names, NOW).remarks]

    assert sentences == [
        "Duplicate: this message id arrived before, as message 3.",
        "Salvaged: taken from a body that was cut or broken, which may have held more.",
        "This is not a message as the platform documents it.",
        "Odd: text is not a text.",
        "It arrived before it was received: one of the two clocks is wrong.",
    ]


def test_poor_message(names: ApplicationNames) -> None:
    """A message without a time, a sender or a readable body is still shown."""
    poor = message(
        7, sender="", application_code="", received_at=None, flags=Flags.ODD, body=b"\xff{"
    )
    summary = message_summary(poor, None, names, NOW)

    assert "Application" not in facts(summary)
    assert values(summary, "Received", "Via") == [
        "Not known: the platform gave no readable time",
        "Pulled, delivery 1",
    ]


def test_long_text(names: ApplicationNames) -> None:
    """A text that no label could bear is shortened; the JSON has all of it."""
    summary = message_summary(message(7, text="x" * 100_000), None, names, NOW)

    assert len(summary.lead) < 5000
    assert summary.lead.endswith("…")


def test_summary_of_a_pull() -> None:
    """A pull tells what was asked for, what was announced, and what still waits."""
    pull = delivery(
        4, via="pull", limit_asked=10, announced=10, pending=37, problem="It was cut.",
        complete=False, base_url="https://x.api.infobip.com", method="GET", target="/reports",
    )  # fmt: skip
    summary = delivery_summary(pull, NOW)

    assert summary.title == "Pull 4"
    assert [remark.sentence for remark in summary.remarks] == ["It was cut."]
    assert values(summary, "Limit", "Announced", "Still waiting", "Body") == [
        "10",
        "10",
        "37",
        "1,432 bytes, cut",
    ]


def test_hex() -> None:
    """Bytes are shown with their offset and what is ASCII of them, sixteen to a line."""
    assert hex_dump(b"0123456789abcdef\x00\xffA").text.splitlines() == [
        "00000000  30 31 32 33 34 35 36 37 38 39 61 62 63 64 65 66  0123456789abcdef",
        "00000010  00 ff 41                                         ..A",
    ]
    assert hex_dump(b"").note == "It is empty."
    assert hex_dump(b"x" * (HEX_PART + 1)).note.startswith("Too large")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", True),
        (b"line\r\n\tnext", True),
        ("ž".encode(), True),
        (b"\x00", False),
        (b"\xff", False),
        (b"x" * (HEX_PART - 1) + "ž".encode(), True),
        (b"x" * HEX_PART + b"\xff", True),
        ("ž".encode()[:1], False),
    ],
)
def test_what_is_text(body: bytes, expected: bool) -> None:
    """Text is what reads as UTF-8 at its beginning, also if that ends within a character."""
    assert is_text(body) == expected


async def test_a_large_body_is_shown_in_parts(
    inspector: Inspector, presenter: InspectorPresenter, archive: Archive, tasks: UiTasks
) -> None:
    """However large a body is, no more of it is read than is shown; all of it can be gone to."""
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


@pytest.mark.parametrize("shift", [0, 1, 2, 3])
def test_parts_end_between_characters(shift: int) -> None:
    """No character is broken that only stands across the end of a part."""
    body = (b"x" * shift) + "\u20ac".encode() * 100
    first = prepare_raw(body[:30], 0, len(body)).text.text
    second = prepare_raw(body[30:], 30, len(body)).text.text
    assert "\ufffd" not in first + second


async def test_save(
    inspector: Inspector,
    presenter: InspectorPresenter,
    archive: Archive,
    tasks: UiTasks,
    tmp_path: Path,
) -> None:
    """All of it, to the byte, in a file of one's choice."""
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


async def test_tree(inspector: Inspector, presenter: InspectorPresenter, tasks: UiTasks) -> None:
    """JSON can be looked at as a tree, of this message and of the next."""
    inspector.as_tree.setChecked(True)
    presenter.inspect_message(1)
    await tasks.settled()
    assert inspector.json_page.currentWidget() is inspector.tree
    assert inspector.tree.tree.rowCount() > 3

    inspector.as_tree.setChecked(False)
    assert inspector.json_page.currentWidget() is inspector.json


async def test_what_is_broken_has_no_tree(
    inspector: Inspector, presenter: InspectorPresenter, archive: Archive, tasks: UiTasks
) -> None:
    """A body that was cut is shown as text, whatever was chosen."""
    archive.body = b'{"results":[{"a":1},{"b'
    archive.cut = b'{"b'
    archive.deliveries[1] = replace(delivery(1), complete=False)
    inspector.as_tree.setChecked(True)
    presenter.inspect_request(1)
    await tasks.settled()
    assert inspector.json_page.currentWidget() is inspector.json
    rows = {row.label.text(): row.text.text() for row in inspector.summary.rows}
    assert rows["As far as it came"] == '{"b'


async def test_links(
    inspector: Inspector, presenter: InspectorPresenter, archive: Archive, tasks: UiTasks
) -> None:
    """From a message one goes to those it answers, and to all of what it came with."""
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


def test_provenance(names: ApplicationNames) -> None:
    """Where it came from is said down to the byte."""
    told = replace(delivery(1), origin="a:7", headers=(("Content-Encoding", "gzip"),))
    summary = message_summary(message(1, start=12, size=3_456), told, names, NOW)
    assert values(summary, "Place", "Imported from") == [
        "3,456 bytes from byte 12 of the unpacked body",
        "a:7",
    ]
