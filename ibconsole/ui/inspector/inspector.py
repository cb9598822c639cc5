"""The inspector: everything about the selected record, as summary, JSON and raw bytes."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from ibconsole.errors import UserError
from ibconsole.ui.toolkit import SPACE, Theme, copy_to_clipboard
from ibconsole.ui.viewers import (
    BoundedText,
    JsonTree,
    JsonView,
    RawBytes,
    RawView,
    Summary,
    SummaryView,
)
from ibconsole.ui.widgets import IconButton, Notice


class Inspector(QWidget):
    """The tabs. Raw bytes are requested only when their tab is visible.

    `raw_requested` is emitted with the start of the part to show.
    """

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
        self.raw.part_requested.connect(self.raw_requested)
        self.raw.save_requested.connect(self.save_requested)
        self.notice.retry_requested.connect(self.retry_requested)
        self.show_nothing()

    @property
    def shows_something(self) -> bool:
        """True if a record is shown."""
        return self._pages.currentWidget() is self.tabs

    def show_nothing(self) -> None:
        """Show that nothing is selected."""
        self._clear()
        self.notice.show_empty("Select a message or a request to see all of it.")
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
        self, summary: Summary, body: bytes, shown: BoundedText, *, whole: bool = True
    ) -> None:
        """Show a record, on the current tab.

        `whole` is false if `body` is only the beginning of the body; it has no tree then.
        """
        self._clear()
        self._body, self._whole = body, whole
        self.summary.show_summary(summary)
        self.json.show_text(shown)
        self._show_json()
        self._pages.setCurrentWidget(self.tabs)
        self._request_raw()

    def show_raw(self, raw: RawBytes) -> None:
        """Show a part of the raw bytes; the first part decides between text and hex."""
        if not raw.start:
            before = self.as_hex.blockSignals(True)  # noqa: FBT003 Qt's
            self.as_hex.setChecked(not raw.text_first)
            self.as_hex.blockSignals(before)
        self.raw.show_part(raw, as_hex=self.as_hex.isChecked())

    def _clear(self) -> None:
        self._body = b""
        self.tree.show_body(b"")
        self.raw.clear()

    def _request_raw(self) -> None:
        if self.shows_something and self.tabs.currentWidget() is self.raw and self.raw.raw is None:
            self.raw_requested.emit(0)

    def _show_json(self) -> None:
        """Show JSON as a tree if the user chose that and it is possible, else as text."""
        is_tree = self.as_tree.isChecked() and self._whole and self.tree.show_body(self._body)
        self.json_page.setCurrentWidget(self.tree if is_tree else self.json)

    def _on_tab_changed(self) -> None:
        current = self.tabs.currentWidget()
        self.copy.setVisible(current is not self.summary)
        self.as_tree.setVisible(current is self.json_page)
        self.as_hex.setVisible(current is self.raw)
        self._request_raw()

    def _on_as_hex_toggled(self) -> None:
        if self.raw.raw:
            self.raw.show_part(self.raw.raw, as_hex=self.as_hex.isChecked())

    def _on_as_tree_toggled(self) -> None:
        self._show_json()

    def _on_copy_clicked(self) -> None:
        raw = self.raw.raw.data if self.raw.raw else b""
        body = raw if self.tabs.currentWidget() is self.raw else self._body
        copy_to_clipboard(body.decode(errors="replace"))

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
