"""The inspector: everything about the selected record, as summary, JSON, raw bytes and answer."""

import msgspec
from msgspec.structs import replace
from PySide6.QtCore import Signal
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QStackedWidget,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ibconsole.errors import UserError
from ibconsole.services.request_log import mask_body_part
from ibconsole.ui.toolkit import SPACE, CodeDisplay, Theme, copy_to_clipboard
from ibconsole.ui.viewers import (
    BoundedText,
    JsonTree,
    JsonView,
    RawBytes,
    RawView,
    Summary,
    SummaryView,
    format_json,
)
from ibconsole.ui.widgets import IconButton, Notice


class ShownRecord(msgspec.Struct, frozen=True):
    """A body with and without its application codes, both as bytes and as text.

    `whole` is false if the body is only the beginning; it has no tree then.
    """

    body: bytes = b""
    masked: bytes = b""
    text: BoundedText = BoundedText()
    masked_text: BoundedText = BoundedText()
    whole: bool = True


def prepare_record(body: bytes, total: int, after: bytes = b"") -> ShownRecord:
    """Format the beginning of a body of `total` bytes; takes some milliseconds.

    `after` are bytes that follow: a code may be cut at the end of the beginning.
    """
    whole = len(body) == total
    masked = mask_body_part(body + after, 0, len(body))
    text, masked_text = format_json(body), format_json(masked)
    if not whole:
        note = f"The first of {total:,} bytes; Raw has all of them, and can save them."
        text, masked_text = replace(text, note=note), replace(masked_text, note=note)
    return ShownRecord(body, masked, text, masked_text, whole)


