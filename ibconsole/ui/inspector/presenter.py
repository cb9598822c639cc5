"""The presenter of the inspector: reads the selected record from the archive."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from ibconsole.clock import now_ms
from ibconsole.errors import UserError
from ibconsole.services.messages import Delivery, Progress, Slice, StoredMessage, Via
from ibconsole.services.request_log import MARGIN, mask_body_part
from ibconsole.services.team.reading import number_of
from ibconsole.ui.inspector.delivery_page import answer_summary
from ibconsole.ui.inspector.inspector import Inspector, prepare_record
from ibconsole.ui.inspector.summary import delivery_summary, message_summary, related_ids
from ibconsole.ui.toolkit import ApplicationNames, TimeDisplay, UiTasks
from ibconsole.ui.viewers import MAX_CHARACTERS, PART, RecordKind, Summary, prepare_raw
from ibconsole.ui.widgets import JobResult, ProgressDialog, open_dialog

_FIRST_PART = 4 * MAX_CHARACTERS  # bytes of a body that are read at first; most bodies are smaller
_SAVE = "Save all bytes"


class InspectionSource(Protocol):
    """The part of the archive that the inspector reads."""

    async def message(self, message: int) -> StoredMessage | None: ...
    async def delivery(self, delivery: int) -> Delivery | None: ...
    async def slice(self, delivery: int, start: int, size: int, *, raw: bool = False) -> Slice: ...
    async def trailing_bytes(self, delivery: int) -> bytes: ...
    async def find_message(self, message_id: str, application: str) -> int | None: ...
    async def save_body(
        self,
        delivery: int,
        target: Path,
        on_progress: Callable[[Progress], None],
        *,
        raw: bool = False,
    ) -> int: ...


class InspectorPresenter(QObject):
    """Reads the selected record from the archive. Only the last selection is shown.

    `message_changed` is emitted when `message`, the shown one, becomes another one or None.
    """

    message_changed = Signal()

    def __init__(
        self,
        inspector: Inspector,
        archive: InspectionSource,
        names: ApplicationNames,
        tasks: UiTasks,
        *,
        time_display: TimeDisplay | None = None,
    ) -> None:
        super().__init__(inspector)
        self._time_display = time_display or TimeDisplay(self)
        self._inspector = inspector
        self._archive = archive
        self._names = names
        self._tasks = tasks
        self.message: StoredMessage | None = None
        self._delivery: Delivery | None = None
        self._selected: tuple[RecordKind, int] | None = None
        inspector.raw_requested.connect(self._on_raw_requested)
        inspector.save_requested.connect(self._on_save_requested)
        inspector.summary.link_activated.connect(self._on_link_activated)
        inspector.retry_requested.connect(self._reload)
        self._time_display.changed.connect(self._reload)

    def inspect_message(self, message: int) -> None:
        """Show a message by its id."""
        self._start(RecordKind.MESSAGE, message)

    def inspect_request(self, delivery: int) -> None:
        """Show a delivery by its id: a request to the listener, or a pull."""
        self._start(RecordKind.DELIVERY, delivery)

    def clear(self) -> None:
        """Show nothing."""
        self._selected = self._delivery = None
        self._tasks.cancel("inspect")
        self._tasks.cancel("inspect raw")
        self._inspector.show_nothing()
        self._set_message(None)

    async def show(self, kind: RecordKind, number: int) -> None:
        """Read and show a message or a delivery."""
        self._delivery = None
        self._set_message(None)
        try:
            if kind is RecordKind.MESSAGE:
                await self._show_message(number)
            else:
                await self._show_delivery(number)
        except UserError as error:
            self._inspector.show_failed(error)

    async def show_raw(self, start: int) -> None:
        """Read and show the raw bytes of the current record from this offset."""
        delivery = self._delivery
        if delivery is None:
            return
        first = max(start - MARGIN, 0)
        size = start - first + PART + MARGIN
        try:
            part = await self._archive.slice(
                delivery.id, first, size, raw=delivery.via is Via.FORWARD
            )
        except UserError as error:
            self._inspector.show_failed(error)
            return
        begin = min(start - first, len(part.data))
        data = part.data[begin : begin + PART]
        shown = await asyncio.to_thread(mask_body_part, part.data, begin, begin + len(data))
        place = first + begin
        raw = await asyncio.to_thread(prepare_raw, data, place, part.total)
        masked = await asyncio.to_thread(prepare_raw, shown, place, part.total)
        if delivery is self._delivery:
            self._inspector.show_raw(raw, masked)

    async def _show_message(self, number: int) -> None:
        message = await self._archive.message(number)
        if message is None:
            self._inspector.show_missing()
            return
        delivery = await self._archive.delivery(message.delivery)
        summary = await asyncio.to_thread(
            message_summary,
            message,
            delivery,
            self._names,
            now_ms(),
            self._time_display.zone,
            await self._related(message),
        )
        record = await asyncio.to_thread(prepare_record, message.body, len(message.body))
        await self._prepare(summary)
        self._delivery = delivery
        self._inspector.show_record(summary, record, self._answer_to(delivery))
        self._set_message(message)

    async def _related(self, message: StoredMessage) -> dict[str, int]:
        """Return the ids of the messages that this one answers and that are in the archive."""
        found = {}
        for name in await asyncio.to_thread(related_ids, message):
            number = await self._archive.find_message(name, message.application_code)
            if number is not None:
                found[name] = number
        return found

    async def _show_delivery(self, number: int) -> None:
        delivery = await self._archive.delivery(number)
        if delivery is None:
            self._inspector.show_missing()
            return
        part = await self._archive.slice(number, 0, _FIRST_PART + MARGIN)
        body, after = part.data[:_FIRST_PART], part.data[_FIRST_PART:]
        record = await asyncio.to_thread(prepare_record, body, part.total, after)
        trailing = await self._archive.trailing_bytes(number)
        summary = delivery_summary(delivery, now_ms(), self._time_display.zone, trailing=trailing)
        await self._prepare(summary)
        self._delivery = delivery
        self._inspector.show_record(summary, record, self._answer_to(delivery))

    def _answer_to(self, delivery: Delivery | None) -> Summary | None:
        if delivery is None or delivery.via is not Via.FORWARD:
            return None
        return answer_summary(delivery, self._time_display.zone)

    async def _prepare(self, summary: Summary) -> None:
        """Let the window live between the rows that this summary needs."""
        for _ in self._inspector.summary.prepare(summary):
            await asyncio.sleep(0)

    def _set_message(self, message: StoredMessage | None) -> None:
        self.message = message
        self.message_changed.emit()

    def _start(self, kind: RecordKind, number: int) -> None:
        self._selected = (kind, number)
        self._tasks.cancel("inspect raw")
        self._tasks.start("inspect", self.show, kind, number)

    def _reload(self) -> None:
        if self._selected:
            self._start(*self._selected)

    def _on_link_activated(self, kind: str, number: int) -> None:
        self._start(RecordKind(kind), number)

    def _on_raw_requested(self, start: int) -> None:
        self._tasks.start("inspect raw", self.show_raw, start)

    def _on_save_requested(self) -> None:
        delivery = self._delivery
        if delivery is None:
            return
        forwarded = delivery.via is Via.FORWARD
        dialog = QFileDialog(self._inspector.window(), _SAVE)
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(f"{'request' if forwarded else 'pull'}-{number_of(delivery.id)}.bin")

        def save(file: str) -> None:
            async def job(on_progress: Callable[[Progress], None]) -> JobResult:
                target = Path(file)
                size = await self._archive.save_body(
                    delivery.id, target, on_progress, raw=forwarded
                )
                return JobResult(f"{size:,} bytes are in {target}.")

            stop_note = "Stopping leaves no file behind."
            window = self._inspector.window()
            ProgressDialog(_SAVE, stop_note, self._inspector.theme, window).begin(
                "save body", job, self._tasks
            )

        dialog.fileSelected.connect(save)
        dialog.finished.connect(dialog.deleteLater)
        open_dialog(dialog)
