"""All there is to know of what is selected: Summary, JSON and the raw bytes."""

import asyncio
from dataclasses import dataclass
from typing import Protocol

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from ibconsole.errors import UserError
from ibconsole.services import Delivery, StoredMessage
from ibconsole.ui import times
from ibconsole.ui.hex_text import hex_dump, is_text
from ibconsole.ui.json_text import BoundedText, plain, readable
from ibconsole.ui.json_view import JsonView
from ibconsole.ui.naming import ApplicationNames
from ibconsole.ui.summary import Summary, delivery_summary, message_summary
from ibconsole.ui.summary_view import SummaryView
from ibconsole.ui.tasks import UiTasks
from ibconsole.ui.theme import SPACE, Theme
from ibconsole.ui.widgets.buttons import IconButton
from ibconsole.ui.widgets.notice import Notice


@dataclass(frozen=True, slots=True)
class RawBytes:
    """Bytes, ready to be shown either way; `text_first` says which is the better one."""

    body: bytes
    text: BoundedText
    hex: BoundedText
    text_first: bool


class InspectionSource(Protocol):
    """The archive, as far as single things go."""

    async def message(self, message: int) -> StoredMessage | None: ...
    async def delivery(self, delivery: int) -> Delivery | None: ...
    async def body(self, delivery: int) -> bytes: ...
    async def raw(self, delivery: int) -> bytes: ...


class Inspector(QWidget):
    """What the user sees. Asks for the raw bytes when somebody looks at them, not before."""

    raw_requested = Signal()
    retry_requested = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._body = b""
        self._raw: RawBytes | None = None
        self.summary = SummaryView(theme)
        self.json = JsonView(theme, "JSON")
        self.raw = JsonView(theme, "Raw bytes")
        self.tabs = QTabWidget(documentMode=True)
        self.notice = Notice(theme)
        self.copy = IconButton("copy", "Copy all of it", theme)
        self.as_hex = IconButton("binary", "Show bytes as hex", theme)
        self._pages = QStackedWidget()
        self._lay_out()
        self.tabs.currentChanged.connect(self._on_tab_changed)
        self.copy.clicked.connect(self._on_copy_clicked)
        self.as_hex.toggled.connect(self._on_as_hex_toggled)
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

    def show_found(self, summary: Summary, body: bytes, shown: BoundedText) -> None:
        """Show something else, on the tab that is open."""
        self._forget()
        self._body = body
        self.summary.show_summary(summary)
        self.json.show_text(shown)
        self._pages.setCurrentWidget(self.tabs)
        self._ask_for_raw()

    def show_raw(self, raw: RawBytes) -> None:
        """Show the bytes, as text if they are text."""
        self._raw = raw
        if self.as_hex.isChecked() == raw.text_first:
            self.as_hex.setChecked(not raw.text_first)  # which shows them, too
        else:
            self._show_bytes()

    def _forget(self) -> None:
        self._body = b""
        self._raw = None
        self.raw.show_text(BoundedText())

    def _ask_for_raw(self) -> None:
        shown = self._pages.currentWidget() is self.tabs
        if shown and self.tabs.currentWidget() is self.raw and self._raw is None:
            self.raw_requested.emit()

    def _show_bytes(self) -> None:
        if self._raw:
            self.raw.show_text(self._raw.hex if self.as_hex.isChecked() else self._raw.text)

    def _on_tab_changed(self) -> None:
        current = self.tabs.currentWidget()
        self.copy.setVisible(current is not self.summary)
        self.as_hex.setVisible(current is self.raw)
        self._ask_for_raw()

    def _on_as_hex_toggled(self) -> None:
        self._show_bytes()

    def _on_copy_clicked(self) -> None:
        raw = self._raw.body if self._raw else b""
        body = raw if self.tabs.currentWidget() is self.raw else self._body
        QGuiApplication.clipboard().setText(body.decode(errors="replace"))

    def _lay_out(self) -> None:
        self.as_hex.setCheckable(True)
        corner = QWidget()
        buttons = QHBoxLayout(corner)
        buttons.setContentsMargins(0, 0, SPACE, 0)
        buttons.setSpacing(SPACE)
        buttons.addWidget(self.as_hex)
        buttons.addWidget(self.copy)
        self.tabs.setCornerWidget(corner)
        self.tabs.addTab(self.summary, "Summary")
        self.tabs.addTab(self.json, "JSON")
        self.tabs.addTab(self.raw, "Raw")
        self.tabs.setAccessibleName("Inspector")
        self._pages.addWidget(self.tabs)
        self._pages.addWidget(self.notice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
        self.copy.hide()
        self.as_hex.hide()


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

    async def show_raw(self) -> None:
        """Fetch and show the bytes that what is shown came in."""
        delivery = self._delivery
        if delivery is None:
            return
        try:
            body = await self._raw_of(delivery)
        except UserError as error:
            self._inspector.show_failed(error)
            return
        raw = await asyncio.to_thread(_prepared, body)
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
        )
        shown = await asyncio.to_thread(readable, message.body)
        self._delivery = delivery
        self._inspector.show_found(summary, message.body, shown)

    async def _show_delivery(self, number: int) -> None:
        delivery = await self._archive.delivery(number)
        if delivery is None:
            self._inspector.show_gone()
            return
        body = await self._archive.body(number)
        shown = await asyncio.to_thread(readable, body)
        self._delivery = delivery
        summary = delivery_summary(delivery, times.now_ms(), self._clock.zone)
        self._inspector.show_found(summary, body, shown)

    async def _raw_of(self, delivery: Delivery) -> bytes:
        if delivery.via == "forward":
            return await self._archive.raw(delivery.id)
        return await self._archive.body(delivery.id)

    def _start(self, kind: str, number: int) -> None:
        self._asked = (kind, number)
        self._tasks.cancel("inspect raw")
        self._tasks.start("inspect", self.show, kind, number)

    def _show_again(self) -> None:
        if self._asked:
            self._start(*self._asked)

    def _on_raw_requested(self) -> None:
        self._tasks.start("inspect raw", self.show_raw)

    def _on_retry_requested(self) -> None:
        self._show_again()


def _prepared(body: bytes) -> RawBytes:
    return RawBytes(body, plain(body), hex_dump(body), is_text(body))
