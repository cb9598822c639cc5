"""The presenter of the forward test: it sends one test for each request of the user."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QObject

from ibconsole.errors import UserError
from ibconsole.hosts import host_of, is_certainly_loopback
from ibconsole.lazy import LazyModule
from ibconsole.services.forward_test import (
    ForwardTest,
    LadderPlan,
    OnRung,
    Sender,
    envelope_of,
    save_report,
)
from ibconsole.services.messages import Filter, Listing, StoredMessage
from ibconsole.ui.forward_test.pane import ForwardTestPane
from ibconsole.ui.toolkit import Permit, UiTasks, run_at_once

if TYPE_CHECKING:
    from ibconsole.services.evidence import har
else:  # imported when a test is saved in this format
    har = LazyModule("ibconsole.services.evidence.har")

TEST = "forward test"
_MAX_LISTED = 200


class ForwardTestSender(Protocol):
    """Tests a forward URL rung by rung; `on_rung` is called with what is known.

    `observed_sender` is the platform as its forwards show it, None if there are none.
    """

    async def observed_sender(self) -> Sender | None: ...

    async def climb(
        self, url: str, payload: bytes, plan: LadderPlan, on_rung: OnRung
    ) -> ForwardTest: ...


class ForwardTestReader(Protocol):
    """Reads previous tests and messages from the archive."""

    async def forward_tests(self, limit: int) -> Sequence[ForwardTest]: ...
    async def message(self, message: int) -> StoredMessage | None: ...
    async def search(self, criteria: Filter, *, limit: int | None = None) -> Listing: ...


class ForwardTestPresenter(QObject):
    """Sends a test once for each request of the user, never by itself.

    A test that leaves this computer runs through `permit`, which asks the user to unlock the
    connection if it is locked.
    """

    def __init__(
        self,
        pane: ForwardTestPane,
        sender: ForwardTestSender,
        archive: ForwardTestReader,
        tasks: UiTasks,
    ) -> None:
        super().__init__(pane)
        self._pane = pane
        self._sender = sender
        self._archive = archive
        self._tasks = tasks
        self.permit: Permit = run_at_once
        pane.send_requested.connect(self._on_send_requested)
        pane.stop_requested.connect(self._on_stop_requested)
        pane.message_requested.connect(
            lambda message: tasks.start("message to test with", self.use_message, message)
        )
        pane.last_message_requested.connect(
            lambda code: tasks.start("message to test with", self.use_last_message, code)
        )
        pane.save_requested.connect(
            lambda test, path: tasks.start("save forward test", self.save, test, Path(path))
        )
        # Learning takes a tenth of a second: not while the window opens with another tab.
        pane.shown.connect(lambda: tasks.start("observed sender", self.offer_observed_sender))
        tasks.start("previous tests", self.load)

    async def send(self, url: str, payload: bytes, plan: LadderPlan) -> None:
        """Climb one ladder, and show each rung and the result."""
        self._pane.show_busy()
        try:
            test = await self._sender.climb(url, payload, plan, self._pane.show_progress)
        except UserError as error:
            self._pane.show_failed(error)
            return
        except asyncio.CancelledError:
            self._pane.show_stopped()
            raise
        self._pane.show_test(test)
        await self.load()

    async def load(self) -> None:
        """List the previous tests again."""
        try:
            self._pane.results.show_previous(await self._archive.forward_tests(_MAX_LISTED))
        except UserError as error:
            self._pane.show_failed(error)

    async def offer_observed_sender(self) -> None:
        """Offer the platform as observed in place of the assumption, if it was observed."""
        try:
            sender = await self._sender.observed_sender()
        except UserError as error:
            self._pane.show_failed(error)
            return
        if sender:
            self._pane.options.offer_platform(sender)

    async def save(self, test: ForwardTest, target: Path) -> None:
        """Write the result to a file, in the format of its suffix."""
        is_har = target.suffix.lower() == ".har"
        try:
            await asyncio.to_thread(har.save_test if is_har else save_report, test, target)
        except UserError as error:
            self._pane.show_failed(error)
        else:
            self._pane.show_saved(target)

    async def use_message(self, message: int) -> None:
        """Use a message of the archive as the payload; one that was deleted changes nothing."""
        try:
            stored = await self._archive.message(message)
        except UserError as error:
            self._pane.show_failed(error)
            return
        if stored:
            self._pane.payload.show_payload(
                envelope_of(stored.body), f"Message {stored.message_id}"
            )

    async def use_last_message(self, application: str = "") -> None:
        """Use the message of an application, or of any, that arrived last as the payload."""
        try:
            found = await self._archive.search(Filter(application=application), limit=1)
        except UserError as error:
            self._pane.show_failed(error)
            return
        if found.ids:
            await self.use_message(found.ids[-1])
        else:
            self._pane.show_no_message()

    def _on_send_requested(self, url: str, payload: bytes, plan: object) -> None:
        # Starting another test would cancel the one in progress.
        if not isinstance(plan, LadderPlan) or self._tasks.running(TEST):
            return
        permit = run_at_once if is_certainly_loopback(host_of(url)) else self.permit
        permit(lambda: self._tasks.start(TEST, self.send, url, payload, plan))

    def _on_stop_requested(self) -> None:
        self._tasks.cancel(TEST)
