"""A growing list, and the notice that replaces it while it is empty or unreadable."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from ibconsole.errors import Severity
from ibconsole.ui.toolkit import Theme
from ibconsole.ui.widgets import Banner, BannerOverlay, Notice, ProgressLine


class FeedPage(QWidget):
    """A toolbar, a progress line, the table or a notice, and banners above its lower edge.

    `table` may be a splitter of which the table is a part.
    """

    retry_requested = Signal()
    action_requested = Signal()

    def __init__(
        self, toolbar: QWidget, table: QWidget, theme: Theme, parent: QWidget | None = None
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
        self.banners = BannerOverlay(self._pages, self._failure, self.banner, elastic=table)
        self._pages.currentChanged.connect(self.banners.update_room)
        layout.addWidget(toolbar)
        layout.addWidget(self.progress)
        layout.addWidget(self.banners, 1)
        self.notice.retry_requested.connect(self.retry_requested)
        self.notice.action_requested.connect(self.action_requested)
        self._failure.action_requested.connect(self.retry_requested)
        self.notice.show_blank()
        self._pages.setCurrentWidget(self.notice)

    def set_working(self, *, on: bool) -> None:
        """Show progress of an operation other than loading, such as a pull."""
        self._working = on
        self.progress.set_busy(on=on)

    def show_loading(self) -> None:
        """Show progress; the current rows stay."""
        self.progress.set_busy(on=True)

    def show_table(self) -> None:
        """Show the table."""
        self._end_loading()
        self._pages.setCurrentWidget(self.table)

    def show_empty(self, sentence: str, action: str = "") -> None:
        """Show why there are no rows, and one action."""
        self._end_loading()
        self.notice.show_empty(sentence, action)
        self._pages.setCurrentWidget(self.notice)

    def show_failed(self, sentence: str, details: str = "") -> None:
        """Show an error; current rows stay, under a banner that says that they may be old."""
        self._end_loading()
        if self._pages.currentWidget() is self.table:
            text = f"{sentence} What is shown may be out of date."
            self._failure.show_notice(
                Severity.DANGER, text, action="Retry", details=details, closable=False
            )
        else:
            self.notice.show_failed(sentence, details)

    def _end_loading(self) -> None:
        self.progress.set_busy(on=self._working)
        self._failure.clear()
