"""Copying parts of messages to the clipboard, with application codes masked as they are shown."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol

from PySide6.QtCore import QObject

from ibconsole.services.messages import StoredMessage
from ibconsole.services.request_log import mask_body_codes
from ibconsole.ui.messages.columns import masked
from ibconsole.ui.messages.message_commands import Part
from ibconsole.ui.toolkit import UiTasks, copy_to_clipboard

_TASK = "copy messages"


class MessageLookup(Protocol):
    """Reads whole messages from the archive."""

    async def messages(self, ids: Sequence[int]) -> Sequence[StoredMessage]: ...


class Copying(QObject):
    """Reads messages and copies a part of them; only the last request is carried out.

    `report` is called with a sentence if there was nothing to copy.
    """

    def __init__(
        self,
        archive: MessageLookup,
        tasks: UiTasks,
        report: Callable[[str], object],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._archive = archive
        self._tasks = tasks
        self._report = report

    def start(self, part: Part, ids: Sequence[int], *, clear: bool = False) -> None:
        """Begin to copy a part of messages; application codes stay readable if `clear`."""
        self._tasks.start(_TASK, self.copy, part, ids, clear)

    async def copy(self, part: Part, ids: Sequence[int], clear: bool) -> None:
        """Copy a part of messages, in their order."""
        found = await self._archive.messages(ids)
        texts = await asyncio.to_thread(parts_of, part, found, clear=clear)
        if not texts:
            self._report(f"There is no {part}, so nothing was copied.")
            return
        copy_to_clipboard("\n".join(texts))


def parts_of(part: Part, messages: Sequence[StoredMessage], *, clear: bool) -> list[str]:
    """Return this part of each message that has it; JSON is on one line if there are several."""
    if part is Part.MESSAGE_ID:
        return [one.message_id for one in messages if one.message_id]
    if part is Part.TEXT:
        return [one.text if clear else masked(one.text, one) for one in messages if one.text]
    bodies = [one.body if clear else mask_body_codes(one.body) for one in messages]
    texts = [body.decode(errors="replace") for body in bodies]
    if len(texts) == 1:
        return texts
    # Between tokens line breaks are blanks, and within strings JSON has none.
    return [text.replace("\r", " ").replace("\n", " ") for text in texts]
