"""Copying links to what is selected."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMainWindow

from ibconsole.archive.archive import Archive
from ibconsole.errors import Severity
from ibconsole.model import Application
from ibconsole.services.diagnosis import Basis, Confidence, Finding, Level, Subject
from ibconsole.services.links import (
    ApplicationLink,
    ConnectionLink,
    FindingLink,
    Link,
    LinkLookup,
    MessageLink,
    code_digest,
    parse_link,
)
from ibconsole.services.messages import AsyncReader
from ibconsole.services.runtime import ConnectionStatus
from ibconsole.services.team.reading import RecordReader
from ibconsole.ui.links.link_commands import LinkCommands, link_to_message
from ibconsole.ui.toolkit.commands import Command
from ibconsole.ui.toolkit.tasks import UiTasks
from tests.ui.diagnosis.records import application
from tests.unit.archive.deliveries import arrival, batch

CONNECTION = "6f1b5cba-3a1f-4c36-9f4e-5a2b9d1d7c10"
CODE = "0123456789abcdef0123456789abcdef-12345678-abcd"
FINDING = Finding(
    1001, Level.ERROR, Subject(CONNECTION, CODE), "It is so.", Confidence(Basis.OBSERVED)
)


@dataclass
class Selected:
    connection: ConnectionStatus = field(default_factory=ConnectionStatus)
    application: Application | None = None
    message: int | None = None
    finding: Finding | None = None


async def test_links_to_what_is_selected(  # noqa: PLR0915 one for each kind
    plain_window: QMainWindow, tasks: UiTasks, tmp_path: Path
) -> None:
    """Each command copies a link that is read back, or says what is to be selected first."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as archive:
        messages = [{"messageId": "a", "applicationCode": CODE}, {"messageId": "b" * 300}]
        archive.decode(archive.add_forwards([arrival(batch(*messages))]))
    selected, notices = Selected(), list[tuple[Severity, str]]()
    async with AsyncReader(path) as disk, RecordReader(disk) as record:
        lookup = LinkLookup(disk, record)
        commands = LinkCommands(selected, lookup, tasks, plain_window)
        commands.notice_raised.connect(lambda *of: notices.append(of))
        assert not any(one.isEnabled() for one in commands.commands)

        async def copied(command: Command) -> Link:
            QGuiApplication.clipboard().clear()
            command.trigger()
            await tasks.settled()
            text = QGuiApplication.clipboard().text()
            assert CODE not in text
            return parse_link(text)

        selected.connection = ConnectionStatus("Acme", "https://a", id=CONNECTION)
        selected.application = application(CODE)
        selected.message = 1
        selected.finding = FINDING
        commands.update()
        own, digest = await disk.identity(), code_digest(CODE)

        assert await copied(commands.connection) == ConnectionLink(connection=CONNECTION)
        assert await copied(commands.application) == ApplicationLink(
            digest=digest, connection=CONNECTION
        )
        assert await copied(commands.message) == MessageLink(
            archive=own, number=1, message_id="a", application=digest
        )
        assert await copied(commands.finding) == FindingLink(
            number=1001, fingerprint=FINDING.id, application=digest, connection=CONNECTION
        )
        selected.message = 2
        assert await copied(commands.message) == MessageLink(archive=own, number=2)
        assert [severity for severity, _ in notices] == [Severity.OK] * 5
        selected.message = 9
        commands.message.trigger()
        await tasks.settled()
        assert notices[-1] == (Severity.WARNING, "The message was deleted meanwhile.")


@pytest.mark.parametrize(("archive", "expected"), [("", None), ("a" * 32, "")])
async def test_a_message_without_a_name(archive: str, expected: str | None, tmp_path: Path) -> None:
    """Without message id it has a link on its own computer alone; a masked code is in none."""
    path = tmp_path / "archive.sqlite3"
    with Archive(path) as stored:
        stored.decode(stored.add_forwards([arrival(batch({"applicationCode": "0123…cdef"}))]))
    async with AsyncReader(path) as disk:
        [message] = await disk.messages([1])

    link = link_to_message(message, archive)
    assert (link and link.application) == expected
