"""Follows links: asks where that is needed, opens the connection, and shows what a link leads to.

A link never acts. Another account is connected only after a question, and what the link leads to
waits for a dialog that is open. What does not exist here is one sentence, and nothing changes.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QDialog, QWidget

from ibconsole.errors import Severity, UserError
from ibconsole.model import Application
from ibconsole.services.connections import Connection, Environment, Settings
from ibconsole.services.links import (
    ApplicationLink,
    CaseLink,
    ConnectionLink,
    FindingLink,
    Link,
    MessageLink,
    code_digest,
    parse_link,
)
from ibconsole.services.runtime import ConnectionStatus
from ibconsole.ui.links.link_dialog import LinkDialog, LinkQuestion
from ibconsole.ui.toolkit import Theme, UiTasks
from ibconsole.ui.widgets import has_dialog, open_dialog

_TASK = "link"
_LOOK_INTERVAL = 0.25  # seconds after which a condition is looked at again, besides at each change

_UNKNOWN_CONNECTION = (
    "The connection of the link is not saved on this computer. Nothing was changed."
)
_NO_CONNECTION = "No connection is open. Open the one of the link's account, and the link again."
_NO_APPLICATION = (
    "The application of the link is not in the open account, which was not changed. It belongs to"
    " another account, or was deleted."
)
_NOT_LISTED = (
    "The applications of the account could not be listed, so the link was not shown. Nothing was"
    " changed."
)
_NO_MESSAGE = (
    "The message of the link was not received on this computer, or it was deleted. Nothing was"
    " changed."
)
_NO_FINDING = "{} is not found now: it may have been put right. Nothing was changed."
_NO_CASE = "The case of the link is not on this computer. Nothing was changed."


class OpenedAccount(Protocol):
    """The open connection and its applications, None until they were listed."""

    @property
    def connection(self) -> ConnectionStatus: ...
    @property
    def applications(self) -> Sequence[Application] | None: ...
    @property
    def is_listing(self) -> bool: ...


class ConnectionOpener(Protocol):
    """The saved connections; opening one is a task that the user may cancel."""

    @property
    def settings(self) -> Settings: ...
    @property
    def is_opening(self) -> bool: ...
    def start_opening(self, connection: Connection, /) -> None: ...


class LinkPlaces(Protocol):
    """The places of the window that a link leads to.

    `find_message` returns the id of a message in the record that is shown, None if it is not there.
    `show_finding` calls `missing` once it is known that there is no such finding.
    """

    def show_connection(self) -> None: ...
    def show_application(self, application: Application, /) -> None: ...
    async def find_message(self, link: MessageLink, /) -> int | None: ...
    def show_message(self, message: int, link: MessageLink, /) -> None: ...
    def show_finding(
        self, link: FindingLink, application: Application | None, missing: Callable[[], object], /
    ) -> None: ...
    async def show_case(self, case: str, /) -> bool: ...


class LinkPresenter(QObject):
    """Follows one link at a time; the latest one wins.

    `notice_raised` carries a severity and a sentence, `window_requested` a connection that is to be
    opened in another window, and the link to follow there. Call `look_again` when the connection or
    its applications have changed. Without `connections` no other account can be opened.
    """

    notice_raised = Signal(Severity, str)
    window_requested = Signal(Connection, str)

    # Seconds in which the window follows a connection that was opened.
    STATUS_DELAY = 5.0

    def __init__(
        self,
        account: OpenedAccount,
        places: LinkPlaces,
        tasks: UiTasks,
        theme: Theme,
        window: QWidget,
        *,
        connections: ConnectionOpener | None = None,
    ) -> None:
        super().__init__(window)
        self._account = account
        self._places = places
        self._tasks = tasks
        self._theme = theme
        self._window = window
        self._connections = connections
        self._changed = asyncio.Event()
        self._text = ""

    def follow(self, text: str) -> None:
        """Show what a link leads to; a text that is none is one sentence."""
        try:
            link = parse_link(text)
        except UserError as error:
            self.notice_raised.emit(Severity.INFO, str(error))
            return
        self._text = text
        self._tasks.start(_TASK, self.show, link)

    def look_again(self, *_: object) -> None:
        """Look again at what a link waits for."""
        self._changed.set()

    async def show(self, link: Link) -> None:
        """Show what a link leads to, after the questions that it needs."""
        if not await self._wait_for_dialogs():
            return
        match link:
            case ConnectionLink():
                await self._show_connection(link)
            case ApplicationLink():
                await self._show_application(link)
            case MessageLink():
                await self._show_message(link)
            case FindingLink():
                await self._show_finding(link)
            case CaseLink():
                await self._show_case(link)

    async def _show_connection(self, link: ConnectionLink) -> None:
        settings = self._connections.settings if self._connections else Settings()
        named = settings.connection(link.connection) or settings.named(link.connection)
        if named is None:
            self._say(_UNKNOWN_CONNECTION)
        elif await self._enter(named):
            self._places.show_connection()

    async def _show_application(self, link: ApplicationLink) -> None:
        if application := await self._find_application(link.digest, link.connection):
            self._places.show_application(application)

    async def _show_case(self, link: CaseLink) -> None:
        if not await self._places.show_case(link.case):
            self._say(_NO_CASE)

    async def _show_message(self, link: MessageLink) -> None:
        found = await self._places.find_message(link)
        if found is None:
            self._say(_NO_MESSAGE)
        else:
            self._places.show_message(found, link)

    async def _show_finding(self, link: FindingLink) -> None:
        application = None
        if link.application:
            application = await self._find_application(link.application, link.connection)
            if application is None:
                return
        elif not await self._enter_by_id(link.connection):
            return
        sentence = _NO_FINDING.format(f"IBC-{link.number:04}")
        self._places.show_finding(link, application, lambda: self._say(sentence))

    async def _find_application(self, digest: str, connection: str) -> Application | None:
        """Return an application of this connection, or say why there is none.

        Applications that are listed again meanwhile are looked at once more.
        """
        if not await self._enter_by_id(connection):
            return None
        account = self._account

        def find() -> Application | None:
            listed = account.applications or ()
            return next((one for one in listed if code_digest(one.code) == digest), None)

        await self._until(lambda: find() or not account.is_listing)
        if found := find():
            return found
        self._say(_NOT_LISTED if account.applications is None else _NO_APPLICATION)
        return None

    async def _enter_by_id(self, uuid: str) -> bool:
        """Open a connection by its UUID; one that is not saved here means the open one.

        A colleague who made the link may have the same account under another UUID.
        """
        saved = self._connections.settings.connection(uuid) if self._connections else None
        if saved:
            return await self._enter(saved)
        if self._account.connection.base_url:
            return True
        self._say(_UNKNOWN_CONNECTION if uuid else _NO_CONNECTION)
        return False

    async def _enter(self, connection: Connection) -> bool:
        """Open a connection unless it is open, after a question; return whether it is open."""
        opener, account = self._connections, self._account
        assert opener is not None, "it has the connection"  # noqa: S101
        await self._until(lambda: not opener.is_opening)  # the last one, at the start

        def is_open() -> bool:
            return account.connection.id == connection.id

        if is_open():
            return True
        answer = await self._ask(_about_connection(connection, account.connection))
        if answer == LinkDialog.ELSEWHERE:
            self.window_requested.emit(connection, self._text)
        if answer != QDialog.DialogCode.Accepted:
            return False
        opener.start_opening(connection)
        await self._until(lambda: is_open() or not opener.is_opening)
        # The connecting page says why a connection could not be opened.
        return await self._until(is_open, seconds=self.STATUS_DELAY)

    async def _wait_for_dialogs(self) -> bool:
        """Ask whether to show the link once the open dialogs are closed, and wait for that."""
        if not has_dialog(self._window):
            return True
        if await self._ask(_AFTER_DIALOG) != QDialog.DialogCode.Accepted:
            return False
        await self._until(lambda: not has_dialog(self._window))
        return True

    async def _ask(self, question: LinkQuestion) -> int:
        """Ask, and return the result of the dialog; a newer link takes the question away."""
        dialog = LinkDialog(question, self._theme, self._window)
        answer: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def on_finished(result: int) -> None:
            if not answer.done():
                answer.set_result(result)

        dialog.finished.connect(on_finished)
        open_dialog(dialog)
        try:
            return await answer
        except asyncio.CancelledError:
            with suppress(RuntimeError):  # deleted with the window
                dialog.reject()
            raise

    async def _until(
        self, condition: Callable[[], object], *, seconds: float | None = None
    ) -> bool:
        """Wait until a condition is true; return false if it is not after this time."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while not condition():
                    await self._next_look()
        return bool(condition())

    async def _next_look(self) -> None:
        """Wait for a change; the end of a task, or of a dialog, is none that is announced."""
        self._changed.clear()
        with suppress(TimeoutError):
            async with asyncio.timeout(_LOOK_INTERVAL):
                await self._changed.wait()

    def _say(self, sentence: str) -> None:
        self.notice_raised.emit(Severity.INFO, sentence)


_AFTER_DIALOG = LinkQuestion(
    "A link was opened",
    "What it leads to can be shown once the dialog that is open is closed. The dialog stays as it"
    " is.",
    "Show it then",
    "Forget the link",
)


def _about_connection(wanted: Connection, opened: ConnectionStatus) -> LinkQuestion:
    name = wanted.name
    kind = "production account" if wanted.environment is Environment.PRODUCTION else "account"
    now = opened.name or opened.base_url
    return LinkQuestion(
        f"Open the connection {name}?",
        f"The link is about the {kind} {name} ({wanted.base_url})."
        + (f" {now} is open now, and would be closed." if now else ""),
        f"Open {name}",
        f"Stay on {now}" if now else "Cancel",
        "Open in a new window" if now else "",
    )
