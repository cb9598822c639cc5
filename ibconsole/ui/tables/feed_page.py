"""A list that grows, and what stands in its place while there is nothing in it."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from ibconsole.ui.tables.feed_table import FeedTable
from ibconsole.ui.toolkit import Theme
from ibconsole.ui.widgets import Banner, Notice, ProgressLine


class FeedPage(QWidget):
    """A toolbar, a line of progress, a banner for notices, and the table or a notice."""

    retry_requested = Signal()
    action_requested = Signal()

    def __init__(
        self, toolbar: QWidget, table: FeedTable, theme: Theme, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.progress = ProgressLine(theme)
        self.banner = Banner(theme)
        self.notice = Notice(theme)
        self.table = table
        self._failure = Banner(theme)
        self._working = False
        self._pages = QStackedWidget()
        self._pages.addWidget(table)
        self._pages.addWidget(self.notice)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        for widget in (toolbar, self.progress, self._failure, self.banner):
            layout.addWidget(widget)
        layout.addWidget(self._pages, 1)
        self.notice.retry_requested.connect(self.retry_requested)
        self.notice.action_requested.connect(self.action_requested)
        self._failure.action_requested.connect(self.retry_requested)
        self.notice.show_blank()
        self._pages.setCurrentWidget(self.notice)

    def set_working(self, *, on: bool) -> None:
        """Something is under way that has nothing to do with loading."""
        self._working = on
        self.progress.set_busy(on=on)

    def show_loading(self) -> None:
        """Work is at hand; what was there stays."""
        self.progress.set_busy(on=True)

    def show_table(self) -> None:
        """There are rows."""
        self._rest()
        self._pages.setCurrentWidget(self.table)

    def show_empty(self, sentence: str, action: str = "") -> None:
        """There are no rows: why, and one action."""
        self._rest()
        self.notice.show_empty(sentence, action)
        self._pages.setCurrentWidget(self.notice)

    def show_failed(self, sentence: str, details: str = "") -> None:
        """What failed; rows that are there stay, and are said to be old."""
        self._rest()
        if self._pages.currentWidget() is self.table:
            old = f"{sentence} What is shown below may be out of date."
            self._failure.show_notice("danger", old, action="Retry", closable=False)
        else:
            self.notice.show_failed(sentence, details)

    def _rest(self) -> None:
        self.progress.set_busy(on=self._working)
        self._failure.clear()
