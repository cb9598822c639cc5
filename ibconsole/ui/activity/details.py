"""The details of one request: summary, request body and answer body."""

from PySide6.QtWidgets import QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from ibconsole.ui.activity.model import EntryDetails
from ibconsole.ui.toolkit import Command, Theme
from ibconsole.ui.viewers import JsonView, SummaryView
from ibconsole.ui.widgets import IconButton, Notice


class ActivityDetails(QWidget):
    """Tabs with a summary and both bodies, or a notice that nothing is selected."""

    def __init__(self, theme: Theme, copy_curl: Command, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.summary = SummaryView(theme)
        self.request = JsonView(theme, "Body of the request")
        self.answer = JsonView(theme, "Body of the answer")
        self.tabs = QTabWidget(documentMode=True)
        self.copy_curl = IconButton("copy", "Copy as cURL", theme, text="cURL")
        self.notice = Notice(theme)
        self._pages = QStackedWidget()
        self.copy_curl.follow(copy_curl)
        self._lay_out()
        self.show_nothing()

    @property
    def has_details(self) -> bool:
        """True if a request is shown."""
        return self._pages.currentWidget() is self.tabs

    def show_nothing(self) -> None:
        """Show that no request is selected."""
        self.notice.show_empty("Select a request to see its details.")
        self._pages.setCurrentWidget(self.notice)

    def show_details(self, details: EntryDetails) -> None:
        """Show a request; the open tab stays open."""
        self.summary.show_summary(details.summary)
        self.request.show_text(details.request)
        self.answer.show_text(details.answer)
        self._pages.setCurrentWidget(self.tabs)

    def _lay_out(self) -> None:
        self.tabs.addTab(self.summary, "Summary")
        self.tabs.addTab(self.request, "Request")
        self.tabs.addTab(self.answer, "Answer")
        self.tabs.setAccessibleName("The selected request")
        self.tabs.setCornerWidget(self.copy_curl)
        self._pages.addWidget(self.tabs)
        self._pages.addWidget(self.notice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
