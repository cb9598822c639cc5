"""All there is to know of what is selected: Summary, JSON and the raw bytes."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QStackedWidget,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import UserError
from ibconsole.services.messages import Delivery, Progress, Slice, StoredMessage
from ibconsole.ui.inspector.summary import delivery_summary, message_summary, related_ids
from ibconsole.ui.toolkit import SPACE, ApplicationNames, Theme, UiTasks, times
from ibconsole.ui.viewers import (
    PART,
    SHOWN,
    BoundedText,
    JsonTree,
    JsonView,
    RawBytes,
    RawView,
    Summary,
    SummaryView,
    prepared,
    readable,
)
from ibconsole.ui.widgets import IconButton, Notice, Told, WorkDialog

_OPENED = 4 * SHOWN  # bytes of a body that are fetched at first; of most bodies that is all


class InspectionSource(Protocol):
    """The archive, as far as single things go."""

    async def message(self, message: int) -> StoredMessage | None: ...
    async def delivery(self, delivery: int) -> Delivery | None: ...
    async def slice(self, delivery: int, start: int, size: int, *, raw: bool = False) -> Slice: ...
    async def rest(self, delivery: int) -> bytes: ...
    async def named(self, message_id: str, application: str) -> int | None: ...
    async def save(
        self, delivery: int, target: Path, watch: Callable[[Progress], None], *, raw: bool = False
    ) -> int: ...


class Inspector(QWidget):
    """What the user sees. Asks for the raw bytes when somebody looks at them, not before."""

    raw_requested = Signal(int)
    save_requested = Signal()
    retry_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._body = b""
        self._whole = True
        self.theme = theme
        self.summary = SummaryView(theme)
        self.json = JsonView(theme, "JSON")
        self.tree = JsonTree()
        self.json_page = QStackedWidget()
        self.raw = RawView(theme)
        self.tabs = QTabWidget(documentMode=True)
        self.notice = Notice(theme)
        self.copy = IconButton("copy", "Copy what is shown", theme)
        self.as_tree = IconButton("layers", "Show JSON as a tree", theme)
        self.as_hex = IconButton("binary", "Show bytes as hex", theme)
        self._pages = QStackedWidget()
        self._lay_out()
        self.tabs.currentChanged.connect(self._on_tab_changed)
        self.copy.clicked.connect(self._on_copy_clicked)
        self.as_hex.toggled.connect(self._on_as_hex_toggled)
        self.as_tree.toggled.connect(self._on_as_tree_toggled)
        self.raw.part_wanted.connect(self.raw_requested)
        self.raw.save_wanted.connect(self.save_requested)
        self.notice.retry_requested.connect(self.retry_requested)
        self.show_nothing()

    @property
    def shows_something(self) -> bool:
        """Whether something is selected and has been fetched."""
        return self._pages.currentWidget() is self.tabs

    def show_nothing(self) -> None:
        """Nothing is selected."""
        self._forget()
        self.notice.show_empty("Select a message or a request to see all of it.")
        self._pages.setCurrentWidget(self.notice)

    def show_gone(self) -> None:
        """What was selected is not in the archive any more."""
        self._forget()
        self.notice.show_empty("This is not in the archive any more.")
        self._pages.setCurrentWidget(self.notice)

    def show_failed(self, error: UserError) -> None:
        """The archive could not be read."""
        self._forget()
        self.notice.show_failed(str(error), getattr(error, "details", ""))
        self._pages.setCurrentWidget(self.notice)

    def show_found(
        self, summary: Summary, body: bytes, shown: BoundedText, *, whole: bool = True
    ) -> None:
        """Show something else, on the tab that is open.

        Of a body that is not `whole` it is the beginning; it is not to be copied for all of it.
        """
        self._forget()
        self._body, self._whole = body, whole
        self.summary.show_summary(summary)
        self.json.show_text(shown)
        self._show_json()
        self._pages.setCurrentWidget(self.tabs)
        self._ask_for_raw()

    def show_raw(self, raw: RawBytes) -> None:
        """Show bytes; the first of them as text if they are text."""
        if not raw.start:
            before = self.as_hex.blockSignals(True)  # noqa: FBT003 Qt's
            self.as_hex.setChecked(not raw.text_first)
            self.as_hex.blockSignals(before)
        self.raw.show_part(raw, as_hex=self.as_hex.isChecked())

    def _forget(self) -> None:
        self._body = b""
        self.tree.show_body(b"")
        self.raw.clear()

    def _ask_for_raw(self) -> None:
        shown = self._pages.currentWidget() is self.tabs
        if shown and self.tabs.currentWidget() is self.raw and self.raw.raw is None:
            self.raw_requested.emit(0)

    def _show_json(self) -> None:
        """As a tree, where that is wanted and can be."""
        shows = self.as_tree.isChecked() and self._whole and self.tree.show_body(self._body)
        self.json_page.setCurrentWidget(self.tree if shows else self.json)

    def _on_tab_changed(self) -> None:
        current = self.tabs.currentWidget()
        self.copy.setVisible(current is not self.summary)
        self.as_tree.setVisible(current is self.json_page)
        self.as_hex.setVisible(current is self.raw)
        self._ask_for_raw()

    def _on_as_hex_toggled(self) -> None:
        if self.raw.raw:
            self.raw.show_part(self.raw.raw, as_hex=self.as_hex.isChecked())

    def _on_as_tree_toggled(self) -> None:
        self._show_json()

    def _on_copy_clicked(self) -> None:
        raw = self.raw.raw.data if self.raw.raw else b""
        body = raw if self.tabs.currentWidget() is self.raw else self._body
        QGuiApplication.clipboard().setText(body.decode(errors="replace"))

    def _lay_out(self) -> None:
        self.as_hex.setCheckable(True)
        self.as_tree.setCheckable(True)
        self.json_page.addWidget(self.json)
        self.json_page.addWidget(self.tree)
        corner = QWidget()
        buttons = QHBoxLayout(corner)
        buttons.setContentsMargins(0, 0, SPACE, 0)
        buttons.setSpacing(SPACE)
        buttons.addWidget(self.as_tree)
        buttons.addWidget(self.as_hex)
        buttons.addWidget(self.copy)
        self.tabs.setCornerWidget(corner)
        self.tabs.addTab(self.summary, "Summary")
        self.tabs.addTab(self.json_page, "JSON")
        self.tabs.addTab(self.raw, "Raw")
        self.tabs.setAccessibleName("Inspector")
        self._pages.addWidget(self.tabs)
        self._pages.addWidget(self.notice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
        self.copy.hide()
        self.as_hex.hide()
        self.as_tree.hide()


class InspectorPresenter(QObject):
    """Fetches what is selected. What is selected last is what is shown, whatever takes longer."""

    def __init__(
        self,
        inspector: Inspector,
        archive: InspectionSource,
        names: ApplicationNames,
        tasks: UiTasks,
        *,
        clock: times.Clock | None = None,
    ) -> None:
        super().__init__(inspector)
        self._clock = clock or times.Clock(self)
        self._inspector = inspector
        self._archive = archive
        self._names = names
        self._tasks = tasks
        self._message: int | None = None
        self._delivery: Delivery | None = None
        self._asked: tuple[str, int] | None = None
        inspector.raw_requested.connect(self._on_raw_requested)
        inspector.save_requested.connect(self._on_save_requested)
        inspector.summary.link_activated.connect(self._start)
        inspector.retry_requested.connect(self._on_retry_requested)
        self._clock.changed.connect(self._show_again)

    def inspect_message(self, message: int) -> None:
        """Show a message."""
        self._start("message", message)

    def inspect_request(self, delivery: int) -> None:
        """Show a request that the listener was sent, or a pull."""
        self._start("delivery", delivery)

    def clear(self) -> None:
        """Show nothing."""
        self._asked = self._delivery = None
        self._tasks.cancel("inspect")
        self._tasks.cancel("inspect raw")
        self._inspector.show_nothing()

    async def show(self, kind: str, number: int) -> None:
        """Fetch and show a message or a delivery."""
        self._delivery = None
        try:
            if kind == "message":
                await self._show_message(number)
            else:
                await self._show_delivery(number)
        except UserError as error:
            self._inspector.show_failed(error)

    async def show_raw(self, start: int) -> None:
        """Fetch and show bytes that what is shown came in, from there on."""
        delivery = self._delivery
        if delivery is None:
            return
        try:
            part = await self._archive.slice(
                delivery.id, start, PART, raw=delivery.via == "forward"
            )
        except UserError as error:
            self._inspector.show_failed(error)
            return
        raw = await asyncio.to_thread(prepared, part.data, part.start, part.total)
        if delivery is self._delivery:
            self._inspector.show_raw(raw)

    async def _show_message(self, number: int) -> None:
        message = await self._archive.message(number)
        if message is None:
            self._inspector.show_gone()
            return
        delivery = await self._archive.delivery(message.delivery)
        summary = await asyncio.to_thread(
            message_summary,
            message,
            delivery,
            self._names,
            times.now_ms(),
            self._clock.zone,
            await self._related(message),
        )
        shown = await asyncio.to_thread(readable, message.body)
        self._delivery = delivery
        self._inspector.show_found(summary, message.body, shown)

    async def _related(self, message: StoredMessage) -> dict[str, int]:
        """Those that a message answers, as far as they are here."""
        found = {}
        for name in await asyncio.to_thread(related_ids, message):
            here = await self._archive.named(name, message.application_code)
            if here is not None:
                found[name] = here
        return found

    async def _show_delivery(self, number: int) -> None:
        delivery = await self._archive.delivery(number)
        if delivery is None:
            self._inspector.show_gone()
            return
        part = await self._archive.slice(number, 0, _OPENED)
        shown = await asyncio.to_thread(readable, part.data)
        whole = len(part.data) == part.total
        if not whole:
            note = f"The first of {part.total:,} bytes; Raw has all of them, and can save them."
            shown = replace(shown, note=note)
        rest = await self._archive.rest(number)
        self._delivery = delivery
        summary = delivery_summary(delivery, times.now_ms(), self._clock.zone, rest=rest)
        self._inspector.show_found(summary, part.data, shown, whole=whole)

    def _start(self, kind: str, number: int) -> None:
        self._asked = (kind, number)
        self._tasks.cancel("inspect raw")
        self._tasks.start("inspect", self.show, kind, number)

    def _show_again(self) -> None:
        if self._asked:
            self._start(*self._asked)

    def _on_raw_requested(self, start: int) -> None:
        self._tasks.start("inspect raw", self.show_raw, start)

    def _on_save_requested(self) -> None:
        delivery = self._delivery
        if delivery is None:
            return
        forwarded = delivery.via == "forward"
        dialog = QFileDialog(self._inspector.window(), "Save all of it")
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.selectFile(f"{'request' if forwarded else 'pull'}-{delivery.id}.bin")

        def save(chosen: str) -> None:
            async def work(watch: Callable[[Progress], None]) -> Told:
                target = Path(chosen)
                size = await self._archive.save(delivery.id, target, watch, raw=forwarded)
                return f"{size:,} bytes are in {target}.", "", ""

            safe = "Stopping it leaves no file behind."
            window = self._inspector.window()
            WorkDialog("Save all of it", safe, self._inspector.theme, window).begin(
                "save body", work, self._tasks
            )

        dialog.fileSelected.connect(save)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _on_retry_requested(self) -> None:
        self._show_again()
