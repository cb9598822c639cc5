"""Copying messages, findings and tests as the text that Infobip's support asks for."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ibconsole.clock import now_ms
from ibconsole.lazy import LazyModule
from ibconsole.plural import counted
from ibconsole.services.messages import Delivery, StoredMessage
from ibconsole.ui.toolkit import CodeDisplay, Theme, UiTasks, copy_to_clipboard
from ibconsole.ui.widgets import open_dialog

if TYPE_CHECKING:
    from ibconsole.services.evidence import support
    from ibconsole.services.threads import FollowedThread
    from ibconsole.ui.threads import support_dialog

    SupportItem: TypeAlias = support.SupportMessage | support.SupportFinding | support.SupportTest
else:  # imported when something is copied first
    support = LazyModule("ibconsole.services.evidence.support")
    support_dialog = LazyModule("ibconsole.ui.threads.support_dialog")

_TASK = "copy for support"


class DeliveredMessages(Protocol):
    """Reads whole messages, and how they came."""

    async def messages(self, ids: Sequence[int]) -> Sequence[StoredMessage]: ...
    async def delivery(self, delivery: int) -> Delivery | None: ...


class SupportCopy(QObject):
    """Writes the text, and copies it: at once, or after the dialog in which choices are made.

    `base_urls` returns those of saved connections by UUID. `copied` carries a sentence on what was
    copied. Only the last request is carried out.
    """

    copied = Signal(str)

    def __init__(
        self,
        record: DeliveredMessages,
        tasks: UiTasks,
        theme: Theme,
        codes: CodeDisplay,
        window: QWidget,
        *,
        redact: Callable[[str], str],
    ) -> None:
        super().__init__(window)
        self._record = record
        self._tasks = tasks
        self._theme = theme
        self._window = window
        self._codes = codes
        self._redact = redact
        self.base_urls: Callable[[], Mapping[str, str]] = dict

    def copy_messages(self, ids: Sequence[int], *, asks: bool = False) -> None:
        """Begin to copy these messages, the last of them if there are many."""
        self._tasks.start(_TASK, self._copy_messages, ids[: support.MOST_LISTED], asks)

    def copy_thread(self, thread: "FollowedThread", *, asks: bool = False) -> None:
        """Copy the messages of a thread."""
        self.copy_items(support.followed_messages(thread, self.base_urls()), asks=asks)

    def copy_items(self, items: "Sequence[SupportItem]", *, asks: bool = False) -> None:
        """Copy these items; if it `asks`, after the dialog."""

        def write(choices: "support.SupportChoices") -> str:
            return support.support_text(items, choices, now_ms(), self._redact)

        if not asks:
            copy_to_clipboard(write(support.SupportChoices()))
            self.copied.emit(f"Copied for Infobip support: {_named(items)}, with masked codes.")
            return
        dialog = support_dialog.SupportDialog(write, self._theme, self._codes, self._window)

        def copy() -> None:
            copy_to_clipboard(dialog.text)
            self.copied.emit(f"Copied for Infobip support: {_named(items)}.")

        dialog.accepted.connect(copy)
        open_dialog(dialog)

    async def _copy_messages(self, ids: Sequence[int], asks: bool) -> None:
        found = await self._record.messages(ids)
        deliveries = {
            one: await self._record.delivery(one)
            for one in dict.fromkeys(message.delivery for message in found)
        }
        urls = self.base_urls()

        def read() -> "Sequence[SupportItem]":
            return [
                support.message_of(
                    one, deliveries[one.delivery], urls.get(one.connection or "", "")
                )
                for one in found
            ]

        self.copy_items(await asyncio.to_thread(read), asks=asks)


def _named(items: "Sequence[SupportItem]") -> str:
    nouns = {
        support.SupportMessage: "message",
        support.SupportFinding: "finding",
        support.SupportTest: "forward test",
    }
    found = {nouns[type(one)] for one in items}
    return counted(len(items), found.pop() if len(found) == 1 else "item")
