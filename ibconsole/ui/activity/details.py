"""All there is to know of one request: what was asked, what was answered."""

from PySide6.QtWidgets import QStackedWidget, QTabWidget, QVBoxLayout, QWidget

from ibconsole.ui.activity.model import Told
from ibconsole.ui.toolkit import Command, Theme
from ibconsole.ui.viewers import JsonView, SummaryView
from ibconsole.ui.widgets import IconButton, Notice


class ActivityDetails(QWidget):
    """A summary with the headers, and both bodies; or that nothing is selected."""

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
    def shows_something(self) -> bool:
        """Whether a request is shown."""
        return self._pages.currentWidget() is self.tabs

    def show_nothing(self) -> None:
        """Nothing is selected."""
        self.notice.show_empty("Select a request to see all of it.")
        self._pages.setCurrentWidget(self.notice)

    def show_told(self, told: Told) -> None:
        """Show a request, on the tab that is open."""
        self.summary.show_summary(told.summary)
        self.request.show_text(told.request)
        self.answer.show_text(told.answer)
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
