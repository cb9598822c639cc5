"""The commands that copy links to what is selected."""

from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QObject, Signal

from ibconsole.errors import Severity
from ibconsole.model import Application
from ibconsole.services.diagnosis import Finding
from ibconsole.services.links import (
    ApplicationLink,
    ConnectionLink,
    FindingLink,
    Link,
    MessageLink,
    MessageNames,
    code_digest,
    format_link,
)
from ibconsole.services.messages import StoredMessage
from ibconsole.services.runtime import ConnectionStatus
from ibconsole.ui.toolkit import Command, Group, UiTasks, copy_to_clipboard

_TASK = "copy link"
_COPIED = "The link was copied. There is no secret in it."
_NO_CONNECTION = "No saved connection is open."
_NO_APPLICATION = "No application is selected."
_NO_MESSAGE = "Select one message."
_NO_FINDING = "No finding is selected."
_NO_MESSAGE_ID = (
    "No link can be made: the message has no message ID, and was received on another computer."
)
_LONGEST_MESSAGE_ID = 200


class LinkSources(Protocol):
    """The selection in the window, None for nothing; `message` is the id of a single message."""

    @property
    def connection(self) -> ConnectionStatus: ...
    @property
    def application(self) -> Application | None: ...
    @property
    def message(self) -> int | None: ...
    @property
    def finding(self) -> Finding | None: ...


class MessageNaming(Protocol):
    """Reads the names of a message."""

    async def names(self, message: int, /) -> MessageNames: ...


class LinkCommands(QObject):
    """Copies links. Call `update` when the selection has changed.

    `notice_raised` carries a severity and a sentence.
    """

    notice_raised = Signal(Severity, str)

    def __init__(
        self,
        sources: LinkSources,
        lookup: MessageNaming,
        tasks: UiTasks,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._sources = sources
        self._lookup = lookup
        self._tasks = tasks
        self.connection = self._command("connection", Group.CONNECTION, self._on_connection)
        self.application = self._command("application", Group.SETUP, self._on_application)
        self.message = self._command("message", Group.MESSAGES, self._on_message, "Ctrl+Shift+L")
        self.finding = self._command("finding", Group.SETUP, self._on_finding)
        self.commands = (self.connection, self.application, self.message, self.finding)
        self.update()

    def update(self, *_: object) -> None:
        """Disable the commands for which nothing is selected, with the reason."""
        sources = self._sources
        for command, reason, selected in (
            (self.connection, _NO_CONNECTION, sources.connection.id),
            (self.application, _NO_APPLICATION, sources.application),
            (self.message, _NO_MESSAGE, sources.message),
            (self.finding, _NO_FINDING, sources.finding),
        ):
            command.set_disabled_reason("" if selected else reason)

    async def copy_message(self, message: int) -> None:
        """Copy the link to a message, by its number on this disk and by its message id."""
        names = await self._lookup.names(message)
        stored = names.message
        if stored is None:
            self.notice_raised.emit(Severity.WARNING, "The message was deleted meanwhile.")
            return
        link = link_to_message(stored, names.archive)
        if link is None:
            self.notice_raised.emit(Severity.WARNING, _NO_MESSAGE_ID)
        else:
            self._copy(link)

    def _copy(self, link: Link) -> None:
        copy_to_clipboard(format_link(link))
        self.notice_raised.emit(Severity.OK, _COPIED)

    def _on_connection(self) -> None:
        self._copy(ConnectionLink(connection=self._sources.connection.id))

    def _on_application(self) -> None:
        if application := self._sources.application:
            digest, connection = code_digest(application.code), self._sources.connection.id
            self._copy(ApplicationLink(digest=digest, connection=connection))

    def _on_message(self) -> None:
        if message := self._sources.message:
            self._tasks.start(_TASK, self.copy_message, message)

    def _on_finding(self) -> None:
        if finding := self._sources.finding:
            self._copy(link_to_finding(finding, self._sources.connection.id))

    def _command(
        self, noun: str, group: Group, run: Callable[[], object], shortcut: str = ""
    ) -> Command:
        name = f"Copy link to the {noun}"
        return Command(name, group, run, shortcut=shortcut, icon_name="link", parent=self)


def link_to_message(message: StoredMessage, archive: str) -> MessageLink | None:
    """Return the link to a message; None if nothing in it identifies the message."""
    is_short = len(message.message_id) <= _LONGEST_MESSAGE_ID and message.message_id.isprintable()
    message_id = message.message_id if is_short else ""
    if not archive and not message_id:
        return None
    code = message.application_code
    is_known = code and "…" not in code  # an administrator may have codes masked
    return MessageLink(
        archive=archive,
        number=message.id if archive else 0,
        message_id=message_id,
        application=code_digest(code) if is_known else "",
    )


def link_to_finding(finding: Finding, connection: str) -> FindingLink:
    """Return the link to a finding of a connection."""
    code = finding.subject.application
    return FindingLink(
        number=finding.number,
        fingerprint=finding.id,
        application=code_digest(code) if code else "",
        connection=connection,
    )
