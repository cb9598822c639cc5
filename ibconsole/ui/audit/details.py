"""The details of one call: summary, the object before and after, and the answer."""

import json

from PySide6.QtWidgets import QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from ibconsole.ui.audit.model import CallDetails
from ibconsole.ui.toolkit import Command, Theme, copy_to_clipboard
from ibconsole.ui.viewers import JsonView, SummaryView
from ibconsole.ui.widgets import IconButton, Notice


class AuditDetails(QWidget):
    """Tabs with what is stored of a call, or a notice that none is selected."""

    def __init__(self, theme: Theme, copy_call: Command, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._details: CallDetails | None = None
        self.summary = SummaryView(theme)
        self.before = JsonView(theme, "The object before the call")
        self.after = JsonView(theme, "What the call sent")
        self.answer = JsonView(theme, "The answer to the call")
        self.tabs = QTabWidget(documentMode=True)
        self.copy = IconButton("copy", "Copy this call as JSON", theme, text="JSON")
        self.notice = Notice(theme)
        self._pages = QStackedWidget()
        self.copy.follow(copy_call)
        self._lay_out()
        self.show_nothing()

    def show_nothing(self) -> None:
        """Show that no call is selected."""
        self._details = None
        self.notice.show_empty("Select a row to see what was changed, by whom and why.")
        self._pages.setCurrentWidget(self.notice)

    def show_details(self, details: CallDetails) -> None:
        """Show a call; the open tab stays open."""
        self._details = details
        self.summary.show_summary(details.summary)
        self.before.show_text(details.before)
        self.after.show_text(details.after)
        self.answer.show_text(details.answer)
        self._pages.setCurrentWidget(self.tabs)

    def copy_as_json(self) -> None:
        """Copy everything that is stored of the call, with masked codes."""
        if self._details:
            copy_to_clipboard(json.dumps(dict(self._details.row), indent=2, ensure_ascii=False))

    def _lay_out(self) -> None:
        for view, title in (
            (self.summary, "Summary"),
            (self.before, "Before"),
            (self.after, "After"),
            (self.answer, "Answer"),
        ):
            self.tabs.addTab(view, title)
        self.tabs.setAccessibleName("The selected call")
        self.tabs.setCornerWidget(self.copy)
        self._pages.addWidget(self.tabs)
        self._pages.addWidget(self.notice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
