"""What every pane has: a title with actions, a line of progress, and its designed states."""

from collections.abc import Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ibconsole.ui.toolkit import ROW_HEIGHT, SPACE, Theme, times
from ibconsole.ui.widgets.banner import Banner
from ibconsole.ui.widgets.elided_label import ElidedLabel
from ibconsole.ui.widgets.labels import heading, muted, set_tone
from ibconsole.ui.widgets.notice import Notice
from ibconsole.ui.widgets.progress_line import ProgressLine


class Splitter(QSplitter):
    """A splitter whose handle is one pixel; Qt takes hold of it from two more on each side."""

    def __init__(self, orientation: Qt.Orientation, parent: QWidget | None = None) -> None:
        super().__init__(orientation, parent)
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)


class PaneFrame(QFrame):
    """Shows content, that it is being loaded, that there is none, or that loading failed.

    What was there stays while the same thing is loaded again: dimmed, if it takes long.
    If that fails, it still stays, under a banner that says so. What is old says its age
    beside the title.
    """

    retry_requested = Signal()
    action_requested = Signal()
    banner_action_requested = Signal()

    DIM_AFTER_MS = 150
    AGES_MS = 10_000
    OLD_MS = 60_000

    def __init__(self, title: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("surface")
        self.setAccessibleName(title)
        self.banner = Banner(theme)
        self.notice = Notice(theme)
        self.progress = ProgressLine(theme)
        self._title = heading(title)
        self._subtitle = ElidedLabel()
        self.age = muted("")
        self._read_at: int | None = None
        self._ages = QTimer(self, interval=self.AGES_MS)
        self._titles = QHBoxLayout()
        self._body = QVBoxLayout()
        self._content = QWidget()
        self._pages = QStackedWidget()
        self._veil = _Veil(theme)
        self._failed_over_content = False
        self._failure = ""
        self._dim = QTimer(self, singleShot=True, interval=self.DIM_AFTER_MS)
        self._lay_out()
        self._dim.timeout.connect(self._veil.show)
        self._ages.timeout.connect(self._show_age)
        self.banner.action_requested.connect(self._on_banner_action_requested)
        self.notice.retry_requested.connect(self.retry_requested)
        self.notice.action_requested.connect(self.action_requested)
        self.show_blank()

    @property
    def has_content(self) -> bool:
        """Whether the content is shown, be it dimmed."""
        return self._pages.currentWidget() is self._content

    def set_subtitle(self, text: str) -> None:
        """Say beside the title what it is about."""
        self._subtitle.setText(text)

    def add_action(self, *widgets: QWidget) -> None:
        """Put buttons at the right of the title."""
        for widget in widgets:
            self._titles.addWidget(widget)

    def set_content(self, content: QWidget) -> None:
        """What `show_content` shows."""
        self._body.addWidget(content)

    def show_blank(self) -> None:
        """Nothing, for want of something to speak of."""
        self.date(None)
        self._rest()
        self.notice.show_blank()
        self._pages.setCurrentWidget(self.notice)

    def show_loading(self, *, keep: bool = True) -> None:
        """Work is at hand. Without `keep` the old content goes: it belongs to something else."""
        self._clear_failure()
        if not keep:
            self.banner.clear()
            self.show_blank()
        self.progress.set_busy(on=True)
        if self.has_content:
            self._dim.start()

    def date(self, read_at: int | None) -> None:
        """Say from when what is shown is (milliseconds since the epoch), once it is old."""
        self._read_at = read_at
        if read_at is None:
            self._ages.stop()
        else:
            self._ages.start()
        self._show_age()

    def show_content(self, read_at: int | None = None) -> None:
        """The content is there; it was up to date when it was read."""
        self._rest()
        self.date(read_at)
        self._pages.setCurrentWidget(self._content)

    def show_empty(self, sentence: str, action: str = "", *, icon_name: str = "inbox") -> None:
        """There is nothing: why, and one action."""
        self.date(None)
        self._rest()
        self.notice.show_empty(sentence, action, icon_name)
        self._pages.setCurrentWidget(self.notice)

    def show_failed(self, sentence: str, details: str = "", causes: Sequence[str] = ()) -> None:
        """Loading failed. Old content stays, and the banner says from when it is."""
        keeps = self.has_content
        self._rest()
        if keeps:
            self._failed_over_content = True
            self._failure = sentence
            told = "\n".join(filter(None, (*causes, details)))
            self.banner.show_notice("danger", self._stale(), action="Retry", details=told)
            self._show_age()
        else:
            self.date(None)
            self.notice.show_failed(sentence, details, causes)

    def show_limits(
        self, sentence: str, details: str = "", causes: Sequence[str] = (), *, retry: bool = True
    ) -> None:
        """This cannot be had, and that is no failure."""
        self.date(None)
        self._rest()
        self.notice.show_limits(sentence, details, causes, retry=retry)
        self._pages.setCurrentWidget(self.notice)

    def _stale(self) -> str:
        if self._read_at is None:
            return f"{self._failure} What is shown below may be out of date."
        clock = times.minute(self._read_at)
        age = times.age(self._read_at, times.now_ms())
        return f"As of {clock}, {age}; the refresh failed: {self._failure}"

    def _show_age(self) -> None:
        now = times.now_ms()
        read_at = now if self._read_at is None else self._read_at
        self.age.setVisible(now - read_at >= self.OLD_MS)
        self.age.setText(times.age(read_at, now))
        self.age.setToolTip(f"As of {times.exact(read_at)}")
        if self._failed_over_content:
            self.banner.change_text(self._stale())

    def _rest(self) -> None:
        self._clear_failure()
        self.progress.set_busy(on=False)
        self._dim.stop()
        self._veil.hide()

    def _clear_failure(self) -> None:
        if self._failed_over_content:
            self._failed_over_content = False
            self.banner.clear()

    def _on_banner_action_requested(self) -> None:
        if self._failed_over_content:
            self.retry_requested.emit()
        else:
            self.banner_action_requested.emit()

    def _lay_out(self) -> None:
        set_tone(self._subtitle, "muted")
        self._titles.setContentsMargins(2 * SPACE, SPACE, SPACE, SPACE)
        self._titles.setSpacing(SPACE)
        self._titles.addWidget(self._title)
        self._titles.addSpacing(SPACE)
        self._titles.addWidget(self._subtitle, 1)
        self._titles.addWidget(self.age)
        title_row = QWidget()
        title_row.setLayout(self._titles)
        title_row.setFixedHeight(ROW_HEIGHT + 2 * SPACE)
        self._body.setContentsMargins(0, 0, 0, 0)
        self._content.setLayout(self._body)
        self._pages.addWidget(self._content)
        self._pages.addWidget(self.notice)
        stack = QGridLayout()
        stack.addWidget(self._pages, 0, 0)
        stack.addWidget(self._veil, 0, 0)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(title_row)
        layout.addWidget(self.progress)
        layout.addWidget(self.banner)
        layout.addLayout(stack, 1)


class _Veil(QWidget):
    """Dims what lies under it, and lets the mouse through."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    # Qt's side

    def paintEvent(self, _event: QPaintEvent) -> None:
        colour = QColor(self._theme.colours.surface)
        colour.setAlpha(140)
        QPainter(self).fillRect(self.rect(), colour)