class Inspector(QWidget):
    """The tabs. Raw bytes are requested only when their tab is visible.

    `raw_requested` is emitted with the start of the part to show. Where `codes` stay masked, they
    are not revealed, and bytes are not saved.
    """

    raw_requested = Signal(int)
    save_requested = Signal()
    retry_requested = Signal()

    def __init__(
        self, theme: Theme, parent: QWidget | None = None, *, codes: CodeDisplay | None = None
    ) -> None:
        super().__init__(parent)
        self._codes = codes or CodeDisplay(self)
        self._record = ShownRecord()
        self._raw: tuple[RawBytes, RawBytes] | None = None  # masked and clear
        self._answer: Summary | None = None
        self.theme = theme
        self.summary = SummaryView(theme, codes=self._codes)
        self.json = JsonView(theme, "JSON")
        self.tree = JsonTree()
        self.json_page = QStackedWidget()
        self.raw = RawView(theme)
        self.delivery = SummaryView(theme, codes=self._codes)
        self.tabs = QTabWidget(documentMode=True)
        self.notice = Notice(theme)
        self.copy = IconButton("copy", "Copy what is shown", theme)
        self.reveal = IconButton("eye", "Show application codes", theme)
        self.as_tree = IconButton("layers", "Show JSON as a tree", theme)
        self.as_hex = IconButton("binary", "Show bytes as hex", theme)
        self.more = IconButton("ellipsis", "More on this message", theme)
        self.menu = QMenu(self)
        self._pages = QStackedWidget()
        self._lay_out()
        self._connect()
        self._follow_policy()
        self.show_nothing()

    @property
    def shows_something(self) -> bool:
        """True if a record is shown."""
        return self._pages.currentWidget() is self.tabs

    @property
    def reveals_codes(self) -> bool:
        """True if application codes are shown readable."""
        return self._codes.reveals(wanted=self.reveal.isChecked())

    def offer(self, *, on: bool) -> None:
        """Offer `menu`, by a button and as context menu, or take it away."""
        self.more.setVisible(on)
        self.tree.offers_column = on

    def mark(self, wanted: str) -> None:
        """Mark the matches of a searched text, in this and in later records."""
        self.summary.mark(wanted)
        self.json.mark(wanted)
        self.raw.view.mark(wanted)

    def show_nothing(self) -> None:
        """Show that nothing is selected."""
        self._clear()
        self.notice.show_empty("Select a message or a request to inspect it.")
        self._pages.setCurrentWidget(self.notice)

    def show_missing(self) -> None:
        """Show that the selected record is no longer in the archive."""
        self._clear()
        self.notice.show_empty("This record is no longer in the archive.")
        self._pages.setCurrentWidget(self.notice)

    def show_failed(self, error: UserError) -> None:
        """Show that the archive could not be read."""
        self._clear()
        self.notice.show_failed(str(error), error.details)
        self._pages.setCurrentWidget(self.notice)

    def show_record(
        self, summary: Summary, record: ShownRecord, answer: Summary | None = None
    ) -> None:
        """Show a record, on the current tab; its application codes are masked at first.

        `answer` is what was answered to the request that it came with, None if it was pulled.
        """
        self._clear()
        self._record, self._answer = record, answer
        self.tabs.setTabVisible(self.tabs.indexOf(self.delivery), answer is not None)
        self._show_answer()
        self.summary.show_summary(summary)
        self._show_json()
        self._pages.setCurrentWidget(self.tabs)
        self._request_raw()

    def show_raw(self, raw: RawBytes, masked: RawBytes | None = None) -> None:
        """Show a part of the raw bytes; the first part decides between text and hex.

        `masked` is the same part without application codes, None if it has none.
        """
        self._raw = (masked or raw, raw)
        if not raw.start:
            before = self.as_hex.blockSignals(True)  # noqa: FBT003 Qt's
            self.as_hex.setChecked(not raw.text_first)
            self.as_hex.blockSignals(before)
        self._show_raw()

    # Qt's side

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        if self.more.isHidden():
            super().contextMenuEvent(event)
        else:
            self.menu.popup(event.globalPos())

    def _clear(self) -> None:
        self._record, self._raw = ShownRecord(), None
        self.reveal.setChecked(False)
        self.tree.show_body(b"")
        self.raw.clear()

    def _request_raw(self) -> None:
        if self.shows_something and self.tabs.currentWidget() is self.raw and self.raw.raw is None:
            self.raw_requested.emit(0)

    def _show_answer(self) -> None:
        if self._answer and self.tabs.currentWidget() is self.delivery:
            self.delivery.show_summary(self._answer)

    def _show_json(self) -> None:
        """Show JSON as a tree if the user chose that and it is possible, else as text."""
        record, clear = self._record, self.reveals_codes
        self.json.show_text(record.text if clear else record.masked_text)
        is_tree = self.as_tree.isChecked() and record.whole and self.tree.show_body(self._body)
        self.json_page.setCurrentWidget(self.tree if is_tree else self.json)

    def _on_tab_changed(self) -> None:
        current = self.tabs.currentWidget()
        is_text = current in {self.json_page, self.raw}
        self.copy.setVisible(is_text)
        self.as_tree.setVisible(current is self.json_page)
        self.as_hex.setVisible(current is self.raw)
        self.reveal.setVisible(is_text)
        self._request_raw()
        self._show_answer()

    def _on_as_hex_toggled(self) -> None:
        self._show_raw()

    def _on_reveal_toggled(self, clear: bool) -> None:
        self.reveal.change_icon("eye-off" if clear else "eye")
        self.reveal.rename("Mask application codes" if clear else "Show application codes")
        if self.shows_something:
            self._show_json()
            self._show_raw()

    def _follow_policy(self) -> None:
        for button in (self.reveal, self.raw.save):
            button.lock(self._codes.why_masked)

    def _show_raw(self) -> None:
        if self._raw:
            raw = self._raw[self.reveals_codes]
            self.raw.show_part(raw, as_hex=self.as_hex.isChecked())

    @property
    def _body(self) -> bytes:
        record = self._record
        return record.body if self.reveals_codes else record.masked

    def _on_as_tree_toggled(self) -> None:
        self._show_json()

    def _on_copy_clicked(self) -> None:
        raw = self.raw.raw.data if self.raw.raw else b""
        body = raw if self.tabs.currentWidget() is self.raw else self._body
        copy_to_clipboard(body.decode(errors="replace"))

    def _connect(self) -> None:
        self.tabs.currentChanged.connect(self._on_tab_changed)
        self.copy.clicked.connect(self._on_copy_clicked)
        self.reveal.toggled.connect(self._on_reveal_toggled)
        self.as_hex.toggled.connect(self._on_as_hex_toggled)
        self.as_tree.toggled.connect(self._on_as_tree_toggled)
        self.raw.part_requested.connect(self.raw_requested)
        self.raw.save_requested.connect(self.save_requested)
        self.notice.retry_requested.connect(self.retry_requested)
        self._codes.changed.connect(self._follow_policy)

    def _lay_out(self) -> None:
        self.as_hex.setCheckable(True)
        self.as_tree.setCheckable(True)
        self.reveal.setCheckable(True)
        self.json_page.addWidget(self.json)
        self.json_page.addWidget(self.tree)
        corner = QWidget()
        buttons = QHBoxLayout(corner)
        buttons.setContentsMargins(0, 0, SPACE, 0)
        buttons.setSpacing(SPACE)
        buttons.addWidget(self.reveal)
        buttons.addWidget(self.as_tree)
        buttons.addWidget(self.as_hex)
        buttons.addWidget(self.copy)
        buttons.addWidget(self.more)
        self.tabs.setCornerWidget(corner)
        self.tabs.addTab(self.summary, "Summary")
        self.tabs.addTab(self.json_page, "JSON")
        self.tabs.addTab(self.raw, "Raw")
        self.tabs.addTab(self.delivery, "Delivery")
        self.delivery.setAccessibleName("Answer to the request")
        self.tabs.setAccessibleName("Inspector")
        self._pages.addWidget(self.tabs)
        self._pages.addWidget(self.notice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
        self.more.setMenu(self.menu)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        for button in (self.copy, self.as_hex, self.reveal, self.as_tree, self.more):
            button.hide()
